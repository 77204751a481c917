/*
The frame common to all cards: lifecycle in the page, keyboard, outbox, and saving status.

Streamlit calls the function from `mount` whenever the data changes, with the same parent element, to which the card's
state is attached. A kind of card provides `open(card)`, which creates `card.view`; `receive(card, data)`; `press(card,
key, target)`, true if the key was used; `show(card, restWords)` for another tweet; `mark(card)` for changes on the
same tweet; `buttons(card, state)`; `rest(card)`, a heading and a sentence for an empty queue; and `unit`, a word.
*/

import { decidedCount, rate } from "./card_count.js";
import { leaveClosedList, listen } from "./card_keys.js";
import { openSession, receive, showSkipped, skip } from "./card_model.js";
import { tellDone, tellSkipped } from "./card_done.js";
import { openNavigation } from "./card_navigation.js";
import { makeSender, openStorage, pageMemory } from "./card_outbox.js";
import { openPosting } from "./card_posting.js";
import { confirmOnCard, confirmRefused } from "./card_refused.js";
import { buildSaving, showSaving } from "./card_saving.js";
import { canUndo, undoNewest } from "./card_undo.js";
import { cue, notice, topLine } from "./card_view.js";

const LATE_MS = 2000; // then "saving…" becomes "not saved yet"
const HELD_MS = 500; // interval of attempts to send while the reviewer leaves the page, or while it is running
const now = () => Date.now();
const later = (action, ms) => setTimeout(action, ms);
const isRunning = () => document.querySelector("[data-testid=stApp]")?.dataset.testScriptState === "running";

/* The function that Streamlit calls for a kind of card; it returns the cleanup function. */
export function mount(kind) {
  const cards = new WeakMap(); // parent element -> card
  return ({ data, parentElement, setStateValue }) => {
    if (!cards.has(parentElement)) cards.set(parentElement, openCard(kind, parentElement));
    const card = cards.get(parentElement);
    card.setStateValue = setStateValue;
    update(card, data);
    const visit = attach(card);
    return () => {
      if (card.visit === visit) detach(card); // unless a later call has taken over
    };
  };
}

function openCard(kind, parent) {
  const card = { kind, parent, session: null, emotions: [], title: "", unsavedSince: null, shown: undefined };
  const isSavable = () => card.session.outbox.length > 0 && !card.session.waiting && !card.away;
  card.navigation = openNavigation(window, { now, later }, {
    wait: () => isSavable() || card.isRunAsked,
    send: () => isSavable() && card.sender.flush(),
  });
  const isBusy = () => isRunning() || card.navigation.isLeaving() || card.navigation.isHolding();
  const clock = { now, later, cancel: (timer) => clearTimeout(timer), isBusy };
  const run = (value) => send(card, "refresh", value);
  card.posting = openPosting(card, clock, { run, changed: () => refresh(card) });
  card.sender = makeSender(() => card.session.outbox, (events) => send(card, "outbox", events), clock, card.posting.poster);
  kind.open(card);
  card.view.parts.skipped.addEventListener("click", () => bringSkipped(card));
  card.saving = buildSaving(card.view.parts.saved, card.view.parts.notice, () => confirm(card));
  parent.append(card.view.root);
  return card;
}

// ---- from the server -------------------------------------------------------------------------------------------

function update(card, data) {
  const who = JSON.stringify([data.store, data.reviewer]);
  if (card.who !== who) openOutbox(card, data, who);
  if (card.session.view !== null && card.session.view !== data.view) leaveClosedList();
  const { view, skipped } = card.session;
  card.isRunAsked = false;
  const settled = receive(card.session, data, Date.now());
  card.storage.drop(settled.stored);
  card.sender.answered(settled.any);
  if (settled.any) card.unsavedSince = null;
  const isOther = view !== null && view !== data.view;
  if (isOther && String(skipped) !== String(card.session.skipped)) sendSkipped(card); // else a later skip may look the same
  Object.assign(card, { title: data.title, emotions: data.emotions, away: data.away ?? "", token: data.token ?? "" });
  card.letters = new Map(data.emotions.map(({ name, key }) => [key.toUpperCase(), name]));
  card.kind.receive(card, data);
  refresh(card);
}

/* Send events that an earlier page could not deliver; the store recognizes them by their id. */
function openOutbox(card, data, who) {
  card.who = who;
  card.storage = openStorage(data.store, () => window.localStorage, pageMemory(window));
  card.session = openSession(data.reviewer, card.storage.load(), data.store);
}

