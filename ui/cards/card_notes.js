/*
The flag of a tweet with its comment, and its history, shown on request.
*/

import { el, keepFocus } from "./card_view.js";

/*
`comment` is called with a flag's text, or null to remove it; `toggle` when the button of the history is pressed. The card places
the button.
*/
export function openNotes(comment, toggle) {
  const notes = { tweet: null, flag: null, history: [], isOpen: false, comment };
  notes.mark = el("p", { class: "flagged" });
  notes.list = el("ol", { class: "past", "aria-label": "history of this tweet" });
  notes.button = el("button", { type: "button", class: "why-button", onclick: toggle, onmousedown: keepFocus });
  notes.button.title = "Who decided what on this tweet, and when (H)";
  notes.root = el("div", { class: "notes" }, notes.mark, notes.list);
  buildDialog(notes);
  return notes;
}

function buildDialog(notes) {
  const close = () => notes.dialog.close();
  const leave = (words) => {
    close();
    notes.comment(words);
  };
  notes.field = el("input", { type: "text", maxlength: "500", placeholder: "what to look at again" });
  notes.off = el("button", { type: "button", class: "action", onclick: () => leave(null) }, "Remove the flag");
  const form = el(
    "form",
    { method: "dialog" },
    el("label", {}, "Comment", notes.field),
    el(
      "div",
      { class: "choices" },
      notes.off,
      el("button", { type: "button", class: "action", onclick: close }, "Cancel"),
      el("button", { type: "submit", class: "action save" }, "Flag"),
    ),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    leave(notes.field.value.trim());
  });
  notes.dialog = el("dialog", { class: "keys comment", "aria-label": "flag this tweet" }, el("h3", {}, "Flag"), form);
}

export function askComment(notes) {
  notes.field.value = notes.flag?.comment ?? "";
  notes.off.hidden = !notes.flag;
  notes.dialog.showModal();
  notes.field.focus();
}

/* Update for another tweet or new data; the history starts closed. */
export function showNotes(notes, tweet, flag, history) {
  if (notes.tweet !== (tweet?.id ?? null)) notes.isOpen = false;
  Object.assign(notes, { tweet: tweet?.id ?? null, flag, history });
  notes.mark.textContent = flag ? `⚑ flagged by ${flag.by}${flag.comment ? `: ${flag.comment}` : ""}` : "";
  drawHistory(notes);
}

export function toggleHistory(notes) {
  notes.isOpen = !notes.isOpen;
  drawHistory(notes);
}

function drawHistory({ history, isOpen, button, list }) {
  const count = history.length ? ` (${history.length})` : "";
  button.textContent = isOpen ? "Hide history" : `History${count}`;
  button.setAttribute("aria-expanded", String(isOpen));
  list.hidden = !isOpen;
  const lines = history.map(({ at, by, what, undone }) => {
    const words = undone ? el("s", {}, what) : el("span", {}, what);
    return el("li", {}, words, ` ${by}, ${inWords(at)}${undone ? ", undone" : ""}`);
  });
  list.replaceChildren(...(lines.length ? lines : [el("li", {}, "Nobody has decided or flagged anything here yet.")]));
}

const inWords = (at) => new Date(at).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" });
