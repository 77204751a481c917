// Tests of which clicks leave the card's page, under node: `node --test tests/ui/cards/card_navigation.test.mjs`, or
// test_card_model.py.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

const source = readFileSync(new URL("../../../ui/cards/card_navigation.js", import.meta.url), "utf-8");
const { leadsAway, openNavigation } = await import(`data:text/javascript,${encodeURIComponent(source)}`);

const APP = "http://localhost:8501";
const link = (address, target = "") => ({ tagName: "A", target, ...parts(new URL(address, APP)) });
const parts = ({ origin, pathname }) => ({ origin, pathname });
const click = (node, more = {}) => ({ button: 0, composedPath: () => [{ tagName: "SPAN" }, node, {}], ...more });
const NOTHING = { wait: () => false, send: () => assert.fail("nothing waits") };

/* A window with the listeners that were added to it. */
function openWindow() {
  const listeners = {};
  const add = (name, listener) => (listeners[name] = listener);
  return { location: new URL("/review?order=doubt", APP), document: { addEventListener: add }, addEventListener: add, listeners };
}

test("a click on a link to another page of the app leaves the page", () => {
  assert.equal(leadsAway(click(link("/guidelines")), APP, "/review").pathname, "/guidelines");
});

test("other clicks do not leave the page", () => {
  const stays = [
    click({ tagName: "BUTTON" }),
    click(link("/review?order=random")),
    click(link("https://example.org/guidelines")),
    click(link("/guidelines", "_blank")),
    click(link("/guidelines"), { ctrlKey: true }),
    click(link("/guidelines"), { metaKey: true }),
    click(link("/guidelines"), { button: 1 }),
  ];
  assert.deepEqual(stays.map((event) => leadsAway(event, APP, "/review")), stays.map(() => null));
});

test("messages are held after a click that leaves the page, and go on if the page is still there much later", () => {
  let time = 0;
  const view = openWindow();
  const navigation = openNavigation(view, { now: () => time }, NOTHING);
  navigation.watch();
  assert.equal(navigation.isLeaving(), false);
  view.listeners.click(click(link("/guidelines")));
  assert.equal(navigation.isLeaving(), true);
  time = 10_000;
  assert.equal(navigation.isLeaving(), false);
});

test("the browser's own way back leaves the page if it leads to another one", () => {
  const view = openWindow();
  const navigation = openNavigation(view, { now: () => 0 }, NOTHING);
  navigation.watch();
  view.location = new URL("/review", APP);
  view.listeners.popstate();
  assert.equal(navigation.isLeaving(), false);
  view.location = new URL("/data", APP);
  view.listeners.popstate();
  assert.equal(navigation.isLeaving(), true);
});

/* A page with unsaved events: what was sent and followed, and the timers. */
function unsaved() {
  const world = { time: 0, waits: true, sent: 0, followed: [], timers: [] };
  const view = openWindow();
  const clock = { now: () => world.time, later: (action) => world.timers.push(action) };
  const navigation = openNavigation(view, clock, { wait: () => world.waits, send: () => (world.sent += 1) });
  navigation.watch();
  world.press = (address) => {
    const target = { ...link(address), click: () => (world.followed.push(address), view.listeners.click(click(target))) };
    const stopped = [];
    view.listeners.click(click(target, { preventDefault: () => stopped.push(1), stopImmediatePropagation: () => stopped.push(2) }));
    return stopped.length === 2;
  };
  world.pass = (ms) => {
    world.time += ms;
    world.timers.splice(0).forEach((action) => action());
  };
  return { ...world, world, navigation };
}

test("a link is followed once the last decision is saved, which is sent at once", () => {
  const { world, press, pass, navigation } = unsaved();
  assert.ok(press("/guidelines"));
  assert.deepEqual([world.sent, world.followed, navigation.isLeaving()], [1, [], false]);
  assert.equal(navigation.isHolding(), true);
  pass(30);
  assert.deepEqual(world.followed, []);
  world.waits = false;
  pass(30);
  assert.deepEqual([world.followed, navigation.isLeaving(), navigation.isHolding()], [["/guidelines"], true, false]);
});

test("a link is followed soon although the decision cannot be saved, and it is the last one clicked", () => {
  const { world, press, pass } = unsaved();
  press("/guidelines");
  press("/data");
  pass(1500);
  assert.deepEqual([world.sent, world.followed], [1, ["/data"]]);
});