function attach(card) {
  const resting = !card.visit;
  const control = listen(card.parent.host ?? card.parent, (key, target) => card.kind.press(card, key, target));
  const hurry = () => document.hidden && card.sender.flush();
  const { signal } = control;
  card.navigation.watch(signal);
  document.addEventListener("visibilitychange", hurry, { signal });
  window.addEventListener("online", () => card.sender.flush(), { signal });
  preventFading(card.parent.host);
  card.visit = control;
  if (resting && card.session.outbox.length) card.sender.changed();
  return control;
}

function detach(card) {
  card.posting.rest();
  card.visit.abort();
  card.visit = null;
  card.sender.rest();
  clearTimeout(card.lateTimer);
}

/* Streamlit fades elements during a slow rerun; this card is never outdated. */
function preventFading(host) {
  const container = host?.closest("[data-testid=stElementContainer]");
  container?.style.setProperty("opacity", "1", "important");
}

// ---- from the reviewer -----------------------------------------------------------------------------------------

/*
Whether the name field already contains another name: the page is about to show that reviewer's card, and events of
this card would carry the old name.
*/
export function isLeaving(card) {
  const name = document.querySelector("input[aria-label=Reviewer]")?.value.trim();
  return Boolean(name) && name !== card.session.reviewer;
}

/* Send an event, and keep it in the browser until it is acknowledged. */
export function queue(card, event) {
  card.storage.put(event);
  card.storage.drop(confirmOnCard(card.session));
  card.sender.changed();
}

/* The reviewer has confirmed the refused events. */
function confirm(card) {
  card.storage.drop(confirmRefused(card.session));
  refresh(card);
}

export function undoLast(card) {
  const { session, view } = card;
  const undone = undoNewest(session, newId(), Date.now());
  if (!undone) return notice(view, "There is nothing left to undo.");
  if (undone.event) queue(card, undone.event);
  if (undone.kind === "skip") setTimeout(() => sendSkipped(card));
  const { kind, event } = undone;
  const flagged = event?.comment === null ? "the flag was removed" : "the flag is as it was before";
  const words = { decide: "Undone.", flag: `Undone: ${flagged}.`, skip: "Undone: the tweet is no longer skipped." };
  tellDone(view, words[kind], kind === "flag" ? "" : session.current.text);
}

export function skipCurrent(card) {
  if (!skip(card.session, Date.now())) return notice(card.view, "This is the only tweet left here.");
  card.storage.drop(confirmOnCard(card.session));
  setTimeout(() => sendSkipped(card));
  tellDone(card.view, "Skipped.", card.session.current?.text);
}

function bringSkipped(card) {
  showSkipped(card.session);
  sendSkipped(card);
  tellDone(card.view, "The skipped tweets are in their places in the list again.");
  refresh(card);
}

const sendSkipped = (card) => send(card, "skipped", card.session.skipped);

/* Give the server a new value of the card's state, which reruns the page; not while the reviewer leaves it. */
export function send(card, name, value) {
  if (!card.navigation.isLeaving()) {
    card.isRunAsked = true; // until its data comes, a link that is followed would be called back by the run
    card.setStateValue(name, value);
  } else setTimeout(() => card.visit && send(card, name, value), HELD_MS);
}

/* crypto.randomUUID is missing if the app is served over plain http to another machine. */
export function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

// ---- to the screen ---------------------------------------------------------------------------------------------

export function refresh(card) {
  const { session, view, kind } = card;
  const late = isLate(card);
  if (session.current !== card.shown || !session.current) {
    kind.show(card, restWords(card, late));
    if (session.current && card.shown) cue(view);
    card.shown = session.current;
  }
  if (session.current) kind.mark(card);
  topLine(view, {
    title: card.title,
    count: [session.server.allDecided ? null : decidedCount(session), session.server.total, kind.unit],
    rate: rate(session),
  });
  const { refused, outbox, waiting } = session;
  showSaving(card.saving, { unsaved: outbox.length, late, waiting, refused, isSafe: card.storage.isSafe() });
  tellSkipped(view, session.skipped.length);
  kind.buttons(card, { canUndo: canUndo(session), hasTweet: Boolean(session.current) });
}

function isLate(card) {
  clearTimeout(card.lateTimer);
  if (!card.session.outbox.length) card.unsavedSince = null;
  else card.unsavedSince ??= Date.now();
  if (card.unsavedSince === null) return false;
  const left = card.unsavedSince + LATE_MS - Date.now();
  if (left > 0) card.lateTimer = setTimeout(() => refresh(card), left);
  return left <= 0;
}

function restWords(card, late) {
  const n = card.session.outbox.length;
  if (card.away) return ["Waiting for the database…", `${card.away}. The page tries again every few seconds.`];
  if (late) return ["Waiting for the server…", `${n} not saved yet. Sending is repeated until everything is saved.`];
  if (n) return ["Loading the next tweets…", "Your last answers are being saved."];
  return card.kind.rest(card);
}
