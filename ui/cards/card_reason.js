/*
The reason why a tweet is shown, or for a decided tweet who decided what, when, and under which guidelines.
*/

import { familyName } from "./card_votes.js";

const LOCAL = { dateStyle: "medium", timeStyle: "short" };

/* `reviewer` is the current reviewer. */
export function reasonWords(card, reviewer) {
  if (card.overtaken) return card.reason;
  if (card.blind) return "blind: decide from the text alone; the sources appear after you save";
  if (card.revealed) return "saved; the sources are shown now. Press Enter for the next tweet, or Z to undo your answer";
  if (card.in_force) return decisionWords(card.in_force, reviewer);
  if (card.by_chance) return "random tweet: it helps to estimate how many labels are wrong where nothing is in doubt";
  if (card.original === null) return `no original labels; ${startWithoutOriginal(card)}`;
  return card.reason ? `here because ${card.reason}` : "";
}

/* Where the answer starts on a tweet that came without labels; see `startOf`. */
function startWithoutOriginal({ suggestion, prediction }) {
  const models = [suggestion && familyName(suggestion.by), prediction && "BERT"].filter(Boolean);
  if (models.length === 2) return `your answer starts from what ${models.join(" and ")} both give`;
  return models.length ? `your answer starts from what ${models[0]} gives` : "no model has given any yet";
}

function decisionWords(decision, reviewer) {
  return [whoAndWhat(decision, reviewer), underGuidelines(decision), startWords(decision)].filter(Boolean).join(" ");
}

function whoAndWhat({ reviewer: by, batch, labels, at, settles }, reviewer) {
  const who = by === reviewer ? "You" : by;
  const when = new Date(at).toLocaleString("en-GB", LOCAL);
  const what = labels.join(", ") || "no emotion";
  if (batch !== null) return `${who} accepted this tweet in bulk on ${when}, in the batch ${batch}: ${what}.`;
  return `${who} ${settles ? "settled a disagreement between reviewers on" : "decided"} this tweet on ${when}: ${what}.`;
}

function underGuidelines({ guidelines, changed }) {
  if (guidelines === null) return "The version of the guidelines was not recorded.";
  const under = `Guidelines: version ${guidelines}`;
  if (!changed.length) return `${under}, unchanged since.`;
  const of = changed.length === 1 ? changed[0] : `${changed.slice(0, -1).join(", ")} and ${changed.at(-1)}`;
  return `${under}; since then the text for ${of} has changed.`;
}

function startWords({ settles }) {
  if (settles) return "It stays in force: your answer is recorded, but does not replace it.";
  return "Your answer starts from this decision.";
}
