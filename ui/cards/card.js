/*
The review card: a tweet, its three sources and the reviewer's answer. The messages in both directions are described
in jobs/review/review_messages.py; card_shell.js has what this card shares with the card for synthetic tweets.
*/

import { openGuide, pointAhead, pointAt, showGuide } from "./card_guide.js";
import { tellDone } from "./card_done.js";
import { flag, flagOf } from "./card_flag.js";
import { asksFirst, chosen, decide, flip, take } from "./card_model.js";
import { askComment, openNotes, showNotes, toggleHistory } from "./card_notes.js";
import { isLeaving, mount, newId, queue, refresh, send, skipCurrent, undoLast } from "./card_shell.js";
import { explain, openSidePanel, showSidePanel } from "./card_side_panel.js";
import { ACTIONS, allow, announce, buildView, forgetHint, mark, notice, show, toggleHelp } from "./card_view.js";
import { hasSources } from "./card_votes.js";

const NOTHING_CHOSEN = "Nothing is chosen yet. Press the letter of an emotion, or Enter once more for no emotion.";

export default mount({
  unit: "decided",
  open: openReview,
  receive: receiveReview,
  press,
  show: (card, words) => {
    show(card.view, card.session, card.emotions, words);
    if (!card.session.current) drawAnnotations(card);
  },
  mark: (card) => {
    drawAnnotations(card);
    mark(card.view, card.session);
    showGuide(card.guide, card.guidelines, card.session.current);
  },
  buttons: allowed,
  rest,
});

function openReview(card) {
  card.view = buildView((name, detail) => act(card, name, detail));
  card.sidePanel = openSidePanel(
    (tweet) => send(card, "explain", { tweet, at: Date.now() }),
    (at) => send(card, "poll", at),
  );
  card.notes = openNotes(
    (comment) => act(card, "comment", comment),
    () => act(card, "history"),
  );
  card.sidePanel.root.append(card.notes.button);
  card.view.parts.work.querySelector(".reason").after(card.sidePanel.root, card.notes.root);
  card.view.root.append(card.notes.dialog);
  card.guide = openGuide(card.view.parts.work, () => act(card, "guide"));
  card.view.parts.work.querySelector(".body").append(card.guide.root);
}

// ---- from the reviewer -----------------------------------------------------------------------------------------

function press(card, key, target) {
  const { keys } = card.view.parts;
  if (card.notes.dialog.open) return false;
  if (keys.open) return key === "?" && act(card, "help");
  if (key === " ") return act(card, "flip", target.dataset.label);
  if (card.letters.has(key)) return act(card, "flip", card.letters.get(key));
  const action = ACTIONS.find((one) => one.key === (key === "Backspace" ? "Z" : key));
  return Boolean(action) && act(card, action.name);
}

function act(card, name, detail) {
  const { session, view } = card;
  forgetHint(view);
  if (isLeaving(card)) return true;
  if (name === "help") toggleHelp(view, card.emotions, ACTIONS);
  else if (name === "undo") undoLast(card);
  else if (!session.current) return true;
  else if (name === "flip") flipAndPoint(card, detail);
  else if (name === "guide") announce(view, pointAhead(card.guide, [...view.cells.keys()]));
  else if (session.current.blind && ["explain", "history"].includes(name)) return true;
  else if (session.current.second && name === "history") return true;
  else if (name === "explain") explain(card.sidePanel);
  else if (name === "skip") skipCurrent(card);
  else if (name === "flag") askComment(card.notes);
  else if (name === "comment") setFlag(card, detail);
  else if (name === "history") toggleHistory(card.notes);
  else if (name === "save") save(card);
  else take(session, Number(name.at(-1)));
  refresh(card);
  return true;
}

function flipAndPoint(card, emotion) {
  flip(card.session, emotion);
  pointAt(card.guide, emotion);
}

function save(card) {
  if (asksFirst(card.session)) return notice(card.view, NOTHING_CHOSEN);
  const words = chosen(card.session).join(", ") || "no emotion";
  const event = decide(card.session, newId(), Date.now());
  if (!event && card.session.current?.overtaken) return notice(card.view, "Read who decided this tweet, then save or skip.");
  if (!event) return announce(card.view, card.session.current?.text ?? "");
  queue(card, event);
  tellDone(card.view, `Decided: ${words}.`, card.session.current?.text);
}

function setFlag(card, comment) {
  queue(card, flag(card.session, newId(), Date.now(), comment, flagNow(card)));
  tellDone(card.view, comment === null ? "The flag was removed." : "Flagged.");
}

// ---- to the screen ---------------------------------------------------------------------------------------------

function receiveReview(card, data) {
  card.sideData = keepAnnotations(card, data.side_panel);
  card.guidelines = data.guidelines;
  card.isLeasedToOthers = data.leased_to_others;
  card.isSample = data.is_sample;
}

/* Keep the annotations of tweets held here, even if the server no longer lists them. */
function keepAnnotations({ sideData, session }, { annotations, explaining }) {
  const known = sideData?.annotations ?? {};
  const held = [session.current, ...session.ahead].filter((one) => one && known[one.id]);
  return { explaining, annotations: { ...Object.fromEntries(held.map(({ id }) => [id, known[id]])), ...annotations } };
}

function drawAnnotations(card) {
  const { session } = card;
  const isBlind = Boolean(session.current?.blind); // a blind card shows no source in the side panel either
  showSidePanel(card.sidePanel, card.sideData, isBlind ? null : (session.current?.id ?? null));
  card.notes.root.hidden = isBlind;
  card.notes.button.hidden = isBlind || Boolean(session.current?.second); // would reveal the first reviewer's answer
  const { history = [] } = card.sideData.annotations[session.current?.id] ?? {};
  showNotes(card.notes, session.current, flagNow(card), history);
}

/* The flag of the tweet on screen; null without one. */
function flagNow({ session, sideData }) {
  const id = session.current?.id;
  return flagOf(session, id, sideData.annotations[id]?.flag ?? null);
}

function allowed(card, { canUndo, hasTweet }) {
  const { current } = card.session;
  allow(card.view, { canUndo, hasTweet, canTake: hasTweet && hasSources(current) && !current.blind && !current.revealed });
}

function rest(card) {
  if (card.isLeasedToOthers) {
    const words = "The remaining tweets are with other reviewers. Those that they leave undecided come back after some minutes.";
    return ["Nothing left for you here", `${words} Choose another split or filter, or come back later.`];
  }
  const { server, saves } = card.session;
  if (!server.total && !saves.length) return ["No tweet here", "No tweet matches this filter. Clear the filter, or choose another one."];
  if (card.isSample) return ["The sample is checked", "The button above leads back to the batch."];
  return [
    "Nothing left here",
    "Every tweet of this list is decided. Choose another split or filter, or retrain on the approved labels.",
  ];
}
