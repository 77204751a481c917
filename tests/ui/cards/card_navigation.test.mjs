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

/* A window with the listeners that were added to it. */
function openWindow() {
  const listeners = {};
  const add = (name, listener) => (listeners[name] = listener);
  return { location: new URL("/review?order=doubt", APP), document: { addEventListener: add }, addEventListener: add, listeners };
}

test("a click on a link to another page of the app leaves the page", () => {
  assert.ok(leadsAway(click(link("/guidelines")), APP, "/review"));
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
  assert.deepEqual(stays.map((event) => leadsAway(event, APP, "/review")), stays.map(() => false));
});

test("messages are held after a click that leaves the page, and go on if the page is still there much later", () => {
  let time = 0;
  const view = openWindow();
  const navigation = openNavigation(view, () => time);
  navigation.watch();
  assert.equal(navigation.isLeaving(), false);
  view.listeners.click(click(link("/guidelines")));
  assert.equal(navigation.isLeaving(), true);
  time = 10_000;
  assert.equal(navigation.isLeaving(), false);
});

test("the browser's own way back leaves the page if it leads to another one", () => {
  const view = openWindow();
  const navigation = openNavigation(view, () => 0);
  navigation.watch();
  view.location = new URL("/review", APP);
  view.listeners.popstate();
  assert.equal(navigation.isLeaving(), false);
  view.location = new URL("/data", APP);
  view.listeners.popstate();
  assert.equal(navigation.isLeaving(), true);
});
