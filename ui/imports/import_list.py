"""
The list of imports on the Data page, with actions to undo one or to move its tweets to another split.
"""

from collections.abc import Callable
from itertools import takewhile
from typing import Any

import streamlit as st

from db.imports import Import
from db.store import Store
from emoclf.errors import EmoclfError
from emoclf.tweets import SPLITS
from jobs.files import import_changes
from ui import cached
from ui.imports.cached_previews import clear
from ui.plain_text import escape, tell
from ui.saving import PERSISTENT

DONE, ASKED = "import-changed", "import-to-undo"  # session state keys: the last result, and the import to confirm


def import_list(store: Store, reviewer: str) -> None:
    """List the imports, if there are any, with the actions for the selected one."""
    found = {one.id: one for one in import_changes.listing(store)}
    if not found:
        return
    st.subheader("Imports")
    in_force, undone = (
        [one for one in found.values() if bool(one.undone_at) == was_undone] for was_undone in (False, True)
    )
    if in_force:
        st.dataframe([_row(one) for one in in_force], hide_index=True)
    with_tweets = {number: _name(one) for number, one in found.items() if one.left}
    if with_tweets:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            key = f"import-to-change-{max(found)}"
            options = list(with_tweets)
            number = st.selectbox("Import to change", options, format_func=with_tweets.get, key=key, **PERSISTENT)
            _actions(store, number, reviewer)
        st.caption(f"Split of import {number}: {escape(found[number].split)}")
        _confirmation(store, found, reviewer)
    if words := st.session_state.pop(DONE, ""):
        tell(st.success, words)
    if undone:
        with st.expander(f"Undone imports: {len(undone)}"):
            st.dataframe([_row(one, undone=_undo(one)) for one in undone], hide_index=True)


def _name(one: Import) -> str:
    return f"import {one.id}: {one.file}" + (" (undone in part)" if one.undone_at else "")


def _undo(one: Import) -> str:
    return f"{one.undone_at:%d %b %Y, %H:%M} by {one.undone_by}"


def split_names(words: str) -> str:
    """The splits of an import, and their numbers of tweets if there are several, without the reason.

    >>> split_names("dev, from the file name"), split_names("train 1,200, dev 80, from the column split")
    ('dev', 'train 1,200, dev 80')
    """
    return ", ".join(takewhile(lambda part: part.partition(" ")[0] in SPLITS, words.split(", ")))


def _row(one: Import, **more: str) -> dict[str, Any]:
    return {
        "import": one.id,
        "file": one.file,
        "by": one.imported_by,
        "on": f"{one.created_at:%d %b %Y, %H:%M}",
        "split": split_names(one.split),
        "tweets": one.tweets,
        "still stored": one.left,
        "rejected": one.rejected,
        **more,
        "SHA-256": one.sha256[:12],
    }


def _actions(store: Store, number: int, reviewer: str) -> None:
    if st.button("Undo this import", key=f"undo-import-{number}"):
        st.session_state[ASKED] = number
    with st.popover("Move to another split"):
        st.text("All tweets of the import move. This is refused once a run was trained or scored on one of them.")
        split = st.segmented_control("Move to", SPLITS, key=f"move-to-{number}", **PERSISTENT)
        if st.button("Move", key=f"move-import-{number}", type="primary", disabled=split is None) and split:
            _do(lambda: import_changes.move(store, number, split, reviewer))


def _confirmation(store: Store, found: dict[int, Import], reviewer: str) -> None:
    """What the undo that was asked for would do, with a button that does it."""
    number = st.session_state.get(ASKED)
    if number not in found:
        return
    plan = import_changes.plan(store, number)
    with st.container(border=True):
        st.text(f"Undo {plan.record.named}? {plan.words} Nothing that a person decided is removed.")
        with st.container(horizontal=True):
            n = plan.removal.removed
            label = f"Remove {n:,} {'tweet' if n == 1 else 'tweets'}"
            label = "Take them back" if not n and not plan.removal.is_empty else label
            if st.button(label, key="confirm-undo", type="primary", disabled=plan.removal.is_empty):
                st.session_state.pop(ASKED)
                _do(lambda: import_changes.undo(store, number, reviewer))
            st.button("Keep them", key="cancel-undo", on_click=lambda: st.session_state.pop(ASKED, None))


def _do(change: Callable[[], dict[str, Any]]) -> None:
    """Change an import and draw the page again; an error is shown as a sentence."""
    try:
        answer = change()
    except EmoclfError as error:
        tell(st.error, str(error))
        return
    clear()
    cached.sizes.clear()
    st.session_state.pop("imported", None)
    st.session_state[DONE] = " ".join(answer["words"])
    st.rerun()
