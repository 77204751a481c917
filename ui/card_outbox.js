/*
The outbox's two ways out of the page: into the browser's storage at once, and to the server, again and again until it
has acknowledged. Neither ever drops an event by itself.
*/

const QUICK_MS = 16; // let the next tweet be painted first
const BUSY_MS = 500; // while an answer is awaited, new events go out this much later at most
const SILENCE_MS = 2000; // no answer for so long: send again, each time waiting twice as long
const UNSETTLED_MS = 500; // an answer that settled nothing: send again, likewise
const LONGEST_MS = 30000;

/* Events of one reviewer of one store, each under a key of its own, so that two tabs never overwrite each other. */
export function openStorage(store, reviewer, backing) {
  const prefix = `emoclf/outbox/${encodeURIComponent(store)}/${encodeURIComponent(reviewer)}/`;
  return {
    put: (event) => quietly(() => backing.setItem(prefix + event.event_id, JSON.stringify(event))),
    drop: (ids) => ids.forEach((id) => quietly(() => backing.removeItem(prefix + id))),
    load() {
      const keys = quietly(() => Object.keys(backing)) ?? [];
      const events = keys.filter((key) => key.startsWith(prefix)).map((key) => readEvent(backing, key));
      return events.filter(Boolean).sort((a, b) => a.at.localeCompare(b.at));
    },
  };
}

function readEvent(backing, key) {
  const event = quietly(() => JSON.parse(backing.getItem(key)));
  return event?.event_id && event.at ? event : null;
}

/* Private windows and full disks refuse storage: the outbox then lives in this page alone. */
function quietly(action) {
  try {
    return action();
  } catch {
    return null;
  }
}

/*
Sends the whole outbox through `send(events)`; `outbox()` returns what is not yet acknowledged.

Every sending carries its number as `attempt` on each event: Streamlit tells Python only about a value that changed,
so the same list sent twice would be heard once. `clock` is {now, later, cancel}.
*/
export function makeSender(outbox, send, clock) {
  let attempt = 0;
  let waiting = false; // sent, and not yet answered
  let sentAt = 0;
  let silence = SILENCE_MS;
  let unsettled = UNSETTLED_MS;
  let timer = null;
  let due = Infinity;

  function schedule(delay) {
    const at = clock.now() + delay;
    if (at >= due) return;
    clock.cancel(timer);
    due = at;
    timer = clock.later(flush, delay);
  }

  function rest() {
    clock.cancel(timer);
    due = Infinity;
  }

  function flush() {
    rest();
    const events = outbox();
    if (!events.length) return;
    attempt += 1;
    waiting = true;
    sentAt = clock.now();
    schedule(silence);
    silence = Math.min(LONGEST_MS, 2 * silence);
    send(events.map((event) => ({ ...event, attempt })));
  }

  return {
    flush,
    rest,
    /* An event was added. */
    changed: () => schedule(waiting ? Math.max(QUICK_MS, sentAt + BUSY_MS - clock.now()) : QUICK_MS),
    /* The server answered; `settledAny` says whether an event left the outbox. */
    answered(settledAny) {
      if (settledAny || !outbox().length) {
        rest();
        waiting = false;
        silence = SILENCE_MS;
        unsettled = UNSETTLED_MS;
        if (outbox().length) schedule(QUICK_MS);
      } else if (waiting) {
        schedule(unsettled);
        unsettled = Math.min(LONGEST_MS, 2 * unsettled);
      }
    },
  };
}
