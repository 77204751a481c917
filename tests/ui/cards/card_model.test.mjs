// Tests of the card's state under node: run by test_card_model.py, or by `node --test
// tests/ui/cards/card_model.test.mjs`.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

// Joined as on the page, and as a data URL, so that any node version accepts it as a module.
const load = (...names) => {
  const read = (name) => readFileSync(new URL(`../../../ui/cards/${name}`, import.meta.url), "utf-8");
  const source = names.map(read).join("\n").replace(/^import .*$/gm, "");
  return import(`data:text/javascript,${encodeURIComponent(source)}`);
};
const model = await load("card_votes.js", "card_reason.js", "card_refused.js", "card_model.js", "card_flag.js", "card_undo.js", "card_count.js");

const NAMES = ["anger", "joy", "love", "optimism"];
const EMOTIONS = NAMES.map((name) => ({ name, key: name[0].toUpperCase() }));

function card(id, original = ["joy"], suggested = null, predicted = null, emotion = null) {
  const chances = (labels) => NAMES.map((name) => (labels.includes(name) ? 0.9 : 0.1));
  const suggestion = suggested && { id: 10 * id, by: "Qwen", labels: suggested, probabilities: chances(suggested) };
  const prediction = predicted && { run: 3, by: "run 3", labels: predicted, probabilities: chances(predicted) };
  const text = `tweet ${id}`;
  return { id, text, split: "train", emotion, doubt: null, reason: "", original, suggestion, prediction };
}

function data(ids, more = {}) {
  const tweets = ids.map((id) => card(id));
  const rest = { acknowledged: [], refused: [], history: [], decided: 100, total: 500 };
  return { view: "train", emotions: EMOTIONS, tweets, ...rest, ...more };
}

function session(ids, more = {}) {
  const opened = model.openSession("ana");
  model.receive(opened, data(ids, more), 0);
  return opened;
}

const names = (rows) => rows.map((row) => row.name);
const ids = (cards) => cards.map((one) => one.id);

// ---- one tweet

test("disputed emotions lead, the one that earned the doubt first of all", () => {
  const rows = model.layout(card(1, ["joy", "love"], ["joy", "optimism"], ["joy", "optimism"], "optimism"), NAMES);
  assert.deepEqual(names(rows.disputed), ["optimism", "love"]);
  assert.deepEqual(names(rows.agreed), ["joy"]);
  assert.deepEqual(names(rows.none), ["anger"]);
});

test("a source that is missing disputes nothing", () => {
  const rows = model.layout(card(1, ["joy"]), NAMES);
  assert.deepEqual([names(rows.disputed), names(rows.agreed)], [[], ["joy"]]);
});

test("without original labels the answer starts at what the models agree on, and no key takes the original", () => {
  const start = (suggested, predicted) => model.startOf(card(1, null, suggested, predicted), NAMES);
  assert.deepEqual(start(["joy", "love"], ["joy", "optimism"]), ["joy"]);
  assert.deepEqual(start(["joy", "love"], null), ["joy", "love"]);
  assert.deepEqual(start(null, ["anger"]), ["anger"]);
  assert.deepEqual(start(null, null), []);
  assert.deepEqual(model.startOf({ ...card(1, null, ["joy"]), blind: true }, NAMES), []);
  assert.deepEqual(model.startOf({ ...card(1, null, ["joy"]), in_force: { labels: ["anger"] } }, NAMES), ["anger"]);
  assert.equal(model.labelsOf(card(1, null, ["joy"]), NAMES, 1), null);
  const opened = session([]);
  model.receive(opened, { ...data([]), tweets: [card(1, null, ["joy"])] }, 0);
  assert.equal(model.take(opened, 1), false);
  assert.deepEqual(model.chosen(opened), ["joy"]);
  assert.equal(model.decide(opened, "e1", 10).shown.original, null);
});

test("the card says that there are no original labels, and where the answer starts", () => {
  const why = (suggested, predicted) => model.reasonWords(card(1, null, suggested, predicted), "ana");
  assert.equal(why(["joy"], ["joy"]), "no original labels; your answer starts from what Qwen and BERT both give");
  assert.equal(why(null, ["joy"]), "no original labels; your answer starts from what BERT gives");
  assert.equal(why(null, null), "no original labels; no model has given any yet");
});

