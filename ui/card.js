/*
The review card: keys and clicks become events, the next tweet is drawn at once, the outbox follows when it can.

Streamlit calls the default export at every change of the data, with the same parent element; what the card knows lives
beside that element. See card.py for what travels in either direction.
*/

import { explain, openBeside, showBeside } from "./card_beside.js";
import { leaveClosedList, listen } from "./card_keys.js";
import { chosen, decidedCount, openSession, rate, receive, undoable } from "./card_model.js";
import { decide, flag, flagOf, flip, skip, take, undo } from "./card_model.js";
import { askComment, openNotes, showNotes, toggleHistory } from "./card_notes.js";
import { makeSender, openStorage } from "./card_outbox.js";
import { DEEDS, buildView, cue, forgetHint, header, mark, notice, say, show, toggleHelp } from "./card_view.js";

const LATE_MS = 2000; // from here on "saving…" is "not saved yet"
const CLOCK = {
  now: () => Date.now(),
  later: (action, ms) => setTimeout(action, ms),
  cancel: (timer) => clearTimeout(timer),
};

const cards = new WeakMap(); // parent element -> card

export default function reviewCard({ data, parentElement, setStateValue }) {
  const card = cards.get(parentElement) ?? openCard(parentElement);
  card.setStateValue = setStateValue;
  update(card, data);
  const visit = attach(card);
  return () => {
    if (card.visit === visit) detach(card); // not when a later call has taken over
  };
}

function openCard(parentElement) {
  const card = { parent: parentElement, session: null, emotions: [], title: "", unsavedSince: null, shown: undefined };
  card.view = buildView((name, detail) => act(card, name, detail));
  card.sender = makeSender(
    () => card.session.outbox,
    (events) => card.setStateValue("outbox", events),
    CLOCK,
  );
  card.beside = openBeside(
    (tweet) => card.setStateValue("explain", { tweet, at: Date.now() }),
    (at) => card.setStateValue("look", at),
  );
  card.notes = openNotes(
    (comment) => act(card, "comment", comment),
    () => act(card, "history"),
  );
  card.view.parts.work.querySelector(".reason").after(card.beside.root, card.notes.root);
  card.view.root.append(card.notes.dialog);
  parentElement.append(card.view.root);
  cards.set(parentElement, card);
  return card;
}

// ---- from the server -------------------------------------------------------------------------------------------

function update(card, data) {
  const who = JSON.stringify([data.store, data.reviewer]);
  if (card.who !== who) openOutbox(card, data, who);
  if (card.session.view !== null && card.session.view !== data.view) leaveClosedList();
  const hadSkipped = card.session.skipped.length > 0;
  const settled = receive(card.session, data, Date.now());
  card.storage.drop(settled.ids);
  card.sender.answered(settled.ids.length > 0);
  if (settled.ids.length) card.unsavedSince = null;
  if (settled.sentences.length) notice(card.view, [...new Set(settled.sentences)].join(" "), true);
  if (hadSkipped && !card.session.skipped.length) sendSkipped(card);
  Object.assign(card, { title: data.title, emotions: data.emotions, quiet: data.quiet ?? {} });
  card.letters = new Map(data.emotions.map(({ name, key }) => [key.toUpperCase(), name]));
  refresh(card);
}

/* Events that an earlier page could not deliver go out again: the store knows them by their id. */
function openOutbox(card, data, who) {
  card.who = who;
  card.storage = openStorage(data.store, data.reviewer, window.localStorage);
  card.session = openSession(data.reviewer, card.storage.load());
}

function attach(card) {
  const resting = !card.visit;
  const control = listen(card.parent.host ?? card.parent, (key, target) => press(card, key, target));
  const hurry = () => document.hidden && card.sender.flush();
  const { signal } = control;
  document.addEventListener("visibilitychange", hurry, { signal });
  window.addEventListener("online", () => card.sender.flush(), { signal });
  stayBright(card.parent.host);
  card.visit = control;
  if (resting && card.session.outbox.length) card.sender.changed();
  return control;
}

function detach(card) {
  card.visit.abort();
  card.visit = null;
  card.sender.rest();
  clearTimeout(card.lateTimer);
}

/* Streamlit fades what a slow rerun has not redrawn yet; this card is never out of date under the reviewer's hands. */
function stayBright(host) {
  const container = host?.closest("[data-testid=stElementContainer]");
  container?.style.setProperty("opacity", "1", "important");
}

