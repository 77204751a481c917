/*
The state of a card, independent of the page: where the answer starts, and which tweet comes next.

A session is one reviewer's work in one view. Its outbox contains every event that the store has not acknowledged. The
decided tweets and the progress are derived from the outbox and the latest data; card_undo.js has what can be undone.
*/

import { overtakenCards, refusedEdits, settle } from "./card_refused.js";
import { labelsOf, startOf } from "./card_votes.js";

const READING_MS = 1000; // minimum time on screen before a tweet decided by somebody else can be saved
const MOST_DONE = 100; // actions that are remembered for undo

// ---- a session -------------------------------------------------------------------------------------------------

export function openSession(reviewer, outbox = [], store = null) {
  return {
    reviewer,
    store, // its name: tweet numbers differ between stores, so an event must never reach another store
    outbox,
    settled: [], // events that are stored, while the data from the server may not include them yet
    refused: [], // {event, why, onCard, editAgain}: can never be stored; kept until the reviewer confirms them
    waiting: "", // why the server cannot save now
    view: null,
    names: [],
    guidelines: null, // the version on screen
    server: { decided: 0, total: 0, history: [] },
    current: null, // the tweet on screen
    start: [], // the initial labels of the answer
    answer: new Set(),
    isTouched: false, // whether the answer is the reviewer's: something was chosen, or the answer was saved before
    isAsked: false, // whether the card has asked if the tweet has no emotion
    shownAt: 0,
    ahead: [], // tweets brought back by an undo, before the queue
    queue: [], // tweets from the server that are not decided here
    skipped: [], // ids, in order of skipping; the server keeps them while the reviewer is on other pages
    done: [], // decisions, flags and skips of this session, oldest first; see card_undo.js
    drafts: new Map(), // id -> the answer, and the edited text, of a tweet that left the screen undecided
    cards: new Map(), // event_id -> the tweet of a decision in the outbox or in `settled`
    lastAt: Math.max(0, ...outbox.map(({ at }) => Date.parse(at)).filter(Number.isFinite)), // see `stamp`
    saves: [], // times of decisions, for the rate
  };
}

/* The events that the data from the server does not include: those that are not stored yet, and the newest others. */
export const notInData = ({ settled, outbox }) => [...settled, ...outbox];

/* The server has stored these events; returns them. They are kept until the data from the server includes them. */
export function acknowledge(session, ids) {
  const stored = session.outbox.filter(({ event_id }) => ids.includes(event_id));
  session.outbox = session.outbox.filter((event) => !stored.includes(event));
  session.settled.push(...stored);
  if (!session.outbox.length) session.waiting = "";
  return stored;
}

/* Process data from the server. Returns the stored events, and whether any event left the outbox. */
export function receive(session, data, now) {
  const overtaken = overtakenCards(session, data);
  const edits = refusedEdits(session, data);
  const settled = settle(session, data, { overtaken, edits });
  session.waiting = session.outbox.length ? (data.waiting ?? "") : "";
  session.names = data.emotions.map((emotion) => emotion.name);
  session.guidelines = data.guidelines?.version ?? null;
  session.server = { decided: data.decided, total: data.total, history: data.history, allDecided: Boolean(data.all_decided) };
  if (session.view !== data.view) {
    session.refused.forEach((one) => Object.assign(one, { onCard: false, editAgain: false }));
    Object.assign(session, { view: data.view, current: null, ahead: [], queue: [], skipped: data.skipped ?? [] });
    session.done = session.done.filter(({ kind }) => kind !== "skip");
    session.drafts.clear();
  }
  putBack(session, [...overtaken, ...edits], now);
  const taken = new Set([...pendingDecisions(session), session.current?.id, ...session.ahead.map((card) => card.id)]);
  session.queue = skippedLast(session, data.tweets.filter((card) => !taken.has(card.id)));
  if (!session.current) advance(session, now);
  return settled;
}

/*
Show the tweets of refused events again, starting from the unsaved answers. They come after the tweet on screen, so
that a key press meant for it cannot save another tweet. Only a tweet that is still on screen, as after a blind answer,
is shown at once.
*/
function putBack(session, refused, now) {
  for (const { card, labels } of refused) {
    const decision = card.decision ?? null;
    const edited = card.edited ?? null;
    session.drafts.set(card.id, { start: labels, answer: labels, decision, edited, isTouched: true });
    session.ahead = session.ahead.filter(({ id }) => id !== card.id);
    if (session.current?.id === card.id) present(session, card, now);
    else session.ahead.unshift(card);
  }
}

/* The ids of tweets with decisions that the data does not include: it may still list them as undecided. */
export function pendingDecisions(session) {
  const decided = new Set();
  for (const event of notInData(session)) {
    if (event.kind === "decide") decided.add(event.tweet_id);
    if (event.kind === "undo") decided.delete(event.tweet_id);
  }
  return decided;
}

function skippedLast(session, cards) {
  const rank = (card) => session.skipped.indexOf(card.id); // -1: not skipped
  return [...cards].sort((a, b) => rank(a) - rank(b));
}

function advance(session, now) {
  present(session, session.ahead.shift() ?? session.queue.shift() ?? null, now);
}

/* The answer starts at `labels`, else at the draft, else at `startOf`. */
export function present(session, card, now, labels = null) {
  Object.assign(session, { current: card, shownAt: now, isAsked: false });
  if (!card) return;
  const draft = labels ? undefined : draftOf(session, card);
  if (draft?.edited) session.current = { ...card, edited: draft.edited };
  session.isTouched = labels !== null || Boolean(draft?.isTouched);
  session.start = labels ?? draft?.start ?? startOf(card, session.names);
  session.answer = new Set(labels ?? draft?.answer ?? session.start);
}

