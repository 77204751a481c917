/*
The sources' labels of one tweet: disputed emotions, majority, and names of the sources.
*/

export const SOURCES = ["original", "suggestion", "prediction"];

/*
The votes of the sources on each emotion, in the order of `names`; a vote is null for a missing source. `decided` is the
decision in force, null if the card shows none; it does not vote, but emotions that contradict it are disputed.
*/
export function sourceVotes(card, names) {
  const given = [card.original, card.suggestion?.labels, card.prediction?.labels];
  const probabilities = [null, card.suggestion?.probabilities, card.prediction?.probabilities];
  return names.map((name, j) => {
    const votes = given.map((labels) => (labels ? labels.includes(name) : null));
    const cast = votes.filter((vote) => vote !== null);
    const yes = cast.filter(Boolean).length;
    const decided = card.in_force ? card.in_force.labels.includes(name) : null;
    const all = decided === null ? cast : [...cast, decided];
    return {
      name,
      votes,
      probabilities: probabilities.map((row) => row?.[j] ?? null),
      yes,
      voters: cast.length,
      decided,
      disputed: all.includes(true) && all.includes(false),
    };
  });
}

/* The rows of the card: disputed emotions (the most doubtful first), then agreed ones, then the rest. */
export function layout(card, names) {
  const all = sourceVotes(card, names);
  const disputed = all.filter((row) => row.disputed);
  const leads = (row) => Number(row.name === card.emotion);
  return {
    disputed: disputed.sort((a, b) => leads(b) - leads(a)),
    agreed: all.filter((row) => (row.yes > 0 || row.decided) && !row.disputed),
    none: all.filter((row) => row.yes === 0 && !row.decided),
  };
}

/*
The majority of the sources; two sources that disagree leave the original. Without an original, that is what both models
give, or all that the only one gives.
*/
export function majority(card, names) {
  const winner = ({ yes, voters, votes }) => (2 * yes === voters ? votes[0] === true : 2 * yes > voters);
  return sourceVotes(card, names).filter(winner).map((row) => row.name);
}

export const hasSources = (card) => Boolean(card.original ?? card.suggestion ?? card.prediction);

/* The start of an answer: nothing if blind, the decision in force if decided, else the majority. */
export function startOf(card, names) {
  if (card.blind) return [];
  if (card.in_force) return names.filter((name) => card.in_force.labels.includes(name));
  return majority(card, names);
}

/* The labels of source 1, 2 or 3 (see SOURCES), or of the majority (4); null for a missing source, or without any. */
export function labelsOf(card, names, source) {
  if (source === 4) return hasSources(card) ? majority(card, names) : null;
  const labels = source === 1 ? card.original : card[SOURCES[source - 1]]?.labels;
  return labels ? names.filter((name) => labels.includes(name)) : null;
}

/* A model's family as a short column heading: "Qwen" for "hf:Qwen/Qwen2.5-1.5B-Instruct". */
export function familyName(by) {
  const last = by.split(/[/#]/).filter(Boolean).at(-1) ?? "";
  return last.replace(/^[a-z]+:(?=.)/, "").match(/^\p{L}+/u)?.[0] ?? "LLM";
}
