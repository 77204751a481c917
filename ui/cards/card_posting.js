/*
Posts events to the server without a run of the page, and runs the page for new data once the reviewer pauses.
*/

import { acknowledge } from "./card_model.js";

const EVENTS_URL = "emoclf/events"; // see ui/cards/mailbox.py
const KEEPALIVE_BYTES = 60000; // a request of this size is finished even if the page is closed
const PAUSE_MS = 1500; // the page is run when the reviewer has paused this long,
const MOST_SETTLED = 15; // or has made this many decisions since the last run,
const FEW_LEFT = 12; // or when no more tweets are left in the card
const AGAIN_MS = 500; // interval of attempts while the page is busy

/*
The posting of a card. `clock` is {later, cancel, isBusy} as in card_outbox.js. `page` is {changed, run}: `changed` draws
the card again, and `run(value)`, each time with another value, runs the page.
*/
export function openPosting(card, clock, page) {
  let timer = null;
  let runs = 0;

  async function post(events) {
    const body = JSON.stringify({ token: card.token, outbox: events });
    const answer = await fetch(EVENTS_URL, { method: "POST", body, keepalive: body.length < KEEPALIVE_BYTES });
    if (!answer.ok) return false;
    const { acknowledged } = await answer.json();
    card.storage.drop(acknowledge(card.session, acknowledged));
    card.unsavedSince = null;
    page.changed();
    runSoon();
    return events.every(({ event_id }) => acknowledged.includes(event_id));
  }

  function runSoon() {
    const { settled, ahead, queue } = card.session;
    const isUrgent = settled.length >= MOST_SETTLED || ahead.length + queue.length <= FEW_LEFT;
    clock.cancel(timer);
    timer = clock.later(run, isUrgent ? 0 : PAUSE_MS);
  }

  function run() {
    if (!card.visit || !card.session.settled.length) return;
    if (clock.isBusy()) timer = clock.later(run, AGAIN_MS);
    else page.run((runs += 1));
  }

  return {
    /* The function that posts events and resolves to whether all of them are stored; null where none can be posted. */
    poster: () => (card.token && !card.away ? post : null),
    rest: () => clock.cancel(timer),
  };
}