test("the answer starts at what two of three sources say", () => {
  const three = card(1, ["joy", "love"], ["joy", "optimism"], ["joy", "optimism"]);
  assert.deepEqual(model.majority(three, NAMES), ["joy", "optimism"]);
});

test("where two sources disagree the original stands", () => {
  assert.deepEqual(model.majority(card(1, ["joy", "love"], ["anger", "joy"]), NAMES), ["joy", "love"]);
});

test("where two sources disagree and no original came nothing is claimed", () => {
  assert.deepEqual(model.majority(card(1, null, ["joy", "love"], ["joy"]), NAMES), ["joy"]);
});

test("an original without labels is a source that says no to all", () => {
  assert.deepEqual(names(model.layout(card(1, [], ["joy"]), NAMES).disputed), ["joy"]);
  assert.deepEqual(model.majority(card(1, [], ["joy"]), NAMES), []);
});

test("all labels of one source can be taken, and none of a source that is missing", () => {
  const one = session([]);
  model.receive(one, data([], { tweets: [card(1, ["joy"], ["anger", "love"])] }), 0);
  assert.equal(model.take(one, 2), true);
  assert.deepEqual(model.chosen(one), ["anger", "love"]);
  assert.equal(model.take(one, 3), false);
  assert.deepEqual(model.chosen(one), ["anger", "love"]);
});

test("the column of the language model is headed by its family", () => {
  const uris = ["hf:Qwen/Qwen2.5-1.5B-Instruct", "openai:http://host:8000/v1#llama3:8b", "dir:/models/phi-4/", ""];
  assert.deepEqual(uris.map(model.familyName), ["Qwen", "llama", "phi", "LLM"]);
});

// ---- the queue

test("a decision keeps the share of blind tweets under which its card was drawn", () => {
  const one = session([], { tweets: [{ ...card(1), blind_share: 0.25 }, card(2)] });
  assert.equal(model.decide(one, "e1", 1).shown.blind_share, 0.25);
  assert.equal(model.decide(one, "e2", 2).shown.blind_share, null);
});

test("a decision goes into the outbox with what was shown, and the next tweet comes", () => {
  const one = session([], { tweets: [card(1, ["joy"], ["joy"]), card(2)] });
  model.flip(one, "love");
  const event = model.decide(one, "e1", 2410);
  assert.equal(one.current.id, 2);
  assert.deepEqual(one.outbox, [event]);
  assert.deepEqual(event.labels, ["joy", "love"]);
  const { original, suggestion, start } = event.shown;
  assert.deepEqual([original, suggestion.labels, start], [["joy"], ["joy"], ["joy"]]);
  assert.deepEqual([event.reviewer, event.tweet_id, event.seconds], ["ana", 1, 2.41]);
});

test("the tweet on screen and its answer stand still when new data comes", () => {
  const one = session([1, 2]);
  model.flip(one, "anger");
  model.receive(one, data([7, 8, 1]), 0);
  assert.equal(one.current.id, 1);
  assert.deepEqual(model.chosen(one), ["anger", "joy"]);
  assert.deepEqual(ids(one.queue), [7, 8]);
});

test("a tweet decided here does not come again while the store has not heard of it", () => {
  const one = session([1, 2]);
  model.decide(one, "e1", 10);
  model.receive(one, data([1, 2, 3]), 20);
  assert.deepEqual([one.current.id, ...ids(one.queue)], [2, 3]);
});

const eventIds = (events) => events.map((event) => event.event_id);

test("events leave the outbox when stored or refused, and what is refused stays until a person has read it", () => {
  const one = session([1, 2, 3, 4]);
  for (const id of ["e1", "e2", "e3"]) model.decide(one, id, 10);
  const refused = [{ event_id: "e2", why: "Tweet 2 is gone." }];
  const settled = model.receive(one, data([4], { acknowledged: ["e1", "of another page"], refused }), 20);
  assert.deepEqual([eventIds(settled.stored), settled.any], [["e1"], true]);
  assert.deepEqual(eventIds(one.outbox), ["e3"]);
  assert.deepEqual(one.refused.map(({ why }) => why), ["Tweet 2 is gone."]);
  assert.deepEqual([eventIds(model.confirmRefused(one)), one.refused], [["e2"], []]);
});

