/*
The rules of a card, without a page: where the answer starts, what comes next, what can be undone.

A session is one reviewer's stay in one view. Its outbox holds every event that the store has not acknowledged;
what is decided, what can be undone and how far the reviewer is are worked out from the outbox and the last data.
*/

import { labelsOf, startOf } from "./card_votes.js";

const READING_MS = 1000; // that a tweet which somebody else decided first stands at least before it can be saved

// ---- a session -------------------------------------------------------------------------------------------------

export function openSession(reviewer, outbox = [], store = null) {
  return {
    reviewer,
    store, // its name: an event must never reach another store, where its tweet's number means another tweet
    outbox,
    refused: [], // {event, why, onCard}: can never be stored; kept until a person has read and confirmed it
    waiting: "", // why the server cannot save now, in a few words
    view: null,
    names: [],
    guidelines: null, // the version on the screen
    server: { decided: 0, total: 0, history: [] },
    current: null, // the tweet on screen
    start: [], // the labels its answer started with
    answer: new Set(),
    shownAt: 0,
    ahead: [], // tweets that an undo pushed back: they come before the queue
    queue: [], // what the server sent, less what is decided here
    skipped: [], // ids, in the order they were skipped
    drafts: new Map(), // id -> the answer of a tweet that left the screen undecided
    cards: new Map(), // event_id -> the tweet of a decision that is still in the outbox
    lastAt: Math.max(0, ...outbox.map(({ at }) => Date.parse(at)).filter(Number.isFinite)), // see `stamp`
    saves: [], // when each decision was made, for the rate
  };
}

/* Take what the server sent. Returns the events that are stored, and whether any left the outbox. */
export function receive(session, data, now) {
  const overtaken = overtakenCards(session, data);
  const settled = settle(session, data, new Set(overtaken.map(({ id }) => id)));
  session.waiting = session.outbox.length ? (data.waiting ?? "") : "";
  session.names = data.emotions.map((emotion) => emotion.name);
  session.guidelines = data.guidelines?.version ?? null;
  session.server = { decided: data.decided, total: data.total, history: data.history, again: Boolean(data.again) };
  if (session.view !== data.view) {
    session.refused.forEach((one) => (one.onCard = false));
    Object.assign(session, { view: data.view, current: null, ahead: [], queue: [], skipped: [] });
    session.drafts.clear();
  }
  const taken = new Set([...pendingDecisions(session), session.current?.id, ...session.ahead.map((card) => card.id)]);
  session.queue = skippedLast(session, data.tweets.filter((card) => !taken.has(card.id)));
  comeBack(session, overtaken, now);
  if (!session.current) advance(session, now);
  return settled;
}

/*
They come after the tweet on the screen, so that no key meant for that one saves them, and start at the answer that was
not saved. One that is still on the screen, as after a blind answer, is told of at once.
*/
function comeBack(session, overtaken, now) {
  for (const { card, labels } of overtaken) {
    session.drafts.set(card.id, { start: labels, answer: labels, decision: card.decision });
    if (session.current?.id === card.id) present(session, card, now);
    else session.ahead.unshift(card);
  }
}

