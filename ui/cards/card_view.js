/*
The page elements of the card, built once: `show` fills in a tweet, `mark` its answer, `topLine` the line above it.

Text from the data is inserted as text nodes, never as markup. There is no logic here: a click calls `act(name)`.
*/

import { doneLine } from "./card_done.js";
import { isUnanswered } from "./card_model.js";
import { reasonWords } from "./card_reason.js";
import { familyName, hasSources, layout } from "./card_votes.js";

/* Every action that is not a letter: key, name for `act`, label of its button, help sentence. */
export const ACTIONS = [
  { key: "1", name: "take1", word: "original", help: "take all from the original" },
  { key: "2", name: "take2", word: "LLM", help: "take all from the language model" },
  { key: "3", name: "take3", word: "BERT", help: "take all from BERT" },
  { key: "4", name: "take4", word: "majority", help: "take the labels that most sources give" },
  { key: "Z", name: "undo", word: "undo", help: "undo the last save, flag or skip; repeat for earlier ones (also Backspace)" },
  { key: "K", name: "skip", word: "skip", help: "skip: the tweet comes back at the end" },
  { key: "X", name: "flag", word: "flag", help: "flag the tweet with a comment, or remove its flag" },
  { key: "H", name: "history", word: "history", help: "show or hide who decided what on this tweet, and when" },
  { key: "E", name: "explain", word: "explain", help: "ask the language model which words carry the emotion" },
  { key: "G", name: "guide", word: "guideline", help: "read the guideline of the next emotion; the mouse and Tab choose one too" },
  { key: "?", name: "help", word: "keys", help: "show or hide these keys (Escape closes)" },
  { key: "Enter", name: "save", word: "save, next", help: "save the answer, show the next tweet; twice for no emotion if nothing is chosen" },
];

const FAST_MS = 1500; // between two tweets of a fast reviewer

const TAKES = ["take1", "take2", "take3", "take4"];
const ABSENT = ["no labels", "none yet", "none yet"];

export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value !== null && value !== false) node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== null));
  return node;
}

/* Remember whether an element was scrolled: to set `scrollTop` where it is 0 already costs a layout of the whole page. */
const scrolled = new WeakSet();

export function watchScroll(node) {
  node.addEventListener("scroll", () => scrolled.add(node), { passive: true });
  return node;
}

export function scrollUp(node) {
  if (scrolled.delete(node)) node.scrollTop = 0;
}

export const cap = (key) => el("kbd", { "aria-hidden": "true" }, key);

/* Keep the focus off a clicked button, which the next Enter would press again, and off the page's fields. */
export function keepFocus(event) {
  event.preventDefault();
  const host = event.currentTarget.getRootNode().host;
  if (document.activeElement !== host) document.activeElement?.blur();
}

function button(action, act, extra = "") {
  return el(
    "button",
    { type: "button", class: `action ${action.name} ${extra}`, onclick: () => act(action.name), onmousedown: keepFocus },
    cap(action.key === "Enter" ? "⏎" : action.key),
    el("span", { class: "word" }, action.word),
  );
}

export function buildView(act) {
  const part = (tag, name, attributes = {}) => el(tag, { class: name, ...attributes });
  const parts = {
    title: part("h2", "title"),
    count: part("span", "count"),
    rate: part("span", "rate"),
    saved: part("span", "saved"),
    notice: part("div", "notice", { hidden: "" }),
    tweet: watchScroll(part("div", "tweet", { dir: "auto", tabindex: "-1" })),
    why: part("span", "why"),
    doubt: part("span", "doubt"),
    heads: part("div", "heads", { "aria-hidden": "true" }),
    rows: part("div", "rows", { role: "group", "aria-label": "emotions that a source gives" }),
    none: part("div", "none", { role: "group", "aria-label": "emotions that no source gives" }),
    rest: part("div", "rest", { hidden: "" }),
    ...doneLine(),
    keys: part("dialog", "keys", { "aria-label": "keys" }),
  };
  parts.buttons = Object.fromEntries(ACTIONS.map((action) => [action.name, button(action, act)]));
  const { buttons } = parts;
  parts.work = el(
    "div",
    { class: "work" },
    parts.tweet,
    el("div", { class: "reason" }, parts.why, parts.doubt),
    el("div", { class: "body" }, parts.heads, parts.rows, parts.none),
  );
  const root = el(
    "section",
    { class: "card", "aria-label": "review" },
    el("header", {}, parts.title, el("div", { class: "state" }, parts.count, parts.rate, parts.saved)),
    parts.notice,
    parts.work,
    parts.rest,
    el(
      "footer",
      {},
      parts.line,
      el("div", { class: "takes", role: "group", "aria-label": "take all" }, ...TAKES.map((name) => buttons[name])),
      el("div", { class: "moves" }, buttons.undo, buttons.skip, buttons.flag, buttons.help, buttons.save),
    ),
    parts.live,
    parts.keys,
  );
  return { root, parts, act, cells: new Map() };
}