test("while the server cannot save, every event stays in the outbox, with the reason", () => {
  const one = session([1, 2]);
  model.decide(one, "e1", 10);
  const settled = model.receive(one, data([2], { waiting: "the disk is full" }), 20);
  assert.deepEqual([settled.any, eventIds(one.outbox), one.waiting], [false, ["e1"], "the disk is full"]);
  model.receive(one, data([2], { acknowledged: ["e1"] }), 30);
  assert.deepEqual([one.outbox, one.waiting], [[], ""]);
});

test("an event names the store and the reviewer that it was made for", () => {
  const one = model.openSession("ana", [], "store 7");
  model.receive(one, data([1, 2, 3]), 0);
  const made = [model.decide(one, "e1", 10), model.flag(one, "f1", 20, "odd"), model.undo(one, "u1", 30)];
  assert.deepEqual(made.map((event) => [event.store, event.reviewer]), Array(3).fill(["store 7", "ana"]));
});

test("an event is later than those an earlier page left, also when the clock was set back since", () => {
  const left = { event_id: "e0", kind: "decide", tweet_id: 9, at: "2026-01-01T10:00:00.000Z" };
  const one = model.openSession("ana", [left]);
  model.receive(one, data([1, 2]), 0);
  assert.ok(model.decide(one, "e1", Date.parse("2026-01-01T09:00:00Z")).at > left.at);
});

test("another view drops tweets, skips and drafts but not the outbox", () => {
  const one = session([1, 2, 3]);
  model.decide(one, "e1", 10);
  model.skip(one, 10);
  model.receive(one, data([1, 9], { view: "dev" }), 20);
  assert.deepEqual([one.current.id, one.queue.length, one.skipped.length, one.outbox.length], [9, 0, 0, 1]);
});

test("a skipped tweet comes last, with the answer it had", () => {
  const one = session([1, 2]);
  model.flip(one, "anger");
  assert.equal(model.skip(one, 10), true);
  assert.deepEqual([one.current.id, one.skipped], [2, [1]]);
  model.receive(one, data([1, 2, 3]), 20);
  assert.deepEqual(ids(one.queue), [3, 1]);
  model.decide(one, "e1", 30);
  model.decide(one, "e2", 40);
  assert.deepEqual(model.chosen(one), ["anger", "joy"]);
});

test("tweets that were skipped before the page was left come last when it is opened again", () => {
  const one = session([1, 2, 3], { skipped: [1, 2] });
  assert.deepEqual([one.current.id, ids(one.queue), one.skipped], [3, [1, 2], [1, 2]]);
  model.decide(one, "e1", 10);
  model.decide(one, "e2", 20);
  assert.deepEqual(one.skipped, [2]);
});

test("skipped tweets are shown next on request, and then stand in the list as before", () => {
  const one = session([1, 2, 3, 4]);
  model.skip(one, 10);
  model.skip(one, 20);
  assert.equal(model.showSkipped(one), 2);
  assert.deepEqual([one.current.id, ids(one.queue), one.skipped], [3, [1, 2, 4], []]);
  model.receive(one, data([1, 2, 3, 4]), 30);
  assert.deepEqual(ids(one.queue), [1, 2, 4]);
  assert.equal(model.undoNewest(one, "u1", 40), null);
});

test("the only tweet left cannot be skipped", () => {
  const one = session([1]);
  assert.equal(model.skip(one, 10), false);
  assert.equal(one.current.id, 1);
});

test("after the last tweet there is none, until data brings one", () => {
  const one = session([1]);
  model.decide(one, "e1", 10);
  assert.equal(one.current, null);
  model.receive(one, data([5], { acknowledged: ["e1"] }), 20);
  assert.equal(one.current.id, 5);
});

// ---- undo

test("undo brings the tweet back as it was saved, and the interrupted one follows with its answer", () => {
  const one = session([1, 2, 3]);
  model.flip(one, "love");
  model.decide(one, "e1", 10);
  model.flip(one, "anger");
  const event = model.undo(one, "u1", 20);
  assert.deepEqual([event.kind, event.undoes, event.tweet_id], ["undo", "e1", 1]);
  assert.deepEqual([one.current.id, model.chosen(one)], [1, ["joy", "love"]]);
  assert.deepEqual(one.outbox.map((sent) => sent.kind), ["decide", "undo"]);
  model.decide(one, "e2", 30);
  assert.deepEqual([one.current.id, model.chosen(one)], [2, ["anger", "joy"]]);
});

