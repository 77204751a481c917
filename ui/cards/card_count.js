/*
What the line above a card counts: how many tweets are decided, and how fast.
*/

const RATE_WINDOW_MS = 5 * 60 * 1000;

/*
How many tweets are decided, counting what is still on its way to the store. A tweet counts once however often it is
decided: `seen` of an event says whether a decision was in force before it, or is after it where it is an undo.
*/
export function decidedCount({ outbox, server }) {
  const steps = new Map(); // tweet id -> whether it was decided before the outbox, and is after it
  for (const { kind, tweet_id: id, seen } of outbox.filter((event) => event.kind !== "flag")) {
    const other = (seen ?? null) !== null;
    const before = steps.get(id)?.before ?? (kind === "undo" || other);
    steps.set(id, { before, after: kind === "decide" || other });
  }
  const more = [...steps.values()].reduce((sum, { before, after }) => sum + after - before, 0);
  return Math.max(0, Math.min(server.total, server.decided + more));
}

/* Decisions a minute over the last five minutes; null until three were made. */
export function rate(session) {
  const last = session.saves.at(-1);
  const recent = session.saves.filter((at) => at >= last - RATE_WINDOW_MS);
  return recent.length < 3 ? null : Math.round(((recent.length - 1) * 60000) / Math.max(1, last - recent[0]));
}
