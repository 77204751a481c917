/*
The outbox's two destinations: the browser's storage at once, and the server, with retries until it acknowledges.

An event leaves either only when the card drops it.
*/

const QUICK_MS = 16; // lets the next tweet be painted first
const BUSY_MS = 500; // maximum delay of new events while an answer is pending
const SILENCE_MS = 2000; // resend after this time without an answer, doubling each time
const UNSETTLED_MS = 500; // resend this long after an answer without any stored or refused event, doubling each time
const LONGEST_MS = 30000; // maximum of all these times

/*
The unsent events of a store, each under its own key, so that two tabs never overwrite each other. They include events
of all reviewers: an event contains its author, and whoever opens the card next sends it for them.

`backing()` is the browser's storage; accessing it may throw. `page` is a Map that lives as long as the page and holds
events that the storage refused.
*/
export function openStorage(store, backing, page) {
  const prefix = `emoclf/outbox/${encodeURIComponent(store)}/`;
  const key = ({ reviewer, event_id }) => `${prefix}${encodeURIComponent(reviewer)}/${event_id}`;
  let isOpen = isWritable(backing); // whether the storage accepted the last event
  const put = (event) => {
    isOpen = quietly(() => (backing().setItem(key(event), JSON.stringify(event)), true)) ?? false;
    if (isOpen) page.delete(key(event));
    else page.set(key(event), event);
  };
  return {
    put,
    drop(events) {
      for (const event of events) {
        page.delete(key(event));
        quietly(() => backing().removeItem(key(event)));
      }
      if (events.length) [...page.values()].forEach(put); // there may be space by now
    },
    load() {
      const keys = quietly(() => Object.keys(backing())) ?? [];
      const stored = keys.filter((name) => name.startsWith(prefix)).map((name) => readEvent(backing, name));
      const inPage = [...page].filter(([name]) => name.startsWith(prefix)).map(([, event]) => event);
      const events = [...stored.filter(Boolean), ...inPage].map((event) => ({ store, ...event }));
      return events.sort((a, b) => a.at.localeCompare(b.at));
    },
    /* Whether no event is lost if the page is closed: none is only in the page, and the storage works. */
    isSafe: () => page.size === 0 && isOpen,
  };
}

function isWritable(backing) {
  const probe = "emoclf/probe";
  return quietly(() => (backing().setItem(probe, probe), backing().removeItem(probe), true)) ?? false;
}

function readEvent(backing, key) {
  const event = quietly(() => JSON.parse(backing().getItem(key)));
  const isEvent = typeof event?.event_id === "string" && typeof event.at === "string";
  return isEvent && event.event_id ? event : null; // anything else was not written by a card
}

/* The result of `action`, or null if it fails: private windows and full disks refuse storage. */
function quietly(action) {
  try {
    return action();
  } catch {
    return null;
  }
}

/* The Map of a page for `openStorage`; while it contains events, the page asks before it is closed. */
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
Sends the whole outbox; `outbox()` returns the events not yet acknowledged. They are posted first, which costs no run of
the page: `poster()` returns a function that resolves to whether all events are stored, or null where nothing can be
posted. If they are not all stored, or no answer comes, `send(events)` sends them through the page.

Each attempt is numbered as `attempt` on every event, because Streamlit reports only changed values to Python: the
same list sent twice would arrive once. `clock` is {now, later, cancel, isBusy}. While `isBusy()`, the page is
computing an answer; sending again would make it start from the beginning.
*/
export function makeSender(outbox, send, clock, poster = () => null) {
  let attempt = 0;
  let isPosting = false; // posted, not yet answered
  let isPostLost = false; // what was posted last is not all stored, so it goes through the page
  let waiting = false; // sent, not yet answered
  let sentAt = 0;
  let silence = SILENCE_MS;
  let unsettled = UNSETTLED_MS;
  let timer = null;
  let due = Infinity;
  let dueSince = null; // since when sending is delayed because the page is busy

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
    if (isPosting) {
      const left = sentAt + SILENCE_MS - clock.now();
      rest();
      if (left > 0) return schedule(left);
      isPostLost = true;
    }
    dueSince ??= clock.now();
    if (canPost()) return flush();
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
    const numbered = events.map((event) => ({ ...event, attempt }));
    if (canPost()) deliver(numbered);
    else send(numbered);
  }

  const canPost = () => !isPostLost && poster() !== null;

  async function deliver(events) {
    isPosting = true;
    const areStored = await poster()(events).catch(() => false);
    isPosting = false;
    if (areStored) return answered(true);
    isPostLost = true;
    flushUnlessBusy();
  }

  function answered(settledAny) {
    if (settledAny || !outbox().length) {
      rest();
      waiting = false;
      isPostLost = false;
      silence = SILENCE_MS;
      unsettled = UNSETTLED_MS;
      if (outbox().length) schedule(QUICK_MS);
    } else if (waiting) {
      schedule(unsettled);
      unsettled = Math.min(LONGEST_MS, 2 * unsettled);
    }
  }

  return {
    flush,
    rest,
    /* An event was added. What is posted is answered soon, or sent again. */
    changed: () => isPosting || schedule(waiting ? Math.max(QUICK_MS, sentAt + BUSY_MS - clock.now()) : QUICK_MS),
    /* The server answered; `settledAny` says whether any event left the outbox. */
    answered,
  };
}
