"""
The filter form of the review; filters are stored in the URL, so that a link reproduces the list, and can be saved.
"""

import json
from collections.abc import Sequence
from dataclasses import fields, replace
from functools import partial

import streamlit as st

from db import batches, filters, summaries
from db.queue import LABELLING, ORDERS, in_order
from db.store import Store
from emoclf.errors import NotFoundError, SettingError
from emoclf.labels import EMOTIONS
from emoclf.review.filters import PAIRS, SOURCES, Filter, parse
from jobs.review.bulk import why_not
from ui import cached
from ui.links import PARAMETER, follow
from ui.plain_text import escape
from ui.saving import PERSISTENT, last_known, reset, saved

HIDDEN = {"label_visibility": "collapsed"}  # for screen readers only
NAMES = {"suggestion": "the LLM", "prediction": "BERT", "decision": "the decision", "original": "the original"}
STATES = {"": "undecided, unless another field asks for decided tweets", "yes": "decided", "any": "both"}
NO_RANDOM = (
    "A filtered list has no random tweets. Random tweets show how many labels are wrong in the whole "
    "split, so review without a filter now and then."
)
ANSWERS = ("yes", "any")
ORIGINALS = {"yes": "with original labels", "no": "without original labels"}
OF_A_BATCH = ("batch", "sample")  # fields that only links set
FIELDS = [field.name for field in fields(Filter) if field.name not in ("split", *OF_A_BATCH)]
FEW, FEW_PIXELS = 3, 168  # saved filters shown without scrolling, and the height of a longer list
POPOVER, NAME = "filter-open", "filter-name"  # session state keys


def ask(store: Store, splits: Sequence[str], start: str | None, is_done: bool = False) -> tuple[Filter, str]:
    """Draw the filter form; `start` is the split of a linked tweet. Returns the filter and the order."""
    asked, address = of_address(store), st.query_params
    split = _known([address.get("split"), start], splits)
    if start and split != start and not is_done:
        st.info(f"The linked tweet is in {start}, but this is the list of {split}. Choose {start} to see it.")
    order = address.get("order")
    if order not in ORDERS:
        order = last_known(f"order {split} {asked}", lambda: cached.usual_order(store, replace(asked, split=split)))
    with st.container(horizontal=True, vertical_alignment="center"):
        split = st.segmented_control("Split", splits, default=split, required=True, **HIDDEN, **follow("split", split))
        order = st.selectbox(
            "Order", list(ORDERS), list(ORDERS).index(order), width=220, **HIDDEN, **follow("order", order)
        )
        wanted = replace(asked, split=split)
        popover = st.popover("Filter", icon=":material/filter_list:", key=POPOVER, on_change="rerun")
        if popover.open:
            with popover:
                _saved(store)
                _form(store, wanted)
        if why_not(wanted) is None:
            icon = ":material/done_all:"
            st.page_link("pages/bulk.py", label="Accept in bulk", icon=icon, query_params=wanted.to_query())
    return wanted, order


def tell(store: Store, wanted: Filter, found: int) -> None:
    """Show the filter in words with its number of tweets, and buttons to clear or save it."""
    if wanted.is_plain:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.text(f"{found:,} {'tweet' if found == 1 else 'tweets'}: {_words(store, wanted)}", help=NO_RANDOM)
        st.button("Clear", on_click=_show, args=(Filter(wanted.split),), type="tertiary")
        with st.popover("Save", type="tertiary"), st.form("keep", border=False):
            name = st.text_input("Name", key=NAME, max_chars=80, **PERSISTENT).strip()
            if st.form_submit_button("Save this filter") and name and saved(lambda: _save(store, name, wanted)):
                reset(NAME)
                st.rerun()


def tell_unlabelled(store: Store, wanted: Filter, order: str) -> None:
    """Say where the tweets without original labels are, if the list of all tweets leaves them out."""
    if in_order(wanted, order).original != "yes" or wanted.original:
        return
    waiting = replace(wanted, original="no")
    if not last_known("unlabelled", lambda: cached.unlabelled(store.url)).get(wanted.split):
        return
    if n := last_known(f"unlabelled {wanted.split}", lambda: cached.listed(store, waiting)):
        st.caption(f"Tweets that came without labels: {n:,} more. The order “{LABELLING}” lists them.")


def _words(store: Store, wanted: Filter) -> str:
    """The filter in words, with the name of a batch instead of its number."""
    if not wanted.batch:
        return wanted.in_words
    rest = replace(wanted, batch="").in_words
    name = last_known(f"batch {wanted.batch}", lambda: _batch_name(store, wanted.batch))
    return ", ".join(filter(None, [f"accepted in the batch {name}", rest]))


def _batch_name(store: Store, number: str) -> str:
    with store.reading() as session:
        return batches.batch(session, int(number)).name


