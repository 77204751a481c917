/*
The state of the card for synthetic tweets: the review card's session, with a verdict on each tweet.
*/

import { decide } from "./card_model.js";

/* The current text: as edited, or as generated. */
export const textOf = (card) => card.edited ?? card.text;

/* Store an edit with the tweet; unchanged and empty texts are ignored. */
export function edit(session, text) {
  const { current: card } = session;
  const clean = text.trim();
  card.isEditRefused = false;
  card.edited = clean && clean !== card.text ? clean : null;
}

/* Accept the tweet with the labels of the answer, or reject it for a reason; returns the event, already in the
   outbox. */
export function judge(session, id, now, reason = null) {
  const { current: card } = session;
  card.isEditRefused = false;
  const isAccepted = reason === null;
  const details = { verdict: isAccepted ? "accept" : "reject", reason, text: isAccepted ? card.edited : null };
  return decide(session, id, now, () => details);
}

/* The models' probabilities of one emotion as text: "BERT 0.12 · judge 0.91". */
export function predictionsInWords(card, j) {
  const names = { bert: "BERT" };
  return Object.entries(card.predictions)
    .map(([gate, { probabilities }]) => `${names[gate] ?? gate} ${probabilities[j].toFixed(2)}`)
    .join(" · ");
}