test("undo goes on through what the server remembers, newest first, and never twice", () => {
  const history = [8, 7].map((id) => ({ event_id: `old${id}`, labels: ["anger"], card: card(id) }));
  const one = session([1, 2, 3], { history });
  model.decide(one, "e1", 10);
  model.decide(one, "e2", 10);
  const undone = ["u1", "u2", "u3", "u4"].map((id) => model.undo(one, id, 20).undoes);
  assert.deepEqual(undone, ["e2", "e1", "old8", "old7"]);
  assert.equal(model.undo(one, "u5", 20), null);
  model.receive(one, data([1, 2, 3, 4], { history, acknowledged: ["e1", "e2", "u1", "u2"] }), 30);
  assert.equal(model.undoable(one).length, 0);
  assert.deepEqual([one.current.id, ...ids(one.ahead), ...ids(one.queue)], [7, 8, 1, 2, 3, 4]);
});

test("a decision that the server repeats in its history counts once", () => {
  const one = session([1, 2]);
  model.decide(one, "e1", 10);
  const history = [{ event_id: "e1", labels: ["joy"], card: card(1) }];
  model.receive(one, data([2], { history }), 20);
  assert.equal(model.undoable(one).length, 1);
});

// ---- flags

test("a flag goes into the outbox, is shown at once, and neither counts nor can be undone as a decision", () => {
  const one = session([1, 2]);
  model.flag(one, "f1", 10, "sarcasm?");
  assert.deepEqual(model.flagOf(one, 1, null), { by: "ana", comment: "sarcasm?" });
  assert.deepEqual([model.decidedCount(one), model.undoable(one).length, one.current.id], [100, 0, 1]);
  model.flag(one, "f2", 20, null);
  assert.equal(model.flagOf(one, 1, { by: "ben", comment: "" }), null);
  assert.deepEqual(model.flagOf(one, 2, { by: "ben", comment: "" }), { by: "ben", comment: "" });
});

test("undo after a flag takes back the flag alone, as it was before, and the decision only after that", () => {
  const one = session([1, 2]);
  model.decide(one, "e1", 10);
  model.flag(one, "f1", 20, "sarcasm?");
  model.flag(one, "f2", 30, "irony?", { by: "ana", comment: "sarcasm?" });
  const undone = ["u1", "u2", "u3"].map((id) => model.undoNewest(one, id, 40));
  assert.deepEqual(undone.map(({ kind, event }) => [kind, event.kind, event.tweet_id]), [
    ["flag", "flag", 2],
    ["flag", "flag", 2],
    ["decide", "undo", 1],
  ]);
  assert.deepEqual(undone.slice(0, 2).map(({ event }) => event.comment), ["sarcasm?", null]);
  assert.equal(one.current.id, 1);
  assert.deepEqual([model.undoNewest(one, "u4", 50), model.canUndo(one)], [null, false]);
});

test("a decision made after a flag is undone before the flag", () => {
  const one = session([1, 2]);
  model.flag(one, "f1", 10, "sarcasm?");
  model.decide(one, "e1", 20);
  assert.equal(model.undoNewest(one, "u1", 30).event.undoes, "e1");
  assert.deepEqual([one.current.id, model.undoNewest(one, "u2", 40).event.comment], [1, null]);
});

test("undo after a skip shows the skipped tweet again, with its answer", () => {
  const one = session([1, 2, 3]);
  model.decide(one, "e1", 10);
  model.flip(one, "anger");
  model.skip(one, 20);
  assert.deepEqual([model.undoNewest(one, "u1", 30).event, one.current.id, one.skipped], [null, 2, []]);
  assert.deepEqual([model.chosen(one), ids(one.ahead), ids(one.queue)], [["anger", "joy"], [3], []]);
  assert.equal(model.undoNewest(one, "u2", 40).event.undoes, "e1");
});

test("the skip of a tweet that has come again or is decided is not undone any more", () => {
  const one = session([1, 2]);
  model.skip(one, 10);
  model.decide(one, "e2", 20);
  assert.equal(one.current.id, 1);
  assert.equal(model.undoNewest(one, "u1", 30).event.undoes, "e2");
  const two = session([1, 2]);
  model.skip(two, 10);
  model.decide(two, "e2", 20);
  model.decide(two, "e1", 30);
  assert.deepEqual(["u1", "u2"].map((id) => model.undoNewest(two, id, 40).event.undoes), ["e1", "e2"]);
  assert.equal(model.undoNewest(two, "u3", 50), null);
});

