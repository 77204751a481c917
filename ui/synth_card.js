/*
The card for synthetic tweets: the review card's keys, session and outbox, around another view and another verdict.
*/

import { leaveClosedList, listen } from "./card_keys.js";
import { chosen, decidedCount, flip, openSession, rate, receive, skip, undo, undoable } from "./card_model.js";
import { makeSender, openStorage } from "./card_outbox.js";
import { cue, forgetHint, notice, say } from "./card_view.js";
import { edit, judge } from "./synth_model.js";
import { buildDeeds, buildSynth, deedsOf, editSynth, endEdit, headSynth, helpSynth } from "./synth_view.js";
import { markSynth, showSynth } from "./synth_view.js";

const SLOW_MS = 2000; // from here on "saving…" is "not saved yet"
const TIMES = {
  now: () => Date.now(),
  later: (action, ms) => setTimeout(action, ms),
  cancel: (timer) => clearTimeout(timer),
};

const synths = new WeakMap(); // parent element -> card

export default function syntheticCard({ data, parentElement, setStateValue }) {
  const card = synths.get(parentElement) ?? openSynth(parentElement);
  card.setStateValue = setStateValue;
  takeData(card, data);
  const visit = hear(card);
  return () => {
    if (card.visit !== visit) return;
    card.visit.abort();
    card.visit = null;
    card.sender.rest();
    clearTimeout(card.lateTimer);
  };
}

function openSynth(parentElement) {
  const card = { parent: parentElement, session: null, unsavedSince: null, shown: undefined };
  card.view = buildSynth((name, detail) => deed(card, name, detail));
  const send = (events) => card.setStateValue("outbox", events);
  card.sender = makeSender(() => card.session.outbox, send, TIMES);
  parentElement.append(card.view.root);
  synths.set(parentElement, card);
  return card;
}

function takeData(card, data) {
  const who = JSON.stringify([data.store, data.reviewer]);
  if (card.who !== who) {
    card.who = who;
    card.storage = openStorage(data.store, data.reviewer, window.localStorage);
    card.session = openSession(data.reviewer, card.storage.load());
    buildDeeds(card.view, data.reasons);
  }
  if (card.session.view !== null && card.session.view !== data.view) leaveClosedList();
  const settled = receive(card.session, data, Date.now());
  card.storage.drop(settled.ids);
  card.sender.answered(settled.ids.length > 0);
  if (settled.ids.length) card.unsavedSince = null;
  if (settled.sentences.length) notice(card.view, [...new Set(settled.sentences)].join(" "), true);
  Object.assign(card, { title: data.title, emotions: data.emotions, reasons: data.reasons });
  redraw(card);
}

function hear(card) {
  const resting = !card.visit;
  card.visit = listen(card.parent.host ?? card.parent, (key, target) => pressed(card, key, target));
  const { signal } = card.visit;
  document.addEventListener("visibilitychange", () => document.hidden && card.sender.flush(), { signal });
  window.addEventListener("online", () => card.sender.flush(), { signal });
  const container = card.parent.host?.closest("[data-testid=stElementContainer]");
  container?.style.setProperty("opacity", "1", "important");
  if (resting && card.session.outbox.length) card.sender.changed();
  return card.visit;
}

function pressed(card, key, target) {
  if (card.view.parts.keys.open) return key === "?" && deed(card, "help");
  if (key === " ") return deed(card, "flip", target.dataset.label);
  const emotion = card.emotions.find((one) => one.key === key);
  if (emotion) return deed(card, "flip", emotion.name);
  const found = deedsOf(card.reasons).find((one) => one.key === (key === "Backspace" ? "Z" : key));
  return Boolean(found) && deed(card, found.name, found.reason);
}

function deed(card, name, detail) {
  const { session, view } = card;
  forgetHint(view);
  if (name === "help") helpSynth(view, card.emotions, card.reasons);
  else if (name === "undo") takeBack(card);
  else if (!session.current) return true;
  else if (name === "flip") flip(session, detail);
  else if (name === "skip") later(card);
  else if (name === "edit") return editSynth(view, session.current) ?? true;
  else if (name === "edited") finishEdit(card, detail);
  else giveVerdict(card, name === "reject" ? detail : null);
  redraw(card);
  return true;
}

function finishEdit(card, text) {
  endEdit(card.view);
  edit(card.session, text);
  card.view.parts.tweet.focus({ preventScroll: true });
}

function giveVerdict(card, reason) {
  const { text } = card.session.current;
  const words = reason === null ? `Accepted: ${chosen(card.session).join(", ") || "no emotion"}.` : `Rejected: ${reason}.`;
  send(card, judge(card.session, newEventId(), Date.now(), reason));
  say(card.view, `${words} ${text}`);
}

function takeBack(card) {
  const event = undo(card.session, newEventId(), Date.now());
  if (!event) return notice(card.view, "There is nothing left to undo.");
  send(card, event);
  say(card.view, `Undone. ${card.session.current.text}`);
}

function later(card) {
  if (!skip(card.session, Date.now())) return notice(card.view, "This is the only tweet left here.");
  setTimeout(() => card.setStateValue("skipped", card.session.skipped));
}

function send(card, event) {
  card.storage.put(event);
  card.sender.changed();
}

/* crypto.randomUUID is missing where the app is served over plain http to another machine. */
function newEventId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const hex = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0"));
  return hex.join("").replace(/^(.{8})(.{4}).(.{3}).(.{3})/, "$1-$2-4$3-8$4-");
}

function redraw(card) {
  const { session, view } = card;
  const late = isSlow(card);
  if (session.current !== card.shown || !session.current) {
    endEdit(view);
    showSynth(view, session, card.emotions, wordsForNone(session, late));
    if (session.current && card.shown) cue(view);
    card.shown = session.current;
  }
  if (session.current) markSynth(view, session);
  headSynth(view, {
    title: card.title,
    decided: decidedCount(session),
    total: session.server.total,
    rate: rate(session),
    unsaved: session.outbox.length,
    late,
    canUndo: undoable(session).length > 0,
    hasTweet: Boolean(session.current),
  });
}

function isSlow(card) {
  clearTimeout(card.lateTimer);
  if (!card.session.outbox.length) card.unsavedSince = null;
  else card.unsavedSince ??= Date.now();
  if (card.unsavedSince === null) return false;
  const left = card.unsavedSince + SLOW_MS - Date.now();
  if (left > 0) card.lateTimer = setTimeout(() => redraw(card), left);
  return left <= 0;
}

function wordsForNone(session, late) {
  const n = session.outbox.length;
  if (late) return ["Waiting for the server…", `${n} not saved yet: kept in this browser and sent as soon as it answers.`];
  if (n) return ["Loading the next tweets…", "Your last verdicts are being saved."];
  return ["Nothing left to check", "Write more tweets, or retrain with those you accepted."];
}
