/*
The line above the buttons of a card: what was just done, and how many tweets are skipped. Screen readers read out the
same, followed by the tweet that is now shown.
*/

import { announce, el, keepFocus } from "./card_view.js";

/* The elements of the line, which become parts of a view; `skipped` is the button that shows skipped tweets again. */
export function doneLine() {
  const done = el("span", { class: "done", "aria-hidden": "true" });
  const skipped = el("button", { type: "button", class: "why-button", hidden: "", onmousedown: keepFocus });
  const live = el("div", { class: "live", role: "status", "aria-live": "polite" });
  return { done, skipped, live, line: el("div", { class: "line" }, done, skipped) };
}

/* Show what was just done, and let screen readers read it out, followed by `text`. */
export function tellDone(view, words, text = "") {
  view.parts.done.textContent = words;
  announce(view, [words, text].filter(Boolean).join(" "));
}

export function tellSkipped({ parts: { skipped } }, n) {
  skipped.hidden = n === 0;
  skipped.textContent = `${n} skipped, for later: show ${n === 1 ? "it" : "them"} again`;
}