// ---- a tweet ---------------------------------------------------------------------------------------------------

/* Draw the session's tweet, or `restWords` (a heading and a sentence) where there is none. */
export function show(view, session, emotions, restWords) {
  const { parts } = view;
  const card = session.current;
  const hadFocus = parts.work.contains(parts.work.getRootNode().activeElement);
  parts.work.hidden = !card;
  parts.rest.hidden = Boolean(card);
  view.cells.clear();
  if (card) drawTweet(view, session, emotions);
  else parts.rest.replaceChildren(el("strong", {}, restWords[0]), el("p", {}, restWords[1]));
  if (hadFocus) parts.tweet.focus({ preventScroll: true });
}

function drawTweet(view, session, emotions) {
  const { parts } = view;
  const card = session.current;
  parts.tweet.textContent = card.text;
  scrollUp(parts.tweet);
  parts.why.textContent = reasonWords(card, session.reviewer);
  parts.doubt.textContent = card.doubt === null || card.blind ? "" : `doubt ${card.doubt.toFixed(2)}`;
  view.root.classList.toggle("blind", Boolean(card.blind));
  view.root.classList.toggle("again", Boolean(card.in_force));
  const rows = layout(card.blind ? hidden(card) : card, session.names);
  const letters = new Map(emotions.map(({ name, key }) => [name, key]));
  const sources = sourceNames(card.blind ? hidden(card) : card);
  parts.heads.replaceChildren(...drawHeads(sources));
  parts.heads.hidden = !card.blind && !hasSources(card) && !card.in_force; // else heads above nothing
  parts.rows.replaceChildren(
    ...rows.disputed.map((row) => drawRow(view, row, letters.get(row.name), sources)),
    ...rows.agreed.map((row) => drawRow(view, row, letters.get(row.name), sources)),
  );
  parts.none.replaceChildren(...drawChips(view, rows.none, letters));
  nameTakes(parts.buttons, sources);
}

/* A blind tweet as shown before its answer is saved. */
const hidden = (card) => ({ ...card, original: null, suggestion: null, prediction: null });

/* The three columns: short heading, full name of the source, and whether it has labels. */
function sourceNames(card) {
  const by = card.suggestion?.by ?? "";
  return [
    { name: "original", full: "", there: Boolean(card.original) },
    { name: familyName(by), full: by, there: Boolean(card.suggestion) },
    { name: "BERT", full: card.prediction?.by ?? "", there: Boolean(card.prediction) },
  ];
}

function drawHeads(sources) {
  const span = (name, ...words) => el("span", { class: name }, ...words);
  const heads = sources.map(({ name, full, there }, i) => {
    const head = there ? span("head", name) : span("head absent", name, el("small", {}, ABSENT[i]));
    head.title = full;
    return head;
  });
  return [span("head-gap"), ...heads, span("head decided", "decided"), span("head answer", "answer"), span("head-end")];
}

function nameTakes(buttons, sources) {
  sources.forEach(({ name, there }, i) => {
    const take = buttons[`take${i + 1}`];
    take.querySelector(".word").textContent = name;
    take.disabled = !there;
  });
}

function drawRow(view, row, key, sources) {
  const votes = sources.map(({ name }, i) => voteInWords(name, row, i)).filter(Boolean).join(", ");
  const decided = row.decided === null ? "" : `, decided ${row.decided ? "yes" : "no"}`;
  const label = `${row.name}${row.disputed ? ", disputed" : ""}: ${votes}${decided}`;
  const mark = row.disputed ? el("span", { class: "mark" }, "≠ disputed") : null;
  const node = el(
    "div",
    { class: row.disputed ? "row disputed" : "row", ...checkbox(view, row.name, label) },
    cap(key),
    el("span", { class: "name" }, row.name),
    ...row.votes.map((vote, i) => drawVote(vote, row.probabilities[i])),
    el("span", { class: "decided" }, row.decided === null ? null : drawVote(row.decided, null)),
    el("span", { class: "answer" }, el("span", { class: "tick" })),
    el("span", { class: "status" }, mark, el("span", { class: "changed" }, "changed")),
  );
  view.cells.set(row.name, node);
  return node;
}

function voteInWords(source, { votes, probabilities }, i) {
  if (votes[i] === null) return "";
  return `${source} ${votes[i] ? "yes" : "no"}${probabilities[i] === null ? "" : ` ${probabilities[i].toFixed(2)}`}`;
}

