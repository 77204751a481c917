/*
The page elements of the card for synthetic tweets, based on those of the review card. Text is inserted as text nodes,
never as markup.
*/

import { doneLine } from "./card_done.js";
import { cap, el, keepFocus } from "./card_view.js";
import { predictionsInWords, textOf } from "./synthetic_model.js";

const VERDICT_ACTIONS = [
  { key: "E", name: "edit", word: "edit", help: "edit the text; Escape ends editing, and the text as written is kept" },
  { key: "Z", name: "undo", word: "undo", help: "undo the last verdict or skip; repeat for earlier ones (also Backspace)" },
  { key: "K", name: "skip", word: "skip", help: "skip: the tweet comes back at the end" },
  { key: "?", name: "help", word: "keys", help: "show or hide these keys (Escape closes)" },
  { key: "Enter", name: "accept", word: "accept, next", help: "accept the tweet with the labels that are on" },
];

/* Every action except the letters of the emotions; a reason's number rejects. */
export const actionsOf = (reasons) => [
  ...reasons.map((reason, n) => ({ key: String(n + 1), name: "reject", word: reason, help: `reject: ${reason}`, reason })),
  ...VERDICT_ACTIONS,
];

export function buildSyntheticView(act) {
  const part = (tag, name, attributes = {}) => el(tag, { class: name, ...attributes });
  const parts = {
    title: part("h2", "title"),
    count: part("span", "count"),
    rate: part("span", "rate"),
    saved: part("span", "saved"),
    notice: part("div", "notice", { hidden: "" }),
    target: part("div", "target"),
    tweet: part("div", "tweet", { dir: "auto", tabindex: "-1" }),
    editor: part("textarea", "editor", { hidden: "", rows: "3", maxlength: "280", "aria-label": "the edited tweet" }),
    original: part("p", "written", { hidden: "" }),
    nearest: part("blockquote", "nearest", { dir: "auto" }),
    passed: part("p", "passed"),
    labels: part("div", "labels", { role: "group", "aria-label": "labels of the tweet" }),
    rest: part("div", "rest", { hidden: "" }),
    ...doneLine(),
    keys: part("dialog", "keys", { "aria-label": "keys" }),
    rejects: part("div", "takes", { role: "group", "aria-label": "reject" }),
    moves: part("div", "moves"),
  };
  parts.editor.addEventListener("keydown", (event) => {
    event.stopPropagation();
    const isEnd = event.key === "Escape" || (event.key === "Enter" && !event.shiftKey);
    if (!isEnd || event.isComposing) return;
    event.preventDefault();
    act("edited", parts.editor.value);
  });
  parts.editor.addEventListener("blur", () => parts.editor.hidden || act("edited", parts.editor.value));
  parts.work = el("div", { class: "work" });
  parts.work.append(parts.target, parts.tweet, parts.editor, parts.original, parts.labels, parts.nearest, parts.passed);
  const head = el("header", {}, parts.title, el("div", { class: "state" }, parts.count, parts.rate, parts.saved));
  const foot = el("footer", {}, parts.line, parts.rejects, parts.moves);
  const root = el("section", { class: "card synth", "aria-label": "synthetic tweets" });
  root.append(head, parts.notice, parts.work, parts.rest, foot, parts.live, parts.keys);
  return { root, parts, act, cells: new Map(), buttons: new Map() };
}

/* Create the buttons under the card, once the reasons are known. */
export function buildActions(view, reasons) {
  const { parts, act } = view;
  const made = actionsOf(reasons).map((action) => {
    const press = { onclick: () => act(action.name, action.reason), onmousedown: keepFocus };
    const letter = cap(action.key === "Enter" ? "⏎" : action.key);
    const kind = action.name === "accept" ? "action save" : `action ${action.name}`;
    const node = el("button", { type: "button", class: kind, ...press }, letter, el("span", { class: "word" }, action.word));
    view.buttons.set(action.reason ?? action.name, node);
    return [action, node];
  });
  parts.rejects.replaceChildren(...made.filter(([action]) => action.reason).map(([, node]) => node));
  parts.moves.replaceChildren(...made.filter(([action]) => !action.reason).map(([, node]) => node));
}

/* Draw the session's tweet, or `words` (a heading and a sentence) where there is none. */
export function showSynthetic(view, session, emotions, words) {
  const { parts } = view;
  const card = session.current;
  parts.work.hidden = !card;
  parts.rest.hidden = Boolean(card);
  parts.editor.hidden = true;
  view.cells.clear();
  if (!card) return parts.rest.replaceChildren(el("strong", {}, words[0]), el("p", {}, words[1]));
  const asked = card.original.filter((name) => name !== card.emotion);
  const also = asked.length ? `, with ${new Intl.ListFormat("en-GB").format(asked)}` : "";
  parts.target.replaceChildren(
    el("strong", {}, card.emotion),
    `${also} · ${card.context}`,
    ...(card.reason ? [el("span", { class: "why" }, card.reason)] : []),
  );
  parts.labels.replaceChildren(...emotions.map((emotion, j) => drawLabel(view, card, emotion, j)));
  const heading = card.nearest ? `nearest real tweet, cosine similarity ${card.similarity.toFixed(2)}` : "no real tweet to compare with";
  parts.nearest.replaceChildren(el("small", {}, heading), card.nearest ?? "");
  const by = Object.values(card.predictions).map(({ by }) => by);
  parts.passed.textContent = [`passed: ${card.passed.join(", ")}`, ...by].join(" · ");
  markSynthetic(view, session);
}

function drawLabel(view, card, { name, key, meaning }, j) {
  const node = el(
    "div",
    {
      class: name === card.emotion ? "label aimed" : "label",
      role: "checkbox",
      tabindex: "0",
      title: meaning,
      "aria-label": `${name}: ${predictionsInWords(card, j)}`,
      "data-label": name,
      onclick: () => view.act("flip", name),
      onmousedown: keepFocus,
    },
    cap(key),
    el("span", { class: "name" }, name),
    el("span", { class: "p" }, predictionsInWords(card, j)),
    el("span", { class: "tick" }),
  );
  view.cells.set(name, node);
  return node;
}

/* Update labels and text while the same tweet is shown. */
export function markSynthetic(view, session) {
  const { parts } = view;
  const card = session.current;
  for (const [name, node] of view.cells) node.setAttribute("aria-checked", String(session.answer.has(name)));
  parts.tweet.textContent = textOf(card);
  parts.original.hidden = !card.edited;
  parts.original.textContent = card.edited ? `as written: ${card.text}` : "";
  const same = card.original.length === session.answer.size && card.original.every((name) => session.answer.has(name));
  const words = same ? "accept, next" : "accept with these";
  view.buttons.get("accept").querySelector(".word").textContent = words;
}

export function openEditor(view, card) {
  const { editor, tweet } = view.parts;
  editor.value = textOf(card);
  editor.hidden = false;
  tweet.hidden = true;
  editor.focus();
}

export function closeEditor(view) {
  view.parts.editor.hidden = true;
  view.parts.tweet.hidden = false;
}

export function allowSynthetic({ buttons }, { canUndo, hasTweet }) {
  for (const [name, node] of buttons) node.disabled = name === "undo" ? !canUndo : name !== "help" && !hasTweet;
}