// ---- from the reviewer -----------------------------------------------------------------------------------------

/* Returns whether the key was used up. */
function press(card, key, target) {
  const { keys } = card.view.parts;
  if (card.notes.dialog.open) return false;
  if (keys.open) return key === "?" && act(card, "help");
  if (key === " ") return act(card, "flip", target.dataset.label);
  if (card.letters.has(key)) return act(card, "flip", card.letters.get(key));
  const deed = DEEDS.find((one) => one.key === (key === "Backspace" ? "Z" : key));
  return Boolean(deed) && act(card, deed.name);
}

function act(card, name, detail) {
  const { session, view } = card;
  forgetHint(view);
  if (name === "help") toggleHelp(view, card.emotions);
  else if (name === "undo") bringBack(card);
  else if (!session.current) return true;
  else if (name === "flip") flip(session, detail);
  else if (session.current.blind && ["explain", "history"].includes(name)) return true;
  else if (name === "explain") explain(card.beside);
  else if (name === "skip") putOff(card);
  else if (name === "flag") askComment(card.notes);
  else if (name === "comment") setFlag(card, detail);
  else if (name === "history") toggleHistory(card.notes);
  else if (name === "save") save(card);
  else take(session, Number(name.at(-1)));
  refresh(card);
  return true;
}

function save(card) {
  const words = chosen(card.session).join(", ") || "no emotion";
  const event = decide(card.session, newId(), Date.now());
  if (!event) return say(card.view, card.session.current?.text ?? "");
  queue(card, event);
  say(card.view, `Saved: ${words}. ${card.session.current?.text ?? ""}`);
}

function bringBack(card) {
  const event = undo(card.session, newId(), Date.now());
  if (!event) return notice(card.view, "There is nothing left to undo.");
  queue(card, event);
  say(card.view, `Undone. ${card.session.current.text}`);
}

function putOff(card) {
  if (!skip(card.session, Date.now())) return notice(card.view, "This is the only tweet left here.");
  setTimeout(() => sendSkipped(card));
  say(card.view, `Skipped. ${card.session.current.text}`);
}

function setFlag(card, comment) {
  queue(card, flag(card.session, newId(), Date.now(), comment));
  say(card.view, comment === null ? "The flag is off." : "Flagged.");
}

const sendSkipped = (card) => card.setStateValue("skipped", card.session.skipped);

function queue(card, event) {
  card.storage.put(event);
  card.sender.changed();
}

/* crypto.randomUUID is missing where the app is served over plain http to another machine. */
function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

// ---- to the screen ---------------------------------------------------------------------------------------------

function refresh(card) {
  const { session, view } = card;
  const late = isLate(card);
  if (session.current !== card.shown || !session.current) {
    show(view, session, card.emotions, restWords(session, late));
    if (session.current && card.shown) cue(view);
    card.shown = session.current;
  }
  const isBlind = Boolean(session.current?.blind); // then nobody else is heard either
  showBeside(card.beside, card.quiet, isBlind ? null : (session.current?.id ?? null));
  card.notes.root.hidden = isBlind;
  const said = card.quiet.beside?.[session.current?.id] ?? {};
  showNotes(card.notes, session.current, flagOf(session, session.current?.id, said.flag ?? null), said.past ?? []);
  if (session.current) mark(view, session);
  header(view, {
    title: card.title,
    decided: decidedCount(session),
    total: session.server.total,
    rate: rate(session),
    unsaved: session.outbox.length,
    late,
    canUndo: undoable(session).length > 0,
    hasTweet: Boolean(session.current),
    canTake: Boolean(session.current) && !session.current.blind && !session.current.revealed,
  });
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

function restWords(session, late) {
  const n = session.outbox.length;
  if (late) return ["Waiting for the server…", `${n} not saved yet: kept in this browser and sent as soon as it answers.`];
  if (n) return ["Loading the next tweets…", "Your last decisions are being saved."];
  const others = session.server.total - session.server.decided;
  if (others > 0) {
    const words = "What is left is in front of other reviewers; what they leave comes back after some minutes.";
    return ["Nothing left for you here", `${words} Choose another queue or filter, or look again later.`];
  }
  return [
    "Nothing left here",
    "Every tweet of this queue is decided. Choose another queue or filter, or retrain on what you approved.",
  ];
}
