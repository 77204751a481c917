/*
Keyboard input: which key was pressed, and whether it is for the card or the page. The reviewer need not click the
card first, but letters typed into a field of the page, or Enter on a button reached with Tab, belong to the page.
*/

const TYPED_INTO = "textarea, select, [contenteditable=true], [role=textbox], [role=combobox], [role=listbox]";
const NO_TEXT_INPUTS = ["checkbox", "radio", "button", "submit", "reset", "range", "color", "file", "image"];
const PRESSED = "button, a[href], summary, [role=button], [role=tab], [role=option], [role=menuitem]";
const MODAL = "[aria-modal=true], [data-testid=stDialog]";

let listening = null; // the one card that receives keys

/* "A" to "Z", "1" to "5", "Enter", "Backspace", "?" or " "; "" for keys without a meaning. */
export function keyOf(event) {
  if (event.repeat || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return "";
  const { key, code = "" } = event;
  if (["Enter", "Backspace", "?", " "].includes(key)) return key;
  if (/^[a-z1-5]$/i.test(key)) return key.toUpperCase();
  if (/^(Digit|Numpad)[1-5]$/.test(code)) return code.at(-1); // for layouts where digits need Shift
  const otherAlphabet = /^\p{L}$/u.test(key) && key > "\u007f";
  return otherAlphabet && /^Key[A-Z]$/.test(code) ? code.at(-1) : "";
}

const isTextField = (target) => target.matches?.("input") && !NO_TEXT_INPUTS.includes(target.type);

/* Whether a key belongs to the page: `target` has the focus, `tabbed` says it was reached with Tab. */
export function isForPage(key, target, inCard, tabbed) {
  if (document.querySelector(MODAL)) return true;
  if (isTextField(target)) return true;
  if (target.closest?.(TYPED_INTO)) return true;
  if (key === " ") return !inCard || !target.matches("[data-label]");
  return key === "Enter" && (inCard || tabbed) && Boolean(target.closest?.(PRESSED));
}

/* After Enter in a field of the page, remove the focus; otherwise the field would receive the next letters. */
function leaveEntered(event, target) {
  if (event.key !== "Enter" || event.isComposing || !isTextField(target)) return;
  if (target.matches("[role=combobox]") || target.closest(MODAL)) return;
  setTimeout(() => target.blur()); // after the page has read the value
}

/* After a choice in a list, remove the focus; otherwise the next letters would search the list. */
export function leaveClosedList() {
  const { activeElement } = document;
  if (activeElement?.matches("select, [role=combobox]:not([aria-expanded=true])")) activeElement.blur();
}

/*
Calls `press(key, target)` for every key meant for the card, wherever the focus is; a true result consumes the key.
Only the card that listened last receives keys. `host` is the element that contains the card. Abort the result to
stop.
*/
export function listen(host, press) {
  listening?.abort();
  listening = new AbortController();
  const { signal } = listening;
  let tabbed = false;
  const down = (event) => {
    if (event.key === "Tab") tabbed = true;
    const path = event.composedPath();
    if (!path.includes(host)) leaveEntered(event, path[0]);
    const key = keyOf(event);
    if (!key || isForPage(key, path[0], path.includes(host), tabbed) || !press(key, path[0])) return;
    event.preventDefault();
    event.stopPropagation();
  };
  // In the capture phase: the page's widgets stop some keys from bubbling.
  document.addEventListener("keydown", down, { capture: true, signal });
  document.addEventListener("pointerdown", () => (tabbed = false), { capture: true, signal });
  return listening;
}