def of_address(store: Store) -> Filter:
    """The filter in the URL; if it is invalid, the whole queue and a message."""
    query = {name: value for name, value in st.query_params.items() if name not in (PARAMETER, "order")}
    try:
        wanted = parse(query)
        _check_batches(store, wanted)
        return wanted
    except SettingError as error:
        st.warning(f"The filter in the URL is invalid: {escape(str(error))}. The whole queue is shown instead.")
        return Filter()


def _check_batches(store: Store, wanted: Filter) -> None:
    """Reject numbers of batches that this store does not contain, as in a link from another store."""
    for number in filter(None, (wanted.batch, wanted.sample)):
        try:
            last_known(f"batch {number}", partial(_batch_name, store, number))
        except NotFoundError:
            raise SettingError(f"this store has no batch {number}") from None


def _known(asked: Sequence[str | None], options: Sequence[str]) -> str:
    """The first requested value that is an option, else the first option."""
    return next((one for one in asked if one in options), options[0])


def _show(wanted: Filter) -> None:
    """Replace the filter in the URL; the order is kept."""
    order = {"order": st.query_params["order"]} if "order" in st.query_params else {}
    st.query_params.from_dict({**wanted.to_query(), **order})
    st.session_state[POPOVER] = False  # it would cover the card


def _saved(store: Store) -> None:
    def read() -> dict[str, Filter]:
        with store.reading() as session:
            return filters.saved(session)

    found = last_known("filters", read)
    listed = st.container(height=FEW_PIXELS if len(found) > FEW else "content", border=False)
    for name, wanted in found.items():
        with listed.container(horizontal=True):
            st.button(escape(name), on_click=_show, args=(wanted,), key=f"show-{name}", width="stretch")
            st.button(
                "Delete",
                on_click=_forget,
                args=(store, name),
                key=f"forget-{name}",
                type="tertiary",
                help=f"Delete the filter {escape(name)}",
            )


def _save(store: Store, name: str, wanted: Filter) -> None:
    with store.writing() as session:
        filters.save(session, name, wanted)


def _forget(store: Store, name: str) -> None:
    def forget() -> None:
        with store.writing() as session:
            filters.forget(session, name)

    saved(forget)


def _form(store: Store, wanted: Filter) -> None:
    """A field for each part of the filter, with its current value."""
    reviewers = last_known("reviewers", lambda: _reviewers(store))
    asked = json.dumps(wanted.to_query())
    rows = (
        (("emotion", "Emotion", EMOTIONS.names, {}), ("source", "Given by", SOURCES, NAMES)),
        (
            ("differ", "Two sources that disagree", PAIRS, {p: _pair(p) for p in PAIRS}),
            ("outdated", "Decided under an older guideline for", EMOTIONS.names, {}),
        ),
        (("reviewer", "Decided by", reviewers, {}), ("decided", "Decided", ANSWERS, STATES)),
        (("original", "Original labels", ORIGINALS, ORIGINALS),),
    )
    with st.form("filter", border=False):
        with st.container(
            horizontal=True, vertical_alignment="bottom"
        ):  # the button first: a popover may be cut off below
            st.text_input("Words in the tweet", wanted.text, key=_key("text", asked), **PERSISTENT)
            st.form_submit_button("Show", type="primary", on_click=_show_form, args=(wanted.split, asked))
        for row in rows:
            cells = st.columns(2, vertical_alignment="bottom")
            for cell, (name, label, options, words) in zip(cells, row, strict=False):
                given, known = getattr(wanted, name), ["", *options]
                cell.selectbox(
                    label,
                    known,
                    known.index(given) if given in known else 0,
                    format_func=lambda option, words=words: words.get(option, option or "any"),
                    key=_key(name, asked),
                    **PERSISTENT,
                )
        cells[1].checkbox("Flagged", bool(wanted.flagged), key=_key("flagged", asked), **PERSISTENT)
        st.slider("Doubt", 0.0, 1.0, wanted.doubt_range, 0.05, key=_key("doubt", asked), **PERSISTENT)


def _reviewers(store: Store) -> list[str]:
    with store.reading() as session:
        return [name for name, _ in summaries.reviewers(session)]


def _show_form(split: str, asked: str) -> None:
    given = {name: st.session_state[_key(name, asked)] for name in FIELDS}
    low, high = given["doubt"]
    doubt = "" if (low, high) == (0, 1) else f"{low:g}-{high:g}"
    _show(parse({**given, "split": split, "doubt": doubt, "flagged": "yes" if given["flagged"] else ""}))
    reset(*(_key(name, asked) for name in FIELDS))


def _key(name: str, asked: str) -> str:
    """The key of a field; another filter has other fields, which start from its values."""
    return f"{name}-{asked}"


def _pair(pair: str) -> str:
    """
    >>> _pair("original-prediction")
    'the original and BERT'
    """
    return " and ".join(NAMES[source] for source in pair.split("-"))