test("a refused decision is not undone, but the flag before it is", () => {
  const one = session([1, 2]);
  model.flag(one, "f1", 10, "sarcasm?");
  model.decide(one, "e1", 20);
  model.receive(one, data([2], { acknowledged: ["f1"], refused: [{ event_id: "e1", why: "there is no tweet 1" }] }), 30);
  assert.equal(model.undoNewest(one, "u1", 40).event.kind, "flag");
});

// ---- an answer that nobody gave

const unanswered = (...sources) => {
  const one = session([], { tweets: [card(1, ...sources), card(2)] });
  return [model.isUnanswered(one), model.asksFirst(one), model.asksFirst(one)];
};

test("where nobody gave an answer the card asks once before it saves no emotion", () => {
  assert.deepEqual(unanswered(null), [true, true, false]);
  assert.deepEqual(unanswered(null, ["joy"], ["love"]), [true, true, false]); // the models agree on nothing
  const blind = session([], { tweets: [{ ...card(1, []), blind: true }] });
  assert.equal(model.asksFirst(blind), true);
});

test("the card does not ask where a source gives no emotion, or the reviewer has chosen", () => {
  for (const sources of [[[]], [null, []], [null, ["joy"], []], [["joy"]]]) assert.deepEqual(unanswered(...sources), [false, false, false]);
  const one = session([], { tweets: [card(1, null), { ...card(2, null), in_force: { ...bobs, labels: [] } }] });
  model.flip(one, "joy");
  model.flip(one, "joy"); // off again: the reviewer means no emotion
  assert.equal(model.asksFirst(one), false);
  model.decide(one, "e1", 10);
  assert.equal(model.asksFirst(one), false);
});

test("an answer of no emotion that comes back, after an undo or a skip, is the reviewer's and not asked about", () => {
  const one = session([], { tweets: [card(1, null), card(2, null), card(3, null)] });
  model.asksFirst(one);
  model.decide(one, "e1", 10);
  model.undo(one, "u1", 20);
  assert.equal(model.asksFirst(one), false);
  model.decide(one, "e2", 30);
  model.flip(one, "joy");
  model.flip(one, "joy");
  model.skip(one, 40);
  assert.deepEqual([one.current.id, model.asksFirst(one)], [3, true]);
  model.undoNewest(one, "u2", 50);
  assert.deepEqual([one.current.id, model.asksFirst(one)], [2, false]);
});

test("every tweet is asked about anew", () => {
  const one = session([], { tweets: [card(1, null), card(2, null)] });
  assert.equal(model.asksFirst(one), true);
  model.decide(one, "e1", 10);
  assert.equal(model.asksFirst(one), true);
});

test("without any source no key takes a majority", () => {
  const one = session([], { tweets: [card(1, null)] });
  model.flip(one, "love");
  assert.equal(model.take(one, 4), false);
  assert.deepEqual([model.chosen(one), model.hasSources(one.current)], [["love"], false]);
});

// ---- the top line

test("the count grows with the key and does not jump when the store catches up", () => {
  const one = session([1, 2, 3]);
  model.decide(one, "e1", 10);
  model.decide(one, "e2", 20);
  assert.equal(model.decidedCount(one), 102);
  model.receive(one, data([3], { acknowledged: ["e1"], decided: 101 }), 30);
  assert.equal(model.decidedCount(one), 102);
  model.undo(one, "u1", 40);
  assert.equal(model.decidedCount(one), 101);
});

test("a decision every two seconds is 30 a minute; two decisions are no rate yet", () => {
  const one = session([1, 2, 3, 4]);
  model.decide(one, "e1", 2000);
  model.decide(one, "e2", 4000);
  assert.equal(model.rate(one), null);
  model.decide(one, "e3", 6000);
  assert.equal(model.rate(one), 30);
});

test("two events in one millisecond keep their order", () => {
  const one = session([1, 2]);
  const first = model.decide(one, "e1", 1000);
  const second = model.undo(one, "u1", 1000);
  assert.ok(first.at < second.at);
});

// ---- several reviewers

test("a decision names the one that was in force when its tweet was shown", () => {
  const opened = session([], { tweets: [{ ...card(1), decision: 7 }, card(2)] });
  assert.equal(model.decide(opened, "e1", 1000).seen, 7);
  assert.equal(model.decide(opened, "e2", 2000).seen, null);
});