/* The unsaved answer of a tweet; none if somebody has decided the tweet since. */
function draftOf(session, card) {
  const draft = session.drafts.get(card.id);
  return draft?.decision === (card.decision ?? null) ? draft : undefined;
}

/* Keep the answer of the tweet on screen as its draft; returns the tweet. */
export function setAside(session) {
  const { current: card, start, answer, isTouched } = session;
  const decision = card.decision ?? null;
  session.drafts.set(card.id, { start, answer: [...answer], decision, edited: card.edited ?? null, isTouched });
  return card;
}

// ---- what the reviewer does ------------------------------------------------------------------------------------

export function flip(session, name) {
  if (session.current.revealed) return; // a blind answer is final; undo reopens it
  if (!session.answer.delete(name)) session.answer.add(name);
  session.isTouched = true;
}

/* Set the answer to source 1, 2, 3 or the majority (4); false without that source. */
export function take(session, source) {
  const { current: card } = session;
  const labels = card.blind || card.revealed ? null : labelsOf(card, session.names, source);
  if (labels) Object.assign(session, { answer: new Set(labels), isTouched: true });
  return labels !== null;
}

/*
Whether saving now would give "no emotion" although nobody said so: the reviewer has chosen nothing yet, and no source on
the card, nor the decision in force, is without emotions.
*/
export function isUnanswered({ current: card, answer, isTouched }) {
  if (answer.size || isTouched || card.revealed || card.in_force) return false;
  const given = card.blind ? [] : [card.original, card.suggestion?.labels, card.prediction?.labels];
  return !given.some((labels) => labels?.length === 0);
}

/* Whether to ask, instead of saving, if the tweet has no emotion; only once for each tweet shown. */
export function asksFirst(session) {
  const asks = !session.isAsked && isUnanswered(session);
  session.isAsked ||= asks;
  return asks;
}

/*
Save the answer and continue; returns the event, which is already in the outbox. A blind tweet stays on screen with
its sources revealed; the next call continues without an event and returns null. `details` gives the fields that only
this kind of card sends.
*/
export function decide(session, id, now, details = decisionDetails) {
  const { current: card } = session;
  if (card.overtaken && now - session.shownAt < READING_MS) return null; // too soon to have read whose decision it is
  if (card.revealed) {
    advance(session, now);
    return null;
  }
  const event = {
    event_id: id,
    kind: "decide",
    store: session.store,
    reviewer: session.reviewer,
    tweet_id: card.id,
    labels: chosen(session),
    seconds: Math.round((now - session.shownAt) / 10) / 100,
    at: stamp(session, now),
    ...details(session),
  };
  session.outbox.push(event);
  session.cards.set(id, card);
  session.saves = [...session.saves.slice(-299), now];
  session.drafts.delete(card.id);
  session.skipped = session.skipped.filter((skipped) => skipped !== card.id);
  remember(session, { kind: "decide", event_id: id, card });
  if (card.blind) reveal(session);
  else advance(session, now);
  return event;
}

/* The fields of a decision that only the review card sends; see `Decision` in jobs/review/review_messages.py. */
function decisionDetails({ current: card, start, guidelines }) {
  const { original, suggestion, prediction, in_force = null, emotion, reason, blind_share = null } = card;
  return {
    seen: card.decision ?? null,
    by_chance: Boolean(card.by_chance),
    blind: Boolean(card.blind),
    guidelines,
    shown: { original, suggestion, prediction, in_force, emotion, reason, blind_share, start },
  };
}

function reveal(session) {
  session.current = { ...session.current, blind: false, revealed: true };
  session.start = chosen(session);
}

/*
Give every event a later time than all before it, whatever the clock does: the browser's storage sorts by time, and an
undo must not be sent before the event it undoes.
*/
export function stamp(session, now) {
  session.lastAt = Math.max(now, session.lastAt + 1);
  return new Date(session.lastAt).toISOString();
}

/*
Remember an action for undo. A tweet that was skipped earlier is no longer: it is decided now, or skipped again.
*/
export function remember(session, action) {
  const isOld = ({ kind, card }) => kind === "skip" && card.id === action.card.id && action.kind !== "flag";
  session.done = [...session.done.filter((one) => !isOld(one)), action].slice(-MOST_DONE);
}

/* Move the tweet to the end, or drop it if somebody else decided it; false if there is no other tweet. */
export function skip(session, now) {
  if (session.current.overtaken || session.current.revealed) {
    advance(session, now);
    return true;
  }
  if (!session.ahead.length && !session.queue.length) return false;
  const card = setAside(session);
  session.skipped = [...session.skipped.filter((id) => id !== card.id), card.id];
  remember(session, { kind: "skip", card });
  advance(session, now);
  session.queue.push(card);
  return true;
}

/* Let the skipped tweets come next; the server puts them in their places in the list again. Returns their number. */
export function showSkipped(session) {
  const { skipped, queue } = session;
  const isSkipped = ({ id }) => skipped.includes(id);
  session.queue = [...queue.filter(isSkipped), ...queue.filter((card) => !isSkipped(card))];
  session.skipped = [];
  session.done = session.done.filter(({ kind }) => kind !== "skip");
  return skipped.length;
}

// ---- the answer ------------------------------------------------------------------------------------------------

export function chosen(session) {
  return session.names.filter((name) => session.answer.has(name));
}
