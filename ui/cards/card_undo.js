/*
What can be undone: decisions, flags and skips of this session in the order in which they were made, the newest first,
then earlier decisions that the server knows.
*/

import { addFlag } from "./card_flag.js";
import { notInData, present, setAside, stamp } from "./card_model.js";

/*
Undo the last thing done. Returns null if there is nothing, else {kind, event}: "decide" with the undo, "flag" with the
flag event that restores the flag before, or "skip" without an event.
*/
export function undoNewest(session, id, now) {
  const last = newest(session);
  if (last?.kind === "flag") {
    session.done.pop();
    return { kind: "flag", event: addFlag(session, id, now, last.card.id, last.before) };
  }
  if (last?.kind === "skip") {
    session.done.pop();
    session.skipped = session.skipped.filter((skipped) => skipped !== last.card.id);
    bringBack(session, last.card, now);
    return { kind: "skip", event: null };
  }
  const event = undo(session, id, now);
  return event && { kind: "decide", event };
}

export function canUndo(session) {
  return newest(session) !== null || undoable(session).length > 0;
}

/* The last thing done that can still be undone: not a refused decision, nor the skip of a tweet that has come again. */
function newest(session) {
  const open = new Set(undoable(session).map(({ event_id }) => event_id));
  const isBack = ({ kind, card }) => kind === "skip" && card.id === session.current?.id;
  const isGone = (one) => one !== undefined && (isBack(one) || (one.kind === "decide" && !open.has(one.event_id)));
  while (isGone(session.done.at(-1))) session.done.pop();
  return session.done.at(-1) ?? null;
}

/*
Undo the last decision and bring its tweet back; returns the event, or null if there is none. The answer is the saved
one, unless another decision is then in force: it starts from that decision.
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
    undoes: last.event_id,
    seen: last.card.decision ?? null, // the decision in force after the undo
    at: stamp(session, now),
  };
  session.outbox.push(event);
  session.done = session.done.filter((one) => one.event_id !== last.event_id);
  session.saves.pop();
  const card = { ...last.card, blind: false }; // the sources have been seen
  bringBack(session, card, now, card.in_force ? null : last.labels);
  return event;
}

/* Show a tweet again; the one on screen follows it, with its answer. */
function bringBack(session, card, now, labels = null) {
  if (session.current && session.current.id !== card.id) session.ahead.unshift(setAside(session));
  const elsewhere = ({ id }) => id !== card.id;
  session.ahead = session.ahead.filter(elsewhere);
  session.queue = session.queue.filter(elsewhere);
  present(session, card, now, labels);
}

/* Decisions that can be undone, newest first: those that the data does not include, then the server's. */
export function undoable(session) {
  const events = notInData(session);
  const undone = new Set(events.map((event) => event.undoes));
  const pending = events
    .filter((event) => session.cards.has(event.event_id))
    .map(({ event_id, labels }) => ({ event_id, labels, card: session.cards.get(event_id) }))
    .reverse();
  const known = new Set(pending.map((entry) => entry.event_id));
  const older = session.server.history.filter((entry) => !known.has(entry.event_id));
  return [...pending, ...older].filter((entry) => !undone.has(entry.event_id));
}
