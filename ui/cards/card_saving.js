/*
The saving status of the card: saved or unsaved in the top line, below it events that can never be stored, and a
warning if the browser cannot keep unsaved events.
*/

import { el, keepFocus } from "./card_view.js";

const BLOCKED = "This browser cannot keep unsaved decisions. Leave this page open until everything is saved.";

/* `saved` is the element in the top line; the warnings are placed before `place`. `confirm` is called when the
   reviewer confirms refused events. */
export function buildSaving(saved, place, confirm) {
  const blocked = el("p", { class: "strip", role: "alert", hidden: "" }, BLOCKED);
  const list = el("ul", {});
  const discard = el("button", { type: "button", class: "action", onclick: confirm, onmousedown: keepFocus });
  const refused = el("div", { class: "strip", role: "alert", hidden: "" }, el("p", {}), list, discard);
  place.before(blocked, refused);
  return { saved, blocked, refused, list, discard, shown: "" };
}

/*
`unsaved` is the number of pending events, `late` whether they have been pending for long, `waiting` the reason.
`refused` are the refused events of the session; those with `onCard` are explained on the card.
*/
export function showSaving(saving, { unsaved, late, waiting, refused: every, isSafe }) {
  const state = unsaved ? (late || waiting ? "late" : "saving") : every.length ? "refused" : "saved";
  const refused = every.filter(({ onCard }) => !onCard);
  saving.saved.dataset.state = state;
  saving.saved.textContent = wordsOf(state, unsaved, waiting, every.length);
  saving.blocked.hidden = isSafe;
  saving.refused.hidden = !refused.length;
  const shown = refused.map(({ event }) => event.event_id).join();
  if (shown === saving.shown) return; // announced once, not at every key
  saving.shown = shown;
  const one = refused.length === 1;
  saving.refused.firstChild.textContent = `${one ? "1 decision" : `${refused.length} decisions`} cannot be saved:`;
  const line = (one) => el("li", { "data-event": one.event.event_id }, refusalInWords(one));
  saving.list.replaceChildren(...refused.map(line));
  saving.discard.textContent = one ? "I have read this: discard it" : "I have read this: discard them";
}

export function wordsOf(state, unsaved, waiting, refused) {
  if (state === "saved") return "saved";
  if (state === "saving") return "saving…";
  if (state === "refused") return `${refused} not saved`;
  return `${unsaved} not saved yet: ${waiting || "no answer from the server"}. Trying again`;
}

export function refusalInWords({ event, why, editAgain }) {
  const next = editAgain ? " The tweet comes back with this text in the editor." : "";
  return `${why} (${actionInWords(event)})${next}`;
}

/* The action of the reviewer in words, so that it can be repeated. */
export function actionInWords({ kind, verdict, tweet_id, labels, text, comment, reviewer }) {
  const given = `${(labels ?? []).join(", ") || "no emotion"}${text ? `, with the text “${text}”` : ""}`;
  const actions = { decide: verdict === "reject" ? "rejected" : given, undo: "undo", flag: `flag: ${comment ?? "removed"}` };
  return `tweet ${tweet_id}, ${actions[kind]}, by ${reviewer}`;
}
