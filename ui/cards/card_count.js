/*
The counts in the card's top line: number of decided tweets, and decisions per minute.
*/

const RATE_WINDOW_MS = 5 * 60 * 1000;

/*
The number of decided tweets, including decisions that the data does not include yet. A tweet counts once however often it is decided: `seen` of
an event says whether a decision was in force before it (for an undo: after it).
*/
export function decidedCount({ settled, outbox, server }) {
  const steps = new Map(); // tweet id -> whether it was decided before and after these events
  for (const { kind, tweet_id: id, seen } of [...settled, ...outbox].filter((event) => event.kind !== "flag")) {
    const other = (seen ?? null) !== null;
    const before = steps.get(id)?.before ?? (kind === "undo" || other);
    steps.set(id, { before, after: kind === "decide" || other });
  }
  const more = [...steps.values()].reduce((sum, { before, after }) => sum + after - before, 0);
  return Math.max(0, Math.min(server.total, server.decided + more));
}

/* Decisions per minute over the last five minutes; null with fewer than three. */
export function rate(session) {
  const last = session.saves.at(-1);
  const recent = session.saves.filter((at) => at >= last - RATE_WINDOW_MS);
  return recent.length < 3 ? null : Math.round(((recent.length - 1) * 60000) / Math.max(1, last - recent[0]));
}
