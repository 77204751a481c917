/*
Which key was meant, and whether it was meant for the card: the reviewer never has to click into it first, but a letter
typed into a field of the page, or Enter on a button reached with Tab, belongs to the page.
*/

const TYPED_INTO = "textarea, select, [contenteditable=true], [role=textbox], [role=combobox], [role=listbox]";
const NO_TEXT_INPUTS = ["checkbox", "radio", "button", "submit", "reset", "range", "color", "file", "image"];
const PRESSED = "button, a[href], summary, [role=button], [role=tab], [role=option], [role=menuitem]";
const MODAL = "[aria-modal=true], [data-testid=stDialog]";

let listening = null; // the one card that hears keys

/* "A" to "Z", "1" to "5", "Enter", "Backspace", "?" or " "; "" for keys that are none of ours. */
export function keyOf(event) {
  if (event.repeat || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return "";
  const { key, code = "" } = event;
  if (["Enter", "Backspace", "?", " "].includes(key)) return key;
  if (/^[a-z1-5]$/i.test(key)) return key.toUpperCase();
  if (/^(Digit|Numpad)[1-5]$/.test(code)) return code.at(-1); // layouts where digits need Shift
  const otherAlphabet = /^\p{L}$/u.test(key) && key > "\u007f";
  return otherAlphabet && /^Key[A-Z]$/.test(code) ? code.at(-1) : "";
}

const isTextField = (target) => target.matches?.("input") && !NO_TEXT_INPUTS.includes(target.type);

/* Whether the page has a better claim to a key than the card: `target` is what has the focus, `tabbed` says by Tab. */
export function isForPage(key, target, inCard, tabbed) {
  if (document.querySelector(MODAL)) return true;
  if (isTextField(target)) return true;
  if (target.closest?.(TYPED_INTO)) return true;
  if (key === " ") return !inCard || !target.matches("[data-label]");
  return key === "Enter" && (inCard || tabbed) && Boolean(target.closest?.(PRESSED));
}

/* Enter ends the typing into a field of the page; the focus would stay there, and the next letters with it. */
function leaveEntered(event, target) {
  if (event.key !== "Enter" || event.isComposing || !isTextField(target)) return;
  if (target.matches("[role=combobox]") || target.closest(MODAL)) return;
  setTimeout(() => target.blur()); // once the page has taken the value
}

/* After a choice in a list the focus stays in it, and the next letters would search it: give the keys to the card. */
export function leaveClosedList() {
  const { activeElement } = document;
  if (activeElement?.matches("select, [role=combobox]:not([aria-expanded=true])")) activeElement.blur();
}

/*
Calls `press(key, target)` for every key meant for the card, wherever the focus is; a true result uses the key up.
Only the card that listened last hears anything. `host` is the element that holds the card. Abort the result to stop.
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
  // On the way down: the page's own widgets keep some keys from ever coming back up.
  document.addEventListener("keydown", down, { capture: true, signal });
  document.addEventListener("pointerdown", () => (tabbed = false), { capture: true, signal });
  return listening;
}
