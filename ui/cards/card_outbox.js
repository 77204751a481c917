/*
The outbox's two ways out of the page: into the browser's storage at once, and to the server, again and again until it
has acknowledged. Neither ever drops an event by itself.
*/

const QUICK_MS = 16; // let the next tweet be painted first
const BUSY_MS = 500; // while an answer is awaited, new events go out this much later at most
const SILENCE_MS = 2000; // no answer for so long: send again, each time waiting twice as long
const UNSETTLED_MS = 500; // an answer that settled nothing: send again, likewise
const LONGEST_MS = 30000;

/*
Unsent events of a store, each under a key of its own, so that two tabs never overwrite each other. They are those of
every reviewer: an event tells who made it, so that whoever opens the card next sends it in that name.

`backing()` is the browser's storage; reaching for it may throw. `page` is a Map that lives as long as the page and
holds what the storage refused to take.
*/
export function openStorage(store, backing, page) {
  const prefix = `emoclf/outbox/${encodeURIComponent(store)}/`;
  const key = ({ reviewer, event_id }) => `${prefix}${encodeURIComponent(reviewer)}/${event_id}`;
  let isOpen = isWritable(backing); // as far as the last event told
  const put = (event) => {
    const isKept = quietly(() => (backing().setItem(key(event), JSON.stringify(event)), true)) ?? false;
    isOpen = isKept;
    if (isKept) page.delete(key(event));
    else page.set(key(event), event);
  };
  return {
    put,
    drop(events) {
      for (const event of events) {
        page.delete(key(event));
        quietly(() => backing().removeItem(key(event)));
      }
      if (events.length) [...page.values()].forEach(put); // there may be room by now
    },
    load() {
      const keys = quietly(() => Object.keys(backing())) ?? [];
      const kept = keys.filter((one) => one.startsWith(prefix)).map((one) => readEvent(backing, one));
      const held = [...page].filter(([one]) => one.startsWith(prefix)).map(([, event]) => event);
      const events = [...kept.filter(Boolean), ...held].map((event) => ({ store, ...event }));
      return events.sort((a, b) => a.at.localeCompare(b.at));
    },
    /* Whether the browser keeps what the page may lose: nothing waits in the page alone, and storage takes events. */
    isSafe: () => page.size === 0 && isOpen,
  };
}

function isWritable(backing) {
  const probe = "emoclf/probe";
  return quietly(() => (backing().setItem(probe, probe), backing().removeItem(probe), true)) ?? false;
}

function readEvent(backing, key) {
  const event = quietly(() => JSON.parse(backing().getItem(key)));
  const isOne = typeof event?.event_id === "string" && typeof event.at === "string";
  return isOne && event.event_id ? event : null; // anything else was not written by a card
}

/* Private windows and full disks refuse storage. */
function quietly(action) {
  try {
    return action();
  } catch {
    return null;
  }
}

/* The Map of a page for `openStorage`; the page asks before it is closed while something lies in it alone. */
export function pageMemory(page) {
  const name = Symbol.for("emoclf.unsent");
  if (!page[name]) {
    page[name] = new Map();
    page.addEventListener("beforeunload", (event) => {
      if (page[name].size) event.preventDefault();
    });
  }
  return page[name];
}

/*
Sends the whole outbox through `send(events)`; `outbox()` returns what is not yet acknowledged.

Every sending carries its number as `attempt` on each event: Streamlit tells Python only about a value that changed,
so the same list sent twice would be heard once. `clock` is {now, later, cancel, isBusy}; while `isBusy()` the page is
at work on an answer, and another sending would only start that work, or a change of the page, again.
*/
export function makeSender(outbox, send, clock) {
  let attempt = 0;
  let waiting = false; // sent, and not yet answered
  let sentAt = 0;
  let silence = SILENCE_MS;
  let unsettled = UNSETTLED_MS;
  let timer = null;
  let due = Infinity;
  let dueSince = null; // since when a sending is put off because the page is at work

  function schedule(delay) {
    const at = clock.now() + delay;
    if (at >= due) return;
    clock.cancel(timer);
    due = at;
    timer = clock.later(flushUnlessBusy, delay);
  }

  function rest() {
    clock.cancel(timer);
    due = Infinity;
  }

  function flushUnlessBusy() {
    dueSince ??= clock.now();
    if (!clock.isBusy?.() || clock.now() - dueSince >= LONGEST_MS) return flush();
    rest();
    schedule(BUSY_MS);
  }

  function flush() {
    rest();
    dueSince = null;
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
