/*
The guideline of one emotion, shown below the rows at a fixed height so that nothing moves. The emotion is the last
one pointed at: by mouse, with Tab, by flipping it, or with a key that steps through the emotions.
*/

import { descriptionOf, el, keepFocus, scrollUp, watchScroll } from "./card_view.js";

const NO_GUIDELINE = "Point at an emotion to read its guideline, or press G.";

/* `work` contains the emotions; `ahead` is called by the button that steps to the next one. */
export function openGuide(work, ahead) {
  const part = (tag, name) => el(tag, { class: name });
  const parts = { name: part("strong", "guide-name"), what: part("p", "guide-what") };
  const lists = { examples: part("ul", "guide-yes"), counter_examples: part("ul", "guide-no") };
  const step = el("button", { type: "button", class: "guide-next", onclick: ahead, onmousedown: keepFocus }, "next (G)");
  step.setAttribute("aria-label", "guideline of the next emotion");
  const descriptions = el("div", { hidden: "" }); // the description of an emotion for screen readers
  const boxes = el("div", { class: "guide-lists" }, lists.examples, lists.counter_examples);
  const root = watchScroll(el("div", { class: "guide", role: "note", "aria-label": "guideline" }));
  root.append(el("div", { class: "guide-head" }, parts.name, step), parts.what, boxes, descriptions);
  const guide = { root, parts, lists, descriptions, of: {}, version: null, tweet: null, emotion: null, drawn: null };
  const point = (event) => pointAt(guide, event.target.closest?.("[data-label]")?.dataset.label);
  work.addEventListener("mousemove", point); // not mouseover, which fires for a resting mouse when the next tweet comes
  work.addEventListener("focusin", point);
  return guide;
}

export function pointAt(guide, emotion) {
  if (!guide.of[emotion] || guide.emotion === emotion) return;
  guide.emotion = emotion;
  drawGuide(guide);
}

/* Step to the next of these emotions, cyclically; returns its guideline as text to be read out. */
export function pointAhead(guide, names) {
  pointAt(guide, names[(names.indexOf(guide.emotion) + 1) % names.length]);
  return guidelineWords(guide.emotion, guide.of[guide.emotion]);
}

/* Update for another tweet, starting at its doubtful emotion, or at none if it is blind. */
export function showGuide(guide, guidelines, tweet) {
  const isNew = guide.version !== guidelines.version;
  if (isNew) Object.assign(guide, guidelines);
  if (isNew) guide.descriptions.replaceChildren(...Object.entries(guide.of).map(description));
  if (guide.tweet !== tweet.id) {
    const start = tweet.blind ? null : tweet.emotion;
    Object.assign(guide, { tweet: tweet.id, emotion: guide.of[start] ? start : null });
  }
  drawGuide(guide);
}

const description = ([emotion, { definition }]) => el("span", { id: descriptionOf(emotion) }, definition);

export function guidelineWords(emotion, { definition, examples, counter_examples }) {
  return `${emotion}: ${definition} For example: ${examples.join("; ")}. But not: ${counter_examples.join("; ")}.`;
}

function drawGuide(guide) {
  const { parts, lists, of, emotion, drawn } = guide;
  const own = of[emotion] ?? null;
  if (drawn && drawn.emotion === emotion && drawn.own === own) return;
  guide.drawn = { emotion, own };
  parts.name.textContent = emotion ?? "";
  parts.what.textContent = own?.definition ?? NO_GUIDELINE;
  fillTexts(lists.examples, own?.examples ?? [], "✓");
  fillTexts(lists.counter_examples, own?.counter_examples ?? [], "✗");
  scrollUp(guide.root);
}

const READ_OUT = { "✓": "for example: ", "✗": "but not: " };

function fillTexts(list, texts, sign) {
  const item = (text) => el("li", { "data-sign": sign }, el("span", { class: "unseen" }, READ_OUT[sign]), text);
  list.replaceChildren(...texts.map(item));
}
