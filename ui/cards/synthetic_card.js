/*
The card for synthetic tweets: the keys, session and outbox of the review card with another view and verdicts.
*/

import { tellDone } from "./card_done.js";
import { chosen, flip } from "./card_model.js";
import { isLeaving, mount, newId, queue, refresh, skipCurrent, undoLast } from "./card_shell.js";
import { forgetHint, notice, toggleHelp } from "./card_view.js";
import { edit, judge } from "./synthetic_model.js";
import { actionsOf, allowSynthetic, buildActions, buildSyntheticView, closeEditor } from "./synthetic_view.js";
import { markSynthetic, openEditor, showSynthetic } from "./synthetic_view.js";

export default mount({
  unit: "checked",
  open: (card) => (card.view = buildSyntheticView((name, detail) => action(card, name, detail))),
  receive: receiveReasons,
  press: pressed,
  show: (card, words) => {
    const { view, session } = card;
    closeEditor(view);
    showSynthetic(view, session, card.emotions, words);
    if (session.current?.isEditRefused) openEditor(view, session.current);
  },
  mark: (card) => markSynthetic(card.view, card.session),
  buttons: (card, state) => allowSynthetic(card.view, state),
  rest: () => ["Nothing left to check", "Write more tweets, or retrain with those you accepted."],
});

function receiveReasons(card, { reasons }) {
  if (String(card.reasons) !== String(reasons)) buildActions(card.view, reasons);
  card.reasons = reasons;
}

function pressed(card, key, target) {
  if (card.view.parts.keys.open) return key === "?" && action(card, "help");
  if (key === " ") return action(card, "flip", target.dataset.label);
  if (card.letters.has(key)) return action(card, "flip", card.letters.get(key));
  const found = actionsOf(card.reasons).find((one) => one.key === (key === "Backspace" ? "Z" : key));
  return Boolean(found) && action(card, found.name, found.reason);
}

function action(card, name, detail) {
  const { session, view } = card;
  forgetHint(view);
  if (isLeaving(card)) return true;
  if (name === "help") toggleHelp(view, card.emotions, actionsOf(card.reasons));
  else if (name === "undo") undoLast(card);
  else if (!session.current) return true;
  else if (name === "flip") flip(session, detail);
  else if (name === "skip") skipCurrent(card);
  else if (name === "edit") return openEditor(view, session.current) ?? true;
  else if (name === "edited") finishEdit(card, detail);
  else giveVerdict(card, name === "reject" ? detail : null);
  refresh(card);
  return true;
}

function finishEdit(card, text) {
  closeEditor(card.view);
  edit(card.session, text);
  if (!text.trim()) notice(card.view, "The text was empty, so the tweet stays as it was written.");
  card.view.parts.tweet.focus({ preventScroll: true });
}

function giveVerdict(card, reason) {
  const { text } = card.session.current;
  const words = reason === null ? `Accepted: ${chosen(card.session).join(", ") || "no emotion"}.` : `Rejected: ${reason}.`;
  queue(card, judge(card.session, newId(), Date.now(), reason));
  tellDone(card.view, words, text);
}
