/*
Whether the reviewer has just followed a link to another page of the app.

Until the server has begun the new page, Streamlit sends everything with the address of the old one: a message of the
card would call the reviewer back to the page that was just left.
*/

const LEAVING_MS = 10000; // a click that led nowhere delays messages no longer than this

/* The links followed from the page of `view`, its window; `now` returns milliseconds. */
export function openNavigation(view, now) {
  const { origin, pathname } = view.location;
  let leftAt = -Infinity;
  const leave = () => (leftAt = now());
  return {
    isLeaving: () => now() - leftAt < LEAVING_MS,
    /* Watch until `signal` aborts. In the capture phase: Streamlit's links stop some clicks from bubbling. */
    watch(signal) {
      const options = { capture: true, signal };
      view.document.addEventListener("click", (event) => leadsAway(event, origin, pathname) && leave(), options);
      view.addEventListener("popstate", () => view.location.pathname !== pathname && leave(), options);
    },
  };
}

/* Whether a click follows a link to another page of the app in this tab. */
export function leadsAway(event, origin, pathname) {
  if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return false;
  const link = event.composedPath().find((node) => node.tagName === "A");
  return link?.origin === origin && link.pathname !== pathname && ["", "_self"].includes(link.target);
}
