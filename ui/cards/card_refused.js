/*
Events that can never be stored: they leave the outbox and are kept until the reviewer has confirmed them.
*/

/* The tweets that somebody else decided first, with both answers in words; saving again replaces the other decision. */
export function overtakenCards(session, data) {
  const words = (labels) => labels.join(", ") || "no emotion";
  const undone = new Set(session.outbox.map(({ undoes }) => undoes));
  return data.refused.flatMap(({ event_id, theirs }) => {
    const [card, event] = [session.cards.get(event_id), session.outbox.find((one) => one.event_id === event_id)];
    if (!theirs || !card || !event || undone.has(event_id)) return [];
    const isOwn = theirs.reviewer === session.reviewer;
    const [who, left] = isOwn ? ["You, on another page,", "that decision"] : [theirs.reviewer, "theirs"];
    const reason =
      `${who} decided this tweet meanwhile: ${words(theirs.labels)}. Your answer here: ${words(event.labels)}. ` +
      `Save to put your answer in force, or skip to keep ${left}.`;
    const now = { decision: theirs.decision, in_force: theirs, blind: false, reason, overtaken: event_id };
    return [{ id: event_id, card: { ...card, ...now }, labels: event.labels }];
  });
}

/*
Remove stored and refused events from the outbox. Refused events are kept in `refused`, since sending them again is
pointless; one that the reviewer has undone since is removed with its undo. `comesBack` has the ids of those whose
tweets return to the screen and are explained there. Returns the events that the browser can forget.
*/
export function settle(session, data, comesBack) {
  const refused = new Map(data.refused.map(({ event_id, why }) => [event_id, why]));
  const stored = new Set(data.acknowledged);
  const undone = new Set(session.outbox.map(({ undoes }) => undoes));
  const isWithdrawn = ({ event_id, undoes }) => refused.has(undoes) || (refused.has(event_id) && undone.has(event_id));
  const isSettled = (event) => stored.has(event.event_id) || isWithdrawn(event);
  const leaving = session.outbox.filter((event) => isSettled(event) || refused.has(event.event_id));
  session.outbox = session.outbox.filter((event) => !leaving.includes(event));
  for (const event of leaving) {
    session.cards.delete(event.event_id);
    if (isSettled(event)) continue;
    session.refused.push({ event, why: refused.get(event.event_id), onCard: comesBack.has(event.event_id) });
  }
  return { stored: leaving.filter(isSettled), any: leaving.length > 0 };
}

/* The reviewer has confirmed these events as read; returns them. By default those not shown on a card. */
export function confirmRefused(session, isMeant = ({ onCard }) => !onCard) {
  const meant = session.refused.filter(isMeant);
  session.refused = session.refused.filter((one) => !meant.includes(one));
  return meant.map(({ event }) => event);
}

/* The refused events explained on the tweet on screen, once it is saved again or left. */
export function confirmOnCard(session) {
  const shown = [session.current, ...session.ahead].map((card) => card?.overtaken);
  return confirmRefused(session, ({ event, onCard }) => onCard && !shown.includes(event.event_id));
}
