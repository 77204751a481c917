"""
Heat map of the agreement between sources per emotion, with the differing tweets behind each cell.
"""

from collections.abc import Container, Mapping
from html import escape
from urllib.parse import urlencode

import streamlit as st

from db.store import Store
from emoclf.labels import EMOTIONS
from emoclf.metrics.source_agreement import MIN_POSITIVES, MIN_TWEETS, SourceAgreement
from jobs.doubts import source_agreement
from jobs.doubts.source_agreement import PAIRS, Pair, SourceLabels
from ui import cached
from ui.tweet_list import tweet_list

ROWS = 100  # in the list behind a cell
STYLE = """<style>
.agreement { overflow-x: auto; }
.agreement table { border-collapse: separate; border-spacing: 2px; width: 100%; }
.agreement th { font-weight: 400; font-size: .8rem; padding: .2rem .3rem; }
.agreement tbody th { text-align: left; }
.agreement td { padding: 0; text-align: center; font-variant-numeric: tabular-nums; }
.agreement a { display: block; padding: .3rem; color: inherit; text-decoration: none; border-radius: .2rem; }
.agreement a:hover, .agreement a:focus { outline: 2px solid #3b6fd4; }
.agreement small { display: block; opacity: .75; white-space: nowrap; }
</style>"""


def show_agreement(store: Store, split: str) -> None:
    """Draw the heat map, and how to read it."""
    labels = cached.source_labels(store, split)
    found = {pair: labels.agreements(pair) for pair in PAIRS}
    comparable = {pair: cells for pair, cells in found.items() if cells[0].n}
    if not comparable:
        st.info("Nothing can be compared yet: these tweets have neither suggestions nor predictions.")
        return
    st.html(STYLE + table(comparable, split))
    st.caption(
        "Each cell shows on how many tweets the two sources disagree about the emotion (a link to these tweets) "
        "and, below it, Cohen's kappa: 1 is full agreement, 0 is agreement by chance. A stronger colour means "
        "less agreement. A rare emotion can have few disagreements and still a low kappa. A dash means too few "
        f"tweets to compute kappa: fewer than {MIN_TWEETS} in all, or fewer than {MIN_POSITIVES} with the emotion "
        "or without it. For train tweets, the labels of the LLM come from a calibration that was fitted on "
        "other tweets, so the review card may show other labels."
    )


def show_differences(store: Store, splits: Container[str]) -> bool:
    """If the URL selects a cell, show its tweets and a link back; return whether it does."""
    emotion, between, split = (st.query_params.get(name, "") for name in ("emotion", "between", "split"))
    between = between.replace("Qwen", "LLM")  # links of earlier versions
    pair = next((pair for pair in PAIRS if "-".join(pair) == between), None)
    if pair is None or emotion not in EMOTIONS.names or split not in splits:
        return False
    st.subheader(f"{pair[0]} and {pair[1]} disagree about {emotion}")
    _list(store, cached.source_labels(store, split), pair, emotion, split)
    st.button("Back to Suggest", icon=":material/arrow_back:", on_click=st.query_params.clear)
    return True


def table(found: Mapping[Pair, list[SourceAgreement]], split: str) -> str:
    """The heat map as HTML: a row per emotion, a column per pair of sources. It contains no text from tweets."""
    heads = "".join(
        f'<th scope="col">{first} and {second}<small>{cells[0].n:,} tweets</small></th>'
        for (first, second), cells in found.items()
    )
    rows = "".join(
        f'<tr><th scope="row">{emotion}</th>'
        + "".join(_cell(cells[j], pair, emotion, split) for pair, cells in found.items())
        + "</tr>"
        for j, emotion in enumerate(EMOTIONS.names)
    )
    return f'<div class="agreement"><table><thead><tr><td></td>{heads}</tr></thead><tbody>{rows}</tbody></table></div>'


def _cell(cell: SourceAgreement, pair: Pair, emotion: str, split: str) -> str:
    kappa = "–" if cell.kappa is None else f"{cell.kappa:.2f}"
    strength = 0.0 if cell.kappa is None else 0.65 * min(1.0, 1 - cell.kappa)
    words = (
        f"{emotion}: only {pair[0]} gives it to {cell.first:,} tweets, only {pair[1]} to "
        f"{cell.second:,}, both to {cell.both:,}; they agree on {cell.share or 0:.0%} of {cell.n:,} tweets"
        + ("" if cell.is_enough else f"; {cell.positives:,} tweets with the emotion are too few to compute kappa")
    )
    address = f"suggest?{urlencode({'split': split, 'emotion': emotion, 'between': '-'.join(pair)})}"
    link = f'<a href="{escape(address)}" target="_self" title="{words}" aria-label="{words}">'
    color = f"background: rgba(59,111,212,{strength:.2f})"
    return f'<td style="{color}">{link}{cell.differing:,}<small>κ {kappa}</small></a></td>'


def _list(store: Store, labels: SourceLabels, pair: Pair, emotion: str, split: str) -> None:
    n = len(labels.differing(pair, emotion))
    if not n:
        st.info(f"They disagree on no {split} tweet.")
        return
    shown = source_agreement.differences(store, labels, pair, emotion, ROWS)
    rows = [
        {"key": one.key, "tweet": one.text}
        | {source: ", ".join(EMOTIONS.ordered(labels)) or "none" for source, labels in one.labels.items()}
        for one in shown
    ]
    tweet_list(rows, key="differences")
    st.caption(f"{len(shown):,} of {n:,} {split} tweets, the most doubtful first.")
