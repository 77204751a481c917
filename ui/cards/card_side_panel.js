/*
The side panel next to the tweet: a note on rare label pairs, and a rationale on request.

The rationale is written by a separate process: while it grows, `poll` asks the server once a second.
*/

const POLL_MS = 1000;
const MAX_POLLS = 900; // give up then; a large model takes minutes to load

/* `ask` is called with the tweet's id, `poll` with a new number each time; both cause new data. */
export function openSidePanel(ask, poll) {
  const root = document.createElement("div");
  root.className = "side-panel";
  const note = document.createElement("p");
  const rationale = document.createElement("p");
  const button = document.createElement("button");
  Object.assign(button, { type: "button", className: "why-button", textContent: "Explain" });
  button.title = "Ask the language model which words carry the emotion (E)";
  root.append(note, rationale, button);
  const panel = { root, note, rationale, button, ask, poll, data: {}, tweet: null, request: null, timer: null };
  button.addEventListener("click", () => explain(panel));
  button.addEventListener("mousedown", (event) => event.preventDefault()); // the card keeps the keyboard focus
  return panel;
}

export function explain(panel) {
  if (panel.tweet === null || panel.request) return;
  panel.request = { tweet: panel.tweet, after: panel.data.explaining?.job ?? 0, polls: 0 };
  panel.ask(panel.tweet);
  pollLater(panel);
  drawSidePanel(panel);
}

/* Update for new data or another tweet. */
export function showSidePanel(panel, data, tweet) {
  panel.data = data;
  panel.tweet = tweet;
  const { request } = panel;
  if (request && progress(data.explaining, request).isOver) panel.request = null;
  if (panel.request) pollLater(panel);
  drawSidePanel(panel);
}

/* The progress of a request, from the newest one the server knows. */
export function progress(explaining, request) {
  const isMine = Boolean(explaining) && explaining.job > request.after && explaining.tweet === request.tweet;
  if (isMine) return { text: explaining.text, isOver: explaining.is_over };
  return { text: "", isOver: request.polls > MAX_POLLS };
}

function pollLater(panel) {
  clearTimeout(panel.timer);
  panel.timer = setTimeout(() => {
    if (!panel.request) return;
    panel.request.polls += 1;
    panel.poll(Date.now());
    pollLater(panel);
  }, POLL_MS);
}

function drawSidePanel({ data, tweet, request, note, rationale, button }) {
  const own = data.annotations?.[tweet] ?? { note: "", rationale: null };
  const newest = data.explaining?.tweet === tweet ? data.explaining : null;
  const isWaiting = request?.tweet === tweet;
  note.textContent = own.note;
  const failed = newest?.is_over && newest.why && !own.rationale ? `No rationale: ${newest.why}` : "";
  const partial = isWaiting ? progress(data.explaining, request).text || "Loading the model…" : "";
  rationale.textContent = partial || own.rationale?.text || failed;
  rationale.title = own.rationale?.by ?? "";
  button.hidden = tweet === null || Boolean(own.rationale) || isWaiting;
  button.disabled = Boolean(request);
}
