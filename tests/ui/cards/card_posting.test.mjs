// Tests of posted events and of the runs of the page that follow, under node; run by test_card_model.py.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

const read = (name) => readFileSync(new URL(`../../../ui/cards/${name}`, import.meta.url), "utf-8");
const names = ["card_votes.js", "card_refused.js", "card_model.js", "card_posting.js"];
const source = names.map(read).join("\n").replace(/^import .*$/gm, "");
const { openPosting } = await import(`data:text/javascript,${encodeURIComponent(source)}`);

/* A card with events e1 to en in its outbox and many tweets, whose server answers with `answer`. */
function world(t, { n = 1, left = 20, answer, isBusy = () => false }) {
  let timers = [];
  let now = 0;
  const clock = {
    later: (action, ms) => (timers.push({ action, at: now + ms }), timers.at(-1)),
    cancel: (timer) => (timers = timers.filter((one) => one !== timer)),
    isBusy,
    tick(ms) {
      now += ms;
      const due = timers.filter(({ at }) => at <= now);
      timers = timers.filter(({ at }) => at > now);
      due.forEach(({ action }) => action());
    },
  };
  const outbox = Array.from({ length: n }, (_, i) => ({ event_id: `e${i + 1}`, kind: "decide", tweet_id: i }));
  const runs = [];
  const dropped = [];
  const card = {
    token: "secret",
    away: "",
    visit: {},
    session: { outbox, settled: [], ahead: [], queue: Array(left).fill({}), waiting: "", cards: new Map() },
    storage: { drop: (events) => dropped.push(...events.map((one) => one.event_id)) },
  };
  const asked = t.mock.method(globalThis, "fetch", async () => answer);
  const posting = openPosting(card, clock, { changed: () => {}, run: (value) => runs.push(value) });
  return { card, posting, asked, runs, dropped, outbox, clock };
}
const stored = (...ids) => ({ ok: true, json: async () => ({ acknowledged: ids }) });

test("stored events leave the browser, and the page runs once the reviewer pauses", async (t) => {
  const { card, posting, asked, runs, dropped, outbox, clock } = world(t, { answer: stored("e1") });
  assert.equal(await posting.poster()(outbox), true);
  const { body, keepalive } = asked.mock.calls[0].arguments[1];
  assert.deepEqual([JSON.parse(body).token, JSON.parse(body).outbox.length, keepalive], ["secret", 1, true]);
  assert.deepEqual([dropped, card.session.outbox, card.session.settled.length], [["e1"], [], 1]);
  clock.tick(1400);
  await posting.poster()([]); // another key: the pause begins anew
  clock.tick(1400);
  assert.deepEqual(runs, []);
  clock.tick(200);
  assert.deepEqual(runs, [1]);
});

test("the page runs at once when few tweets are left, and waits while it is busy", async (t) => {
  let busy = true;
  const { posting, runs, outbox, clock } = world(t, { left: 3, answer: stored("e1"), isBusy: () => busy });
  await posting.poster()(outbox);
  clock.tick(400);
  assert.deepEqual(runs, []);
  busy = false;
  clock.tick(600);
  assert.deepEqual(runs, [1]);
});

test("data that came meanwhile, or a page that was left, needs no further run", async (t) => {
  for (const leave of [(card) => (card.session.settled = []), (card) => (card.visit = null)]) {
    const { card, posting, runs, outbox, clock } = world(t, { answer: stored("e1") });
    await posting.poster()(outbox);
    leave(card);
    clock.tick(10_000);
    assert.deepEqual(runs, []);
    t.mock.restoreAll();
  }
});

test("events that the server does not store stay in the browser", async (t) => {
  const { posting, dropped, outbox } = world(t, { n: 2, answer: stored("e1") });
  assert.equal(await posting.poster()(outbox), false);
  assert.deepEqual(dropped, ["e1"]);
});

test("an unknown page or a server without the address stores nothing", async (t) => {
  const { card, posting, dropped, outbox } = world(t, { answer: { ok: false } });
  assert.equal(await posting.poster()(outbox), false);
  assert.deepEqual([dropped, card.session.outbox.length], [[], 1]);
});

test("a page without a token, or without its store, posts nothing", (t) => {
  const { card, posting } = world(t, { answer: stored() });
  card.away = "the database is away";
  assert.equal(posting.poster(), null);
  Object.assign(card, { away: "", token: "" });
  assert.equal(posting.poster(), null);
});