function drawVote(vote, probability) {
  if (vote === null) return el("span", { class: "vote absent" });
  const shape = vote ? "dot yes" : probability === null ? "dot absent" : "dot no";
  const number = probability === null ? null : el("span", { class: "p" }, probability.toFixed(2));
  return el("span", { class: vote ? "vote yes" : "vote" }, el("span", { class: shape }), number);
}

function drawChips(view, none, letters) {
  if (!none.length) return [];
  const words = none[0].voters > 1 ? "all say no" : none[0].voters ? "no" : "no labels yet";
  const chips = none.map(({ name }) => {
    const tick = el("span", { class: "tick" });
    const chip = el("div", { class: "chip", ...checkbox(view, name, name) }, cap(letters.get(name)), name, tick);
    view.cells.set(name, chip);
    return chip;
  });
  return [el("span", { class: "none-words" }, words), ...chips];
}

/* The id of an emotion's description for screen readers; see card_guide.js. */
export const descriptionOf = (emotion) => `guideline-${emotion}`;

const checkbox = (view, name, label) => ({
  role: "checkbox",
  tabindex: "0",
  "aria-checked": "false",
  "aria-label": label,
  "aria-describedby": descriptionOf(name),
  "data-label": name,
  onclick: () => view.act("flip", name),
  onmousedown: keepFocus,
});

// ---- updates while the same tweet is shown ---------------------------------------------------------------------

export function mark(view, session) {
  const start = new Set(session.start);
  for (const [name, node] of view.cells) {
    const on = session.answer.has(name);
    node.setAttribute("aria-checked", String(on));
    node.classList.toggle("flipped", on !== start.has(name));
  }
  const { revealed, blind } = session.current;
  const none = isUnanswered(session) ? "no emotion?" : "save no emotion";
  const words = session.answer.size ? (blind ? "save, show" : "save, next") : none;
  view.parts.buttons.save.querySelector(".word").textContent = revealed ? "next" : words;
}

const count = (number) => number.toLocaleString("en-US");

/* `count` is [done, total, unit]; `done` is null for a list of decided tweets. */
export function topLine({ parts }, { title, count: [done, total, unit], rate }) {
  parts.title.textContent = title;
  const words = done === null ? `decided ${total === 1 ? "tweet" : "tweets"}` : unit;
  parts.count.textContent = `${done === null ? "" : `${count(done)} of `}${count(total)} ${words}`;
  parts.rate.textContent = rate === null ? "" : `${count(rate)} a minute`;
}

export function allow({ parts: { buttons } }, { canUndo, hasTweet, canTake }) {
  buttons.undo.disabled = !canUndo;
  for (const name of ["save", "skip", "flag"]) buttons[name].disabled = !hasTweet;
  buttons.take4.disabled = !canTake;
  if (!canTake) TAKES.forEach((name) => (buttons[name].disabled = true));
}

/* Show a sentence above the tweet; a hint disappears with the next action, a lasting one when it is dismissed. */
export function notice(view, sentence, lasting = false) {
  const { notice: strip } = view.parts;
  strip.hidden = !sentence;
  strip.dataset.lasting = lasting;
  const put = { type: "button", class: "close", "aria-label": "dismiss", onmousedown: keepFocus };
  const close = el("button", { ...put, onclick: () => notice(view, "") }, "×");
  strip.replaceChildren(el("span", { role: "alert" }, sentence), close);
}

export function forgetHint(view) {
  if (view.parts.notice.dataset.lasting !== "true") view.parts.notice.hidden = true;
}

/* Let screen readers read a sentence out. */
export function announce(view, sentence) {
  view.parts.live.textContent = sentence;
}

/*
Signal a new tweet with a short animation, unless the user prefers reduced motion, or reviews so fast that no signal is
needed: each animation draws the page several times.
*/
export function cue(view, now = performance.now()) {
  const isFast = now - (view.cuedAt ?? -Infinity) < FAST_MS;
  view.cuedAt = now;
  if (isFast || window.matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  const arrive = [{ opacity: 0.35, transform: "translateY(3px)" }, { opacity: 1, transform: "none" }];
  view.parts.tweet.animate(arrive, { duration: 110, easing: "ease-out" });
}

export function toggleHelp(view, emotions, actions) {
  const { keys } = view.parts;
  if (keys.open) return keys.close();
  const line = (key, words, more) => el("li", {}, cap(key), el("span", {}, words, more ? el("small", {}, more) : null));
  keys.replaceChildren(
    el("h3", {}, "Keys", el("button", { type: "button", class: "action", onclick: () => keys.close() }, "Close")),
    el("ul", { class: "letters" }, ...emotions.map(({ name, key, meaning }) => line(key, name, meaning))),
    el("ul", {}, ...actions.map(({ key, help }) => line(key, help))),
  );
  keys.showModal();
}