const newer = { decision: 9, reviewer: "ben", labels: ["anger"] };
const faster = { refused: [{ event_id: "e1", why: "ben decided this tweet while you had it: anger", newer_decision: newer }] };

function overtaken() {
  const opened = session([1, 2]);
  model.decide(opened, "e1", 1000);
  model.receive(opened, data([2], faster), 2000);
  return opened;
}

/* The same, with the tweet on the screen once the one before it is decided. */
function onScreen() {
  const opened = overtaken();
  model.decide(opened, "e2", 3000);
  model.receive(opened, data([], { acknowledged: ["e2"] }), 3500);
  return opened;
}

test("a tweet that another reviewer decided first comes back with both answers, and nothing is lost", () => {
  const opened = overtaken();
  assert.deepEqual([opened.current.id, ids(opened.ahead)], [2, [1]]); // no key meant for tweet 2 saves it
  model.decide(opened, "e2", 3000);
  assert.equal(opened.current.id, 1);
  assert.match(opened.current.reason, /^ben decided this tweet meanwhile: anger\. Your answer here: joy\./);
  assert.deepEqual(model.chosen(opened), ["joy"]);
  assert.deepEqual(opened.refused.map(({ event, onCard }) => [event.event_id, onCard]), [["e1", true]]); // told there
  assert.deepEqual(model.confirmOnCard(opened), []); // and not read yet
});

test("after a reload the tweet is gone from the page: a sentence says what was not saved", () => {
  const before = session([1]);
  const event = model.decide(before, "e1", 1000);
  const reloaded = model.openSession("ana", [event]);
  model.receive(reloaded, data([2], faster), 2000);
  assert.deepEqual(reloaded.refused.map(({ why, onCard }) => [why, onCard]), [[faster.refused[0].why, false]]);
});

test("saving it again puts one's own answer in force, knowing the other", () => {
  const opened = onScreen();
  assert.equal(model.decide(opened, "e3", 3900), null); // an Enter that comes before anybody could have read it
  const event = model.decide(opened, "e3", 4000);
  assert.deepEqual([event.tweet_id, event.seen, event.labels], [1, 9, ["joy"]]);
  assert.deepEqual(eventIds(model.confirmOnCard(opened)), ["e1"]);
});

test("skipping it leaves it to who was faster", () => {
  const opened = onScreen();
  assert.ok(model.skip(opened, 4000));
  assert.deepEqual([opened.current, opened.skipped, opened.outbox], [null, [], []]);
  assert.deepEqual(eventIds(model.confirmOnCard(opened)), ["e1"]);
});

test("of a blind tweet that somebody decided first the card says so at once, and saving it again is not blind", () => {
  const one = session([], { tweets: [{ ...card(1), blind: true }, card(2)] });
  model.flip(one, "joy");
  model.decide(one, "e1", 1000);
  model.receive(one, data([2], faster), 2000);
  assert.match(model.reasonWords(one.current, "ana"), /^ben decided this tweet meanwhile/);
  const event = model.decide(one, "e2", 4000);
  assert.deepEqual([event.tweet_id, event.blind, event.seen], [1, false, 9]);
});

test("one's own newer decision, made on another page, is told of like that of somebody else", () => {
  const one = session([1]);
  model.decide(one, "e1", 1000);
  const own = { refused: [{ event_id: "e1", why: "", newer_decision: { ...newer, reviewer: "ana" } }] };
  model.receive(one, data([], own), 2000);
  assert.match(one.current.reason, /^You, on another page, decided this tweet meanwhile: anger\./);
});

test("a decision that was refused after its reviewer had taken it back goes away with its undo", () => {
  const one = session([1, 2]);
  model.decide(one, "e1", 1000);
  model.undo(one, "u1", 1500);
  const refused = [...faster.refused, { event_id: "u1", why: "there is no decision e1" }];
  const settled = model.receive(one, data([2], { refused }), 2000);
  assert.deepEqual([eventIds(settled.stored), one.refused, one.outbox], [["e1", "u1"], [], []]);
});

test("in another view the tweet is not on the screen any more, so a sentence says what was not saved", () => {
  const opened = overtaken();
  model.receive(opened, data([3], { view: "dev" }), 3000);
  assert.deepEqual(opened.refused.map(({ onCard }) => onCard), [false]);
});

// ---- blind and by chance

