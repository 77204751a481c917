// Tests of the card's outbox and keys under node: `node --test tests/ui/cards/card_outbox.test.mjs`, or
// test_card_model.py.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

// As a data URL, so that any node version accepts the file as a module.
const load = (name) => {
  const source = readFileSync(new URL(`../../../ui/cards/${name}`, import.meta.url), "utf-8");
  return import(`data:text/javascript,${encodeURIComponent(source)}`);
};
const { makeSender, openStorage, pageMemory } = await load("card_outbox.js");
const { keyOf } = await load("card_keys.js");

// ---- the outbox

function world(sent, poster = undefined) {
  const timers = new Map();
  let now = 0;
  const clock = {
    now: () => now,
    later: (action, ms) => (timers.set(timers.size + 1, { action, at: now + ms }), timers.size),
    cancel: (id) => timers.has(id) && (timers.get(id).action = null),
    pass(ms) {
      const until = now + ms;
      for (;;) {
        const waiting = [...timers.values()].filter((timer) => timer.action && timer.at <= until);
        const due = waiting.sort((a, b) => a.at - b.at)[0];
        if (!due) break;
        now = due.at;
        const { action } = due;
        due.action = null;
        action();
      }
      now = until;
    },
  };
  const outbox = [];
  const sender = makeSender(() => outbox, (events) => sent.push({ at: now, events }), clock, poster);
  return { clock, outbox, sender };
}

test("a silent server is asked again with ever longer waits, each time with another attempt number", () => {
  const sent = [];
  const { clock, outbox, sender } = world(sent);
  outbox.push({ event_id: "e1" });
  sender.changed();
  clock.pass(63_000);
  const waits = sent.slice(1).map((one, i) => one.at - sent[i].at);
  assert.deepEqual(waits, [2000, 4000, 8000, 16000, 30000]);
  assert.deepEqual(sent.map((one) => one.events[0].attempt), [1, 2, 3, 4, 5, 6]);
});

/* A world in which events can be posted; `answers` has what each post resolves to, and `posts` what was posted. */
function postingWorld(answers, { isBusy = () => false } = {}) {
  const [sent, posts] = [[], []];
  const made = world(sent, () => (events) => {
    posts.push(events.map((event) => event.event_id));
    const answer = answers.shift();
    if (answer === true) made.outbox.length = 0;
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  });
  made.clock.isBusy = isBusy;
  return { ...made, sent, posts };
}
const settle = () => new Promise((resolve) => setImmediate(resolve)); // what was posted is answered

test("an event that the server stores at once needs no run of the page, not even of one that is busy", async () => {
  const { clock, outbox, sender, sent, posts } = postingWorld([true, true], { isBusy: () => true });
  for (const event_id of ["e1", "e2"]) {
    outbox.push({ event_id });
    sender.changed();
    clock.pass(20);
    await settle();
  }
  clock.pass(60_000);
  assert.deepEqual([posts, sent], [[["e1"], ["e2"]], []]);
});

test("an event that is refused, waits, or cannot be posted goes through the page at once", async () => {
  for (const answer of [false, new TypeError("Failed to fetch")]) {
    const { clock, outbox, sender, sent } = postingWorld([answer, true]);
    outbox.push({ event_id: "e1" });
    sender.changed();
    clock.pass(20);
    await settle();
    assert.deepEqual(sent.map((one) => one.events[0].event_id), ["e1"]);
    clock.pass(10_000); // again and again, until the page has answered
    await settle();
    assert.equal(sent.length, 2);
    outbox.shift();
    sender.answered(true);
    outbox.push({ event_id: "e2" });
    sender.changed();
    clock.pass(20);
    await settle();
    assert.equal(sent.length, 2); // the next one is posted
  }
});

test("a post without an answer is followed by the page after two seconds, and a late answer does no harm", async () => {
  let answer;
  const { clock, outbox, sender, sent, posts } = postingWorld([new Promise((resolve) => (answer = resolve))]);
  outbox.push({ event_id: "e1" });
  sender.changed();
  clock.pass(1000);
  outbox.push({ event_id: "e2" });
  sender.changed();
  clock.pass(900);
  assert.deepEqual([posts, sent], [[["e1"]], []]);
  clock.pass(1000);
  assert.deepEqual(sent.map((one) => one.events.length), [2]);
  answer(true);
  await settle();
  clock.pass(20);
  assert.equal(outbox.length, 2); // the page has to acknowledge them
});

test("events made while an answer is awaited go out together, and at once when it comes", () => {
  const sent = [];
  const { clock, outbox, sender } = world(sent);
  outbox.push({ event_id: "e1" });
  sender.changed();
  clock.pass(100);
  outbox.push({ event_id: "e2" });
  sender.changed();
  outbox.push({ event_id: "e3" });
  sender.changed();
  clock.pass(100);
  assert.equal(sent.length, 1);
  outbox.shift();
  sender.answered(true);
  clock.pass(100);
  assert.deepEqual(sent[1].events.map((event) => event.event_id), ["e2", "e3"]);
});

test("an answer that settles nothing brings another sending, but no storm", () => {
  const sent = [];
  const { clock, outbox, sender } = world(sent);
  outbox.push({ event_id: "e1" });
  sender.changed();
  for (let second = 0; second < 60; second += 1) {
    clock.pass(1000);
    sender.answered(false);
  }
  assert.ok(sent.length > 3 && sent.length < 12, `${sent.length} sendings in a minute`);
});

