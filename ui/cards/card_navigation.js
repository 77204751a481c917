/*
Links to other pages of the app, followed without a loss of what the card has to send.

Before a link is followed, the card may send what waits: Streamlit drops a message of a page that is left at once. After
that, until the server has begun the new page, Streamlit sends everything with the address of the old one: a message of
the card would call the reviewer back to the page that was just left.
*/

const LEAVING_MS = 10000; // a click that led nowhere delays messages no longer than this
const SAVING_MS = 1500; // a link waits no longer for the events to be saved
const LOOK_MS = 30;

/*
The links followed from the page of `view`, its window. `clock` is {now, later}; `events` is {wait, send}: whether a
link has to wait, for events that may be saved soon or for a run of the page, and to send the events.
*/
export function openNavigation(view, clock, events) {
  const { origin, pathname } = view.location;
  let leftAt = -Infinity;
  let held = null; // the link that waits for the events to be saved
  let isOwn = false; // whether a click is the one made here
  const leave = () => (leftAt = clock.now());

  function follow(event) {
    const link = leadsAway(event, origin, pathname);
    if (!link) return;
    if (!events.wait()) return leave();
    event.preventDefault();
    event.stopImmediatePropagation();
    const isFirst = held === null;
    held = link; // the last one clicked
    if (isFirst) {
      events.send();
      followWhenSaved(clock.now());
    }
  }

  function followWhenSaved(since) {
    if (events.wait() && clock.now() - since < SAVING_MS) return clock.later(() => followWhenSaved(since), LOOK_MS);
    const link = held;
    held = null;
    leave();
    isOwn = true;
    link.click();
    isOwn = false;
  }

  return {
    isLeaving: () => clock.now() - leftAt < LEAVING_MS,
    isHolding: () => held !== null, // a link waits to be followed
    /* Watch until `signal` aborts. In the capture phase: Streamlit's links stop some clicks from bubbling. */
    watch(signal) {
      const options = { capture: true, signal };
      view.document.addEventListener("click", (event) => isOwn || follow(event), options);
      view.addEventListener("popstate", () => view.location.pathname !== pathname && leave(), options);
    },
  };
}

/* The link to another page of the app that a click follows in this tab, or null. */
export function leadsAway(event, origin, pathname) {
  if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return null;
  const link = event.composedPath().find((node) => node.tagName === "A");
  const leads = link?.origin === origin && link.pathname !== pathname && ["", "_self"].includes(link.target);
  return leads ? link : null;
}
