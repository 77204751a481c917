/*
Flags: comments that ask for another look at a tweet.
*/

import { notInData, remember, stamp } from "./card_model.js";

/* Flag the tweet on screen with a comment, or remove its flag with null; returns the event. `before` is its flag now. */
export function flag(session, id, now, comment, before = null) {
  remember(session, { kind: "flag", card: session.current, before: before?.comment ?? null });
  return addFlag(session, id, now, session.current.id, comment);
}

export function addFlag(session, id, now, tweet, comment) {
  const event = {
    event_id: id,
    kind: "flag",
    store: session.store,
    reviewer: session.reviewer,
    tweet_id: tweet,
    comment,
    at: stamp(session, now),
  };
  session.outbox.push(event);
  return event;
}

/* The flag of a tweet; newer events take precedence over the `stored` flag. */
export function flagOf(session, id, stored) {
  const pending = notInData(session).findLast((event) => event.kind === "flag" && event.tweet_id === id);
  if (!pending) return stored;
  return pending.comment === null ? null : { by: pending.reviewer, comment: pending.comment };
}
