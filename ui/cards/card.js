/*
The review card: a tweet, its three sources and the reviewer's answer. The messages in both directions are described
in review_card.py; card_shell.js has what this card shares with the card for synthetic tweets.
*/

import { explain, openBeside, showBeside } from "./card_beside.js";
import { openGuide, pointAhead, pointAt, showGuide } from "./card_guide.js";
import { chosen, decide, flag, flagOf, flip, take } from "./card_model.js";
import { askComment, openNotes, showNotes, toggleHistory } from "./card_notes.js";
import { bringBack, isLeaving, mount, newId, putOff, queue, refresh } from "./card_shell.js";
import { ACTIONS, allow, buildView, forgetHint, mark, notice, say, show, toggleHelp } from "./card_view.js";

export default mount({
  unit: "decided",
  open: openReview,
  take: (card, data) => Object.assign(card, { quiet: stillSaid(card, data.quiet ?? {}), elsewhere: data.elsewhere, guidelines: data.guidelines, isSample: Boolean(data.sample) }),
  press,
  show: (card, words) => {
    show(card.view, card.session, card.emotions, words);
    if (!card.session.current) drawBeside(card);
  },
  mark: (card) => {
    drawBeside(card);
    mark(card.view, card.session);
    showGuide(card.guide, card.guidelines, card.session.current);
  },
  buttons: allowed,
  rest,
});

function openReview(card) {
  card.view = buildView((name, detail) => act(card, name, detail));
  card.beside = openBeside(
    (tweet) => card.setStateValue("explain", { tweet, at: Date.now() }),
    (at) => card.setStateValue("look", at),
  );
  card.notes = openNotes(
    (comment) => act(card, "comment", comment),
    () => act(card, "history"),
  );
  card.beside.root.append(card.notes.button);
  card.view.parts.work.querySelector(".reason").after(card.beside.root, card.notes.root);
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
  else if (name === "undo") bringBack(card);
  else if (!session.current) return true;
  else if (name === "flip") flipAndPoint(card, detail);
  else if (name === "guide") say(view, pointAhead(card.guide, [...view.cells.keys()]));
  else if (session.current.blind && ["explain", "history"].includes(name)) return true;
  else if (session.current.second && name === "history") return true;
  else if (name === "explain") explain(card.beside);
  else if (name === "skip") putOff(card);
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
  const words = chosen(card.session).join(", ") || "no emotion";
  const event = decide(card.session, newId(), Date.now());
  if (!event && card.session.current?.overtaken) return notice(card.view, "Read who decided this tweet, then save or skip.");
  if (!event) return say(card.view, card.session.current?.text ?? "");
  queue(card, event);
  say(card.view, `Saved: ${words}. ${card.session.current?.text ?? ""}`);
}

function setFlag(card, comment) {
  queue(card, flag(card.session, newId(), Date.now(), comment));
  say(card.view, comment === null ? "The flag was removed." : "Flagged.");
}

// ---- to the screen ---------------------------------------------------------------------------------------------

/* Keep the side panel data of tweets held here, even if the server no longer lists them. */
function stillSaid({ quiet, session }, news) {
  const held = [session.current, ...session.ahead].filter((one) => one && quiet?.beside?.[one.id]);
  return { ...news, beside: { ...Object.fromEntries(held.map(({ id }) => [id, quiet.beside[id]])), ...news.beside } };
}

function drawBeside(card) {
  const { session } = card;
  const isBlind = Boolean(session.current?.blind); // a blind card shows no source in the side panel either
  showBeside(card.beside, card.quiet, isBlind ? null : (session.current?.id ?? null));
  card.notes.root.hidden = isBlind;
  card.notes.button.hidden = isBlind || Boolean(session.current?.second); // would reveal the first reviewer's answer
  const said = card.quiet.beside?.[session.current?.id] ?? {};
  showNotes(card.notes, session.current, flagOf(session, session.current?.id, said.flag ?? null), said.past ?? []);
}

function allowed(card, { canUndo, hasTweet }) {
  const { current } = card.session;
  allow(card.view, { canUndo, hasTweet, canTake: hasTweet && !current.blind && !current.revealed });
}

function rest(card) {
  if (card.elsewhere) {
    const words = "The remaining tweets are with other reviewers; those they leave undecided return after some minutes.";
    return ["Nothing left for you here", `${words} Choose another queue or filter, or look again later.`];
  }
  const { server, saves } = card.session;
  if (!server.total && !saves.length) return ["No tweet here", "No tweet matches this filter. Clear it, or choose another."];
  if (card.isSample) return ["The sample is checked", "The button above leads back to the batch."];
  return [
    "Nothing left here",
    "Every tweet of this queue is decided. Choose another queue or filter, or retrain on the approved labels.",
  ];
}