test("while the page is at work on an answer nothing is sent again, but not for ever", () => {
  const sent = [];
  const { clock, outbox, sender } = world(sent);
  outbox.push({ event_id: "e1" });
  sender.changed();
  clock.pass(20);
  let isBusy = true;
  clock.isBusy = () => isBusy;
  clock.pass(10_000);
  assert.equal(sent.length, 1);
  isBusy = false;
  clock.pass(1000);
  assert.equal(sent.length, 2);
  isBusy = true;
  clock.pass(60_000);
  assert.equal(sent.length, 3);
});

test("an empty outbox is never sent", () => {
  const sent = [];
  const { clock, outbox, sender } = world(sent);
  outbox.push({ event_id: "e1" });
  sender.changed();
  clock.pass(20);
  outbox.pop();
  sender.answered(true);
  sender.flush();
  clock.pass(60_000);
  assert.equal(sent.length, 1);
});

/* An imitation of the browser's storage: keys are properties. */
function backing() {
  const store = {};
  const hidden = {
    setItem: (key, value) => (store[key] = value),
    getItem: (key) => store[key] ?? null,
    removeItem: (key) => delete store[key],
  };
  for (const [name, value] of Object.entries(hidden)) Object.defineProperty(store, name, { value });
  return store;
}

const open = (store, backed, page = new Map()) => openStorage(store, () => backed, page);
const event = (id, reviewer, second) => ({ event_id: id, reviewer, at: `2026-01-01T00:00:0${second}Z` });
const idsOf = (events) => events.map(({ event_id }) => event_id);

test("unsent events survive the page in their order, whoever made them, for their own store only", () => {
  const shared = backing();
  const mine = open("a.db", shared);
  mine.put(event("e2", "ana", 2));
  mine.put(event("e1", "ana/x", 1));
  open("b.db", shared).put(event("e4", "ana", 3));
  const found = open("a.db", shared).load();
  assert.deepEqual(found.map((one) => [one.event_id, one.reviewer, one.store]), [["e1", "ana/x", "a.db"], ["e2", "ana", "a.db"]]);
  mine.drop([event("e1", "ana/x", 1)]);
  assert.deepEqual(idsOf(mine.load()), ["e2"]);
});

const refusing = { setItem: () => { throw new Error("full"); }, removeItem: () => {}, getItem: () => null };

test("where the browser refuses storage, unsent events live in the page, and the card knows", () => {
  const page = new Map();
  const first = open("a.db", refusing, page);
  assert.equal(first.isSafe(), false);
  first.put(event("e1", "ana", 1));
  assert.deepEqual(idsOf(open("a.db", refusing, page).load()), ["e1"]); // also after a look at another page of the app
  first.drop([event("e1", "ana", 1)]);
  assert.deepEqual([first.load(), page.size], [[], 0]);
});

test("where even to reach for the storage is forbidden, the card works on", () => {
  const page = new Map();
  const blocked = openStorage("a.db", () => { throw new Error("SecurityError"); }, page);
  blocked.put(event("e1", "ana", 1));
  assert.deepEqual([idsOf(blocked.load()), blocked.isSafe()], [["e1"], false]);
});

test("what lived in the page alone goes into the storage as soon as there is room", () => {
  const [shared, page] = [backing(), new Map()];
  let isFull = true;
  const reach = () => {
    if (isFull) throw new Error("full");
    return shared;
  };
  const storage = openStorage("a.db", reach, page);
  storage.put(event("e1", "ana", 1));
  storage.put(event("e2", "ana", 2));
  isFull = false;
  storage.drop([event("e1", "ana", 1)]);
  assert.deepEqual([page.size, idsOf(open("a.db", shared).load()), storage.isSafe()], [0, ["e2"], true]);
});

test("the page asks before it is closed only while something lies in it alone", () => {
  let asks = null;
  const page = { addEventListener: (name, action) => name === "beforeunload" && (asks = action) };
  const held = pageMemory(page);
  const close = () => {
    let asked = false;
    asks({ preventDefault: () => (asked = true) });
    return asked;
  };
  assert.equal(close(), false);
  held.set("e1", {});
  assert.deepEqual([close(), pageMemory(page) === held], [true, true]);
});

test("storage that holds nonsense stops nobody", () => {
  const shared = backing();
  open("a.db", shared).put(event("e1", "ana", 1));
  for (const key of Object.keys(shared)) shared[`${key}x`] = "{";
  assert.equal(open("a.db", shared).load().length, 1);
});

// ---- keys

test("keys mean the same on other layouts and with Shift; held keys and shortcuts mean nothing", () => {
  assert.equal(keyOf({ key: "j", code: "KeyJ" }), "J");
  assert.equal(keyOf({ key: "&", code: "Digit1" }), "1"); // AZERTY
  assert.equal(keyOf({ key: "о", code: "KeyJ" }), "J"); // Cyrillic
  assert.equal(keyOf({ key: ";", code: "KeyZ" }), ""); // Dvorak: not an undo
  assert.equal(keyOf({ key: "?", code: "Slash" }), "?");
  assert.equal(keyOf({ key: "Enter", code: "NumpadEnter" }), "Enter");
  assert.equal(keyOf({ key: "Enter", code: "Enter", repeat: true }), "");
  assert.equal(keyOf({ key: "z", code: "KeyZ", ctrlKey: true }), "");
});
