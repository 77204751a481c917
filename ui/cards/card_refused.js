/*
Events that can never be stored: they leave the outbox and are kept until the reviewer has confirmed them.
*/

/* The tweets that somebody else decided first, with both answers in words; saving again replaces the other decision. */
export function overtakenCards(session, data) {
  const words = (labels) => labels.join(", ") || "no emotion";
  const undone = new Set(session.outbox.map(({ undoes }) => undoes));
  return data.refused.flatMap(({ event_id, newer_decision: newer }) => {
    const [card, event] = [session.cards.get(event_id), session.outbox.find((one) => one.event_id === event_id)];
    if (!newer || !card || !event || undone.has(event_id)) return [];
    const isOwn = newer.reviewer === session.reviewer;
    const [who, other] = isOwn ? ["You, on another page,", "that decision"] : [newer.reviewer, "theirs"];
    const reason =
      `${who} decided this tweet meanwhile: ${words(newer.labels)}. Your answer here: ${words(event.labels)}. ` +
      `Save to put your answer in force, or skip to keep ${other}.`;
    const now = { decision: newer.decision, in_force: newer, blind: false, reason, overtaken: event_id };
    return [{ event_id, card: { ...card, ...now }, labels: event.labels }];
  });
}

/*
The tweets whose edited text was refused; each comes back with that text, so that nothing typed is lost. After a reload
the card no longer has the tweet of the event, but the server still lists it.
*/
export function refusedEdits(session, data) {
  const undone = new Set(session.outbox.map(({ undoes }) => undoes));
  return data.refused.flatMap(({ event_id, edit_again }) => {
    const event = session.outbox.find((one) => one.event_id === event_id);
    const card = session.cards.get(event_id) ?? data.tweets.find(({ id }) => id === event?.tweet_id);
    if (!edit_again || !event?.text || !card || undone.has(event_id)) return [];
    return [{ event_id, card: { ...card, edited: event.text, isEditRefused: true }, labels: event.labels }];
  });
}

/*
Remove stored and refused events from the outbox. Refused events are kept in `refused`, since sending them again is
pointless; one that the reviewer has undone since is removed with its undo. `overtaken` and `edits` are those whose
tweets return to the screen, the former with an explanation. Returns the events that the browser can forget.
*/
export function settle(session, data, { overtaken, edits }) {
  const isAmong = (list, event) => list.some(({ event_id }) => event_id === event.event_id);
  const refused = new Map(data.refused.map(({ event_id, why }) => [event_id, why]));
  const stored = new Set(data.acknowledged);
  for (const { event_id } of session.settled) if (stored.has(event_id)) session.cards.delete(event_id);
  session.settled = session.settled.filter(({ event_id }) => !stored.has(event_id));
  const undone = new Set(session.outbox.map(({ undoes }) => undoes));
  const isWithdrawn = ({ event_id, undoes }) => refused.has(undoes) || (refused.has(event_id) && undone.has(event_id));
  const isSettled = (event) => stored.has(event.event_id) || isWithdrawn(event);
  const leaving = session.outbox.filter((event) => isSettled(event) || refused.has(event.event_id));
  session.outbox = session.outbox.filter((event) => !leaving.includes(event));
  for (const event of leaving) {
    session.cards.delete(event.event_id);
    if (isSettled(event)) continue;
    const why = refused.get(event.event_id);
    session.refused.push({ event, why, onCard: isAmong(overtaken, event), editAgain: isAmong(edits, event) });
  }
  return { stored: leaving.filter(isSettled), any: leaving.length > 0 };
}

/* Remove refused events that the reviewer has confirmed as read, by default those not shown on a card; returns them. */
export function confirmRefused(session, isMeant = ({ onCard }) => !onCard) {
  const meant = session.refused.filter(isMeant);
  session.refused = session.refused.filter((one) => !meant.includes(one));
  return meant.map(({ event }) => event);
}

/*
Remove the refused events that need no confirmation any more, and return them: those explained on a tweet, once it is
saved again or left, and refused edits, once their tweet has another verdict.
*/
export function confirmOnCard(session) {
  const shown = [session.current, ...session.ahead].map((card) => card?.overtaken);
  const again = new Set(session.outbox.filter(({ kind }) => kind === "decide").map(({ tweet_id }) => tweet_id));
  const isDealtWith = ({ event, onCard, editAgain }) =>
    editAgain ? again.has(event.tweet_id) : onCard && !shown.includes(event.event_id);
  return confirmRefused(session, isDealtWith);
}