/* The ids of tweets whose decision is on its way: the server may still send them as undecided. */
export function pendingDecisions(session) {
  const decided = new Set();
  for (const event of session.outbox) {
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

/* The answer starts at `labels`, else where it was left, else where `startOf` says. */
function present(session, card, now, labels = null) {
  session.current = card;
  session.shownAt = now;
  if (!card) return;
  const draft = draftOf(session, card);
  session.start = labels ?? draft?.start ?? startOf(card, session.names);
  session.answer = new Set(labels ?? draft?.answer ?? session.start);
}

/* The answer that was left on a tweet; none where somebody has decided the tweet since, since it knows nothing of that. */
function draftOf(session, card) {
  const draft = session.drafts.get(card.id);
  return draft?.decision === (card.decision ?? null) ? draft : undefined;
}

function setAside(session) {
  const { current: card, start, answer } = session;
  session.drafts.set(card.id, { start, answer: [...answer], decision: card.decision ?? null });
  return card;
}

// ---- what the reviewer does ------------------------------------------------------------------------------------

export function flip(session, name) {
  if (session.current.revealed) return; // what was answered blind stays as it was; undo takes it back
  if (!session.answer.delete(name)) session.answer.add(name);
}

/* Make the answer what source 1, 2, 3 or the majority (4) says; false where there is no such source. */
export function take(session, source) {
  const { current: card } = session;
  const labels = card.blind || card.revealed ? null : labelsOf(card, session.names, source);
  if (labels) session.answer = new Set(labels);
  return labels !== null;
}

/*
Save the answer and go on to the next tweet; returns the event, which is already in the outbox. A blind tweet stays, with
its sources on the screen; then this goes on without another event, and returns null.
*/
export function decide(session, id, now) {
  const { current: card, start } = session;
  if (card.overtaken && now - session.shownAt < READING_MS) return null; // nobody can have read whose decision it replaces
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
    seen: card.decision ?? null,
    by_chance: Boolean(card.by_chance),
    blind: Boolean(card.blind),
    guidelines: session.guidelines,
    labels: chosen(session),
    undoes: null,
    shown: {
      original: card.original,
      suggestion: card.suggestion,
      prediction: card.prediction,
      in_force: card.in_force ?? null,
      emotion: card.emotion,
      reason: card.reason,
      blind_share: card.blind_share ?? null, // under which it was drawn whether the card is blind
      start,
    },
    seconds: Math.round((now - session.shownAt) / 10) / 100,
    at: stamp(session, now),
  };
  session.outbox.push(event);
  session.cards.set(id, card);
  session.saves = [...session.saves.slice(-299), now];
  session.drafts.delete(card.id);
  session.skipped = session.skipped.filter((skipped) => skipped !== card.id);
  if (card.blind) reveal(session);
  else advance(session, now);
  return event;
}

function reveal(session) {
  session.current = { ...session.current, blind: false, revealed: true };
  session.start = chosen(session);
}

/*
Every event is later than all before it, whatever the clock does: the browser's storage knows their order by nothing
else, and an undo must not be sent before what it undoes.
*/
function stamp(session, now) {
  session.lastAt = Math.max(now, session.lastAt + 1);
  return new Date(session.lastAt).toISOString();
}

/*
Take the last decision back and bring its tweet to the screen; returns the event, or null with nothing to undo. The
answer is the one that was saved, unless another decision is in force then: it starts from that one.
*/
export function undo(session, id, now) {
  const last = undoable(session)[0];
  if (!last) return null;
  const event = {
    event_id: id,
    kind: "undo",
    store: session.store,
    reviewer: session.reviewer,
    tweet_id: last.card.id,
    labels: [],
    undoes: last.event_id,
    seen: last.card.decision ?? null, // what is in force then
    shown: null,
    seconds: 0,
    at: stamp(session, now),
  };
  session.outbox.push(event);
  session.saves.pop();
  if (session.current && session.current.id !== last.card.id) session.ahead.unshift(setAside(session));
  const elsewhere = (card) => card.id !== last.card.id;
  session.ahead = session.ahead.filter(elsewhere);
  session.queue = session.queue.filter(elsewhere);
  const card = { ...last.card, blind: false }; // its sources have been seen
  present(session, card, now, card.in_force ? null : last.labels);
  return event;
}

/* Flag the tweet on screen with a comment, or take its flag off with null; returns the event. */
export function flag(session, id, now, comment) {
  const event = {
    event_id: id,
    kind: "flag",
    store: session.store,
    reviewer: session.reviewer,
    tweet_id: session.current.id,
    comment,
    at: stamp(session, now),
  };
  session.outbox.push(event);
  return event;
}

/* The flag of a tweet: what is still in the outbox counts more than what the server `said`. */
export function flagOf(session, id, said) {
  const pending = session.outbox.findLast((event) => event.kind === "flag" && event.tweet_id === id);
  if (!pending) return said;
  return pending.comment === null ? null : { by: pending.reviewer, comment: pending.comment };
}

/* Put the tweet at the end, or leave it to who was faster; false where no other tweet is there to go to. */
export function skip(session, now) {
  if (session.current.overtaken || session.current.revealed) {
    advance(session, now);
    return true;
  }
  if (!session.ahead.length && !session.queue.length) return false;
  const card = setAside(session);
  session.skipped = [...session.skipped.filter((id) => id !== card.id), card.id];
  advance(session, now);
  session.queue.push(card);
  return true;
}

// ---- what the header says --------------------------------------------------------------------------------------

export function chosen(session) {
  return session.names.filter((name) => session.answer.has(name));
}

/* Decisions that can be undone, newest first: those still in the outbox, then the server's. */
export function undoable(session) {
  const undone = new Set(session.outbox.map((event) => event.undoes));
  const pending = session.outbox
    .filter((event) => session.cards.has(event.event_id))
    .map(({ event_id, labels }) => ({ event_id, labels, card: session.cards.get(event_id) }))
    .reverse();
  const known = new Set(pending.map((entry) => entry.event_id));
  const older = session.server.history.filter((entry) => !known.has(entry.event_id));
  return [...pending, ...older].filter((entry) => !undone.has(entry.event_id));
}
