/*
The side panel next to the tweet: a note on rare label pairs, and a rationale on request.

The rationale is written by a separate process: while it grows, `look` asks the server once a second.
*/

const LOOK_MS = 1000;
const LOOKS = 900; // give up then; a large model takes minutes to load

/* `ask` is called with the tweet's id, `look` with a new number each time; both cause new data. */
export function openBeside(ask, look) {
  const root = document.createElement("div");
  root.className = "beside";
  const note = document.createElement("p");
  const rationale = document.createElement("p");
  const button = document.createElement("button");
  Object.assign(button, { type: "button", className: "why-button", textContent: "Explain" });
  button.title = "Ask the language model which words carry the emotion (E)";
  root.append(note, rationale, button);
  const beside = { root, note, rationale, button, ask, look, data: {}, tweet: null, asked: null, timer: null };
  button.addEventListener("click", () => explain(beside));
  button.addEventListener("mousedown", (event) => event.preventDefault()); // the card keeps the keyboard focus
  return beside;
}

export function explain(beside) {
  if (beside.tweet === null || beside.asked) return;
  beside.asked = { tweet: beside.tweet, after: beside.data.explaining?.job ?? 0, looks: 0, why: "" };
  beside.ask(beside.tweet);
  later(beside);
  draw(beside);
}

/* Update for new data or another tweet. */
export function showBeside(beside, data, tweet) {
  beside.data = data;
  beside.tweet = tweet;
  const { asked } = beside;
  if (asked && progress(data.explaining, asked).isOver) beside.asked = null;
  if (beside.asked) later(beside);
  draw(beside);
}

/* The progress of a request, from the newest one the server knows. */
export function progress(explaining, asked) {
  const isMine = Boolean(explaining) && explaining.job > asked.after && explaining.tweet === asked.tweet;
  if (isMine) return { text: explaining.text, isOver: explaining.is_over };
  return { text: "", isOver: asked.looks > LOOKS };
}

function later(beside) {
  clearTimeout(beside.timer);
  beside.timer = setTimeout(() => {
    if (!beside.asked) return;
    beside.asked.looks += 1;
    beside.look(Date.now());
    later(beside);
  }, LOOK_MS);
}

function draw({ data, tweet, asked, note, rationale, button }) {
  const own = data.beside?.[tweet] ?? { note: "", rationale: null };
  const newest = data.explaining?.tweet === tweet ? data.explaining : null;
  const isWaiting = asked?.tweet === tweet;
  note.textContent = own.note;
  const failed = newest?.is_over && newest.why && !own.rationale ? `No rationale: ${newest.why}` : "";
  const grown = isWaiting ? progress(data.explaining, asked).text || "Loading the model…" : "";
  rationale.textContent = grown || own.rationale?.text || failed;
  rationale.title = own.rationale?.by ?? "";
  button.hidden = tweet === null || Boolean(own.rationale) || isWaiting;
  button.disabled = Boolean(asked);
}
