// Tests that the cards understand the messages of Python and send those that Python understands. The examples are those
// that tests/jobs/review/test_card_messages.py reads.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

const read = (path) => readFileSync(new URL(`../../../${path}`, import.meta.url), "utf-8");
const examples = JSON.parse(read("tests/support/card_messages.json"));
const load = (...names) => {
  const source = names.map((name) => read(`ui/cards/${name}`)).join("\n").replace(/^import .*$/gm, "");
  return import(`data:text/javascript,${encodeURIComponent(source)}`);
};
const MODEL = ["card_votes.js", "card_reason.js", "card_refused.js", "card_model.js", "card_flag.js", "card_undo.js", "card_count.js"];
const model = await load(...MODEL, "synthetic_model.js", "card_outbox.js", "card_saving.js", "card_side_panel.js");

const START = Date.parse("2026-01-01T00:00:00Z");
const at = (seconds) => START + Math.round(1000 * seconds);

/* The events of the outbox as the sender delivers them. */
function sent(session) {
  let delivered = null;
  const clock = { now: () => 0, later: () => 0, cancel: () => {} };
  model.makeSender(() => session.outbox, (events) => (delivered = events), clock).flush();
  return JSON.parse(JSON.stringify(delivered)); // as Streamlit sends them
}

function open(data) {
  const session = model.openSession(data.reviewer, [], data.store);
  model.receive(session, data, START);
  return session;
}

test("the review card sends exactly the declared events for the declared data", () => {
  const { review_data: data, review_events: expected } = examples;
  const session = open(data);
  model.flip(session, "anger");
  model.decide(session, "e1", at(2.41));
  model.flip(session, "joy");
  model.decide(session, "e2", at(5)); // blind: the sources are shown now
  model.decide(session, "e2", at(6));
  model.decide(session, "e3", at(7));
  const [first, blind, again] = sent(session);
  assert.deepEqual([first, blind, again], [expected.decide, expected.decide_blind, expected.decide_again]);

  const newer = { decision: 9, reviewer: "ben", labels: ["fear"] };
  const refused = [{ event_id: "e3", why: "", newer_decision: newer, edit_again: false }];
  model.receive(session, { ...data, tweets: [], history: [], acknowledged: ["e1", "e2"], refused }, at(8));
  model.decide(session, "e5", at(8)); // the tweet on screen, which came without labels
  model.decide(session, "e4", at(10));
  model.undo(session, "u1", at(11));
  model.flag(session, "f1", at(12), "sarcasm?");
  model.flag(session, "f2", at(13), null);
  const { decide_unlabelled, decide_overtaken, undo, flag, remove_flag } = expected;
  assert.deepEqual(sent(session), [decide_unlabelled, decide_overtaken, undo, flag, remove_flag]);
});

test("the review card reads the declared data: tweets, history, progress, refusals and the side panel", () => {
  const { review_data: data } = examples;
  const session = open(data);
  assert.deepEqual([session.current, ...session.queue], data.tweets);
  assert.deepEqual([model.decidedCount(session), session.server.total, session.guidelines], [100, 500, 2]);
  assert.deepEqual(model.undoable(session), data.history);
  assert.deepEqual(session.skipped, data.skipped);
  const { note, flag } = data.side_panel.annotations[session.current.id];
  assert.ok(note && model.flagOf(session, 1, flag) === flag);
  assert.deepEqual(model.progress(data.side_panel.explaining, { after: 7, tweet: 1 }), { text: "The word", isOver: false });
});

test("the card for synthetic tweets sends exactly the declared events for the declared data", () => {
  const { synthetic_data: data, synthetic_events: expected } = examples;
  const session = open(data);
  model.flip(session, "joy");
  model.edit(session, " my nurse called back, as she said ");
  model.judge(session, "v1", at(2.41));
  model.judge(session, "v2", at(4), "unrealistic");
  model.undo(session, "u2", at(5));
  assert.deepEqual(sent(session), [expected.accept, expected.reject, expected.undo]);
});

test("the card for synthetic tweets reads the declared data", () => {
  const { synthetic_data: data } = examples;
  const session = open(data);
  assert.deepEqual([session.current, ...session.queue], data.tweets);
  assert.equal(model.predictionsInWords(session.current, 4), "BERT 0.08 · judge 0.91");
  assert.equal(model.textOf(data.history[0].card), "my nurse kept every promise");
});

test("unsent events of the version before are sent as they are, counted, and described", () => {
  for (const kind of ["review", "synthetic"]) {
    const unsent = examples.unsent_events_of_version_0_1[kind];
    const data = examples[`${kind}_data`];
    const session = model.openSession("ana", structuredClone(unsent), data.store);
    model.receive(session, { ...data, refused: [] }, START);
    assert.deepEqual(sent(session), unsent.map((event) => ({ ...event, attempt: 1 })));
    assert.equal(model.decidedCount(session), data.decided);
    assert.ok(unsent.every((event) => model.actionInWords(event).startsWith(`tweet ${event.tweet_id}, `)));
  }
});
