// Tests of the state of the card for synthetic tweets under node: run by test_card_model.py, or by `node --test
// tests/ui/cards/synthetic_model.test.mjs`.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

const read = (path) => readFileSync(new URL(`../../../${path}`, import.meta.url), "utf-8");
const { synthetic_data: DATA } = JSON.parse(read("tests/support/card_messages.json"));
const names = ["card_votes.js", "card_refused.js", "card_model.js", "card_flag.js", "card_undo.js", "card_saving.js", "synthetic_model.js"];
const source = names.map((name) => read(`ui/cards/${name}`)).join("\n").replace(/^import .*$/gm, "");
const model = await import(`data:text/javascript,${encodeURIComponent(source)}`);

const TEXT = "call me on 0171 555 0199, she said";
const NOTHING = { acknowledged: [], refused: [], history: [] };
const data = (more = {}) => structuredClone({ ...DATA, ...NOTHING, ...more });
const refusal = (event_id, more = {}) => ({ event_id, why: "it holds a telephone number", edit_again: true, ...more });
const ids = (cards) => cards.map(({ id }) => id);

function open() {
  const session = model.openSession("ana", [], DATA.store);
  model.receive(session, data(), 0);
  return session;
}

/* A session in which the edited text of the first tweet was refused while the second is on the screen. */
function refused() {
  const session = open();
  model.flip(session, "joy");
  model.edit(session, TEXT);
  model.judge(session, "v1", 1000);
  model.receive(session, data({ refused: [refusal("v1")] }), 2000);
  return session;
}

test("a tweet whose edited text was refused comes back with that text and its labels, after the one on screen", () => {
  const session = refused();
  assert.deepEqual([session.current.id, ids(session.ahead), ids(session.queue)], [22, [21], []]);
  model.judge(session, "v2", 3000);
  assert.deepEqual([session.current.id, session.current.isEditRefused], [21, true]);
  assert.deepEqual([model.textOf(session.current), model.chosen(session)], [TEXT, ["joy", "trust"]]);
});

test("the refusal says that the tweet comes back, and is dealt with once the tweet has another verdict", () => {
  const session = refused();
  assert.match(model.refusalInWords(session.refused[0]), /^it holds a telephone number \(tweet 21, .*0171 555 0199.*comes back with this text in the editor\.$/);
  model.judge(session, "v2", 3000);
  assert.deepEqual(model.confirmOnCard(session), []);
  model.edit(session, "call me, she said");
  const event = model.judge(session, "v3", 4000);
  assert.deepEqual([event.tweet_id, event.text], [21, "call me, she said"]);
  assert.deepEqual(model.confirmOnCard(session).map(({ event_id }) => event_id), ["v1"]);
  model.undo(session, "u3", 5000);
  assert.equal(session.current.isEditRefused, false); // this text was not refused
});

test("a text that is refused twice comes back twice, and the tweet is there once", () => {
  const session = refused();
  model.judge(session, "v2", 3000);
  model.judge(session, "v3", 4000);
  model.receive(session, data({ acknowledged: ["v2"], refused: [refusal("v3")], tweets: DATA.tweets.slice(0, 1) }), 5000);
  assert.deepEqual([session.current.id, session.current.isEditRefused, session.queue], [21, true, []]);
});

test("after a reload a refused text still comes back, on the tweet that the server lists", () => {
  const event = model.judge(Object.assign(open(), {}), "v1", 1000);
  const reloaded = model.openSession("ana", [{ ...event, text: TEXT }], DATA.store);
  model.receive(reloaded, data(), 2000);
  assert.equal(reloaded.current.id, 22);
  model.receive(reloaded, data({ refused: [refusal("v1")] }), 3000);
  assert.deepEqual([ids(reloaded.ahead), model.textOf(reloaded.ahead[0])], [[21], TEXT]);
});

test("a tweet that somebody else has checked does not come back: its text stays in the sentence", () => {
  const session = open();
  model.edit(session, TEXT);
  model.judge(session, "v1", 1000);
  model.receive(session, data({ refused: [refusal("v1", { edit_again: false })], tweets: [] }), 2000);
  assert.deepEqual([session.current.id, session.ahead], [22, []]);
  assert.match(model.refusalInWords(session.refused[0]), /with the text “call me on 0171 555 0199, she said”.*by ana\)$/);
});

test("a verdict that was undone before its refusal came does not come back a second time", () => {
  const session = open();
  model.edit(session, TEXT);
  model.judge(session, "v1", 1000);
  model.undo(session, "u1", 1500);
  model.receive(session, data({ refused: [refusal("v1"), refusal("u1", { edit_again: false })] }), 2000);
  assert.deepEqual([session.current.id, model.textOf(session.current), session.ahead.length, session.refused], [21, TEXT, 1, []]);
});

test("an edited text is still there when the tweet comes again after it was skipped", () => {
  const session = open();
  model.edit(session, "my nurse called");
  model.skip(session, 1000);
  model.receive(session, data({ tweets: [...DATA.tweets].reverse() }), 2000);
  model.judge(session, "v2", 3000);
  assert.deepEqual([session.current.id, model.textOf(session.current)], [21, "my nurse called"]);
});