const blindCard = { ...card(1, ["joy"], ["joy"]), blind: true, by_chance: true };

test("a blind tweet starts empty, takes nothing from the sources, and shows them once it is saved", () => {
  const one = session([], { tweets: [blindCard, card(2)] });
  assert.deepEqual([model.chosen(one), model.take(one, 1), model.take(one, 4)], [[], false, false]);
  model.flip(one, "love");
  const event = model.decide(one, "e1", 1000);
  assert.deepEqual([event.blind, event.by_chance, event.labels], [true, true, ["love"]]);
  assert.deepEqual([one.current.id, one.current.blind, one.current.revealed], [1, false, true]);
});

test("what was answered blind cannot be changed once the sources are seen, and the next key goes on", () => {
  const one = session([], { tweets: [blindCard, card(2)] });
  model.decide(one, "e1", 1000);
  model.flip(one, "joy");
  assert.deepEqual(model.chosen(one), []);
  assert.equal(model.decide(one, "e2", 2000), null);
  assert.deepEqual([one.current.id, one.outbox.length], [2, 1]);
});

test("an answer that was taken back after the sources were seen is blind no more", () => {
  const one = session([], { tweets: [blindCard, card(2)] });
  model.decide(one, "e1", 1000);
  model.undo(one, "u1", 1500);
  assert.equal(one.current.id, 1);
  assert.equal(model.decide(one, "e2", 2000).blind, false);
  assert.equal(one.current.id, 2);
});

// ---- tweets that are decided already

const bobs = { reviewer: "bob", batch: null, labels: ["anger"], at: "2026-11-03T14:05:00Z", guidelines: 2, changed: ["joy"], settles: false };
const decidedCard = { ...card(1, ["joy"], ["joy"], ["joy"]), decision: 7, in_force: bobs };

test("a decided tweet that is opened again starts from the decision in force, so that Enter takes nothing back", () => {
  const one = session([], { tweets: [decidedCard, card(2)] });
  const event = model.decide(one, "e1", 1000);
  assert.deepEqual([event.labels, event.shown.start, event.seen], [["anger"], ["anger"], 7]);
  assert.deepEqual(event.shown.in_force, bobs); // the log says that this decision was on the screen
});

test("a decision without labels is one to start from too", () => {
  const one = session([], { tweets: [{ ...decidedCard, in_force: { ...bobs, labels: [] } }] });
  assert.deepEqual(model.chosen(one), []);
});

test("what the decision in force contradicts is disputed, and it is no vote of the majority", () => {
  const rows = model.layout(decidedCard, NAMES);
  assert.deepEqual([names(rows.disputed), names(rows.none)], [["anger", "joy"], ["love", "optimism"]]);
  assert.deepEqual(rows.disputed.map((row) => row.decided), [true, false]);
  assert.deepEqual(model.majority(decidedCard, NAMES), ["joy"]);
});

test("the card of a decided tweet says who decided what, when, and which guideline has changed since", () => {
  const words = model.reasonWords(decidedCard, "ana");
  assert.match(words, /^bob decided this tweet on 3 Nov 2026, \d\d:05: anger\. /);
  assert.match(words, /Guidelines: version 2; since then the text for joy has changed\. Your answer starts from this decision\.$/);
  assert.match(model.reasonWords(decidedCard, "bob"), /^You decided this tweet/);
  const accepted = { ...decidedCard, in_force: { ...bobs, batch: "happy ones", labels: [], guidelines: null, changed: [] } };
  assert.match(model.reasonWords(accepted, "ana"), /^bob accepted this tweet in bulk on .*, in the batch happy ones: no emotion\. The version of the guidelines was not recorded\./);
  const settled = { ...decidedCard, in_force: { ...bobs, settles: true, changed: ["anger", "joy", "love"] } };
  assert.match(model.reasonWords(settled, "ana"), /for anger, joy and love has changed\. It stays in force: your answer is recorded, but does not replace it\.$/);
});

test("an undo that puts another's decision in force again starts from it, not from what was undone", () => {
  const one = session([], { tweets: [decidedCard, card(2)] });
  model.flip(one, "love");
  model.decide(one, "e1", 1000);
  model.undo(one, "u1", 2000);
  assert.deepEqual([one.current.id, model.chosen(one)], [1, ["anger"]]);
  const history = [{ event_id: "old", labels: ["joy"], card: decidedCard }];
  const later = session([2], { history });
  model.undo(later, "u2", 1000);
  assert.deepEqual([later.current.id, model.chosen(later)], [1, ["anger"]]);
});

test("an answer that was left on a tweet is dropped when somebody has decided the tweet since", () => {
  const one = session([1, 2]);
  model.flip(one, "love");
  model.skip(one, 10);
  model.receive(one, data([], { tweets: [decidedCard] }), 20);
  model.decide(one, "e1", 30);
  assert.deepEqual([one.current.id, model.chosen(one)], [1, ["anger"]]);
});

test("where somebody was faster the card shows their decision, not the one before it", () => {
  const one = session([], { tweets: [decidedCard, card(2)] });
  model.decide(one, "e1", 1000);
  model.receive(one, data([2], faster), 2000);
  model.decide(one, "e2", 2500);
  assert.deepEqual([one.current.in_force.labels, one.current.in_force.reviewer], [["anger"], "ben"]);
  assert.match(model.reasonWords(one.current, "ana"), /^ben decided this tweet meanwhile/);
});

test("a tweet that is decided once more counts once, and the count passes neither its total nor nought", () => {
  const full = { decided: 2, total: 2 };
  const one = session([], { tweets: [decidedCard, { ...decidedCard, id: 2 }], ...full });
  model.decide(one, "e1", 1000);
  model.decide(one, "e2", 2000);
  assert.equal(model.decidedCount(one), 2);
  model.undo(one, "u1", 3000); // bob's decision is in force again
  assert.equal(model.decidedCount(one), 2);
  const history = [{ event_id: "old", labels: ["joy"], card: { ...card(1), decision: null } }];
  const undoing = session([2], { history, decided: 1, total: 1 });
  model.undo(undoing, "u2", 1000);
  assert.equal(model.decidedCount(undoing), 0);
  model.decide(undoing, "e3", 2000);
  assert.equal(model.decidedCount(undoing), 1);
  const late = session([1, 2], { decided: 1, total: 1 }); // counted before two more tweets came
  model.decide(late, "e4", 1000);
  assert.equal(model.decidedCount(late), 1);
});

// ---- events that are stored without a run of the page

test("a stored decision counts once, can be undone, and is not listed again by data that is older", () => {
  const opened = session([1, 2, 3]);
  model.decide(opened, "e1", 10);
  assert.deepEqual(model.acknowledge(opened, ["e1", "of another page"]).map((one) => one.event_id), ["e1"]);
  assert.deepEqual([opened.outbox.length, model.decidedCount(opened)], [0, 101]);
  assert.deepEqual(model.undoable(opened).map((one) => one.event_id), ["e1"]);
  model.receive(opened, data([1, 2, 3, 4]), 20); // read before the decision was stored
  assert.deepEqual([opened.current.id, ...ids(opened.queue)], [2, 3, 4]);
  assert.equal(model.decidedCount(opened), 101);
  const history = [{ event_id: "e1", labels: ["joy"], card: card(1) }];
  model.receive(opened, data([2, 3, 4, 5], { acknowledged: ["e1"], decided: 101, history }), 30);
  assert.deepEqual([model.decidedCount(opened), opened.settled, opened.cards.size], [101, [], 0]);
  assert.deepEqual(model.undoable(opened).map((one) => one.event_id), ["e1"]);
});

test("a stored decision that is undone brings its tweet back, and both together count nothing", () => {
  const opened = session([1, 2]);
  model.decide(opened, "e1", 10);
  model.acknowledge(opened, ["e1"]);
  assert.equal(model.undo(opened, "u1", 20).undoes, "e1");
  assert.deepEqual([opened.current.id, model.decidedCount(opened)], [1, 100]);
  model.acknowledge(opened, ["u1"]);
  model.receive(opened, data([1, 2]), 30);
  assert.deepEqual([opened.current.id, ids(opened.ahead), opened.queue, model.decidedCount(opened)], [1, [2], [], 100]);
});

test("a stored flag shows until the data includes it", () => {
  const opened = session([1, 2]);
  model.flag(opened, "f1", 10, "sarcasm?");
  model.acknowledge(opened, ["f1"]);
  assert.deepEqual(model.flagOf(opened, 1, null), { by: "ana", comment: "sarcasm?" });
  model.receive(opened, data([1, 2], { acknowledged: ["f1"] }), 20);
  assert.equal(model.flagOf(opened, 1, null), null);
});
