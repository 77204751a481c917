"""
Tables about reviewers: their work, estimated error rates, blind against assisted decisions, and agreement.
"""

from collections.abc import Iterator, Mapping, Sequence

import streamlit as st

from db.values import Decided
from emoclf.labels import EMOTIONS
from emoclf.metrics.anchoring import MIN_DECISIONS, ShareDifference, sample_size
from emoclf.metrics.error_rates import ErrorRate
from emoclf.metrics.reviewer_agreement import AgreementEstimate
from emoclf.metrics.source_agreement import MIN_POSITIVES, MIN_TWEETS
from jobs.review.adjudication import Differing
from jobs.review.reviewers import Repairs, Reviewer, ReviewerAgreement, ReviewerAgreements, Sides
from ui.f1_table import percent, signed
from ui.saving import PERSISTENT

MOVED = "difference in points (95 %)"
POINTS = 0.1  # target half-width of the difference between blind and assisted decisions
WRONG = "wrong in the whole split (95 %)"
MARGIN = 0.02  # target half-width of an estimate
BULK = (
    "The estimates stop before the first tweet of this order that was accepted in bulk, because no person has "
    "checked it. More reviews will not make them more precise."
)
ACCEPTED = {"original": "same as original %", "suggestion": "same as LLM %", "prediction": "same as BERT %"}


def work_table(done: Sequence[Reviewer]) -> None:
    """Per reviewer the number of decisions, the time for each, and how often they equal a source."""
    rows = [
        {
            "reviewer": one.name,
            "decisions": f"{one.decisions:,}",
            "median seconds": _seconds(one.seconds),
            **{title: _share(one.accepted.get(source)) for source, title in ACCEPTED.items()},
        }
        for one in done
    ]
    st.dataframe(rows, hide_index=True)
    st.caption(
        "Median seconds: the time per decision. Same as: the share of decisions that equal the source in all eleven "
        "emotions, among the tweets for which the source was shown."
    )


def repairs_table(found: Mapping[str, Repairs], split: str) -> None:
    """Per emotion the changed labels, and the estimated share of wrong originals with its interval."""
    rows = [
        {"emotion": emotion, "changed": f"{one.changed:,} of {one.reviewed:,}", **_estimate(one.estimate)}
        for emotion, one in found.items()
    ]
    st.dataframe(rows, hide_index=True, height="content")
    st.caption(" ".join(_repairs_in_words(found, split)))


def _repairs_in_words(found: Mapping[str, Repairs], split: str) -> Iterator[str]:
    """Which tweets the estimates use and lack, and how many more would make them precise."""
    one = next(iter(found.values()))
    n, missing, all_of_them = one.estimate.n, one.estimate.missing, one.estimate.population or 0
    if one.reviewed == all_of_them:
        yield f"Every {split} tweet was reviewed, so the shares are exact."
    elif n:
        others = n - one.by_chance
        yield f"The estimates are for all {all_of_them:,} {split} tweets. They use the first {_tweets(n + missing)} of"
        yield f"a random order: {one.by_chance:,} came up at random, {others:,} {_be(others)} decided for other"
        yield f"reasons, such as doubt, and {missing:,} {_be(missing)} not decided."
        if missing:
            yield "The intervals cover both extremes: all undecided tweets right, or all of them wrong."
        if one.ends:
            yield BULK
        elif most := max(each.estimate.n_needed(MARGIN) for each in found.values()):
            yield f"About {most:,} more random tweets would bring every estimate within 2 points."
    else:
        yield "Tweets chosen by doubt do not represent the other tweets. To estimate how many original labels"
        yield "are wrong in the whole split, set a share of random tweets (at the end of this page)."


def _be(n: int) -> str:
    return "was" if n == 1 else "were"


def _tweets(n: int) -> str:
    """
    >>> _tweets(1), _tweets(1200)
    ('1 tweet', '1,200 tweets')
    """
    return "1 tweet" if n == 1 else f"{n:,} tweets"


def _estimate(rate: ErrorRate) -> dict[str, str]:
    if rate.rate is None:
        return {WRONG: "–"}
    low, high = rate.interval
    if low == high:
        return {WRONG: f"{percent(rate.rate)} %, exact"}
    return {WRONG: f"{percent(rate.rate)} % ({percent(low)} … {percent(high)})"}


def show_sides(found: Mapping[tuple[str, str], Sides], split: str) -> None:
    """Whether reviewers decide differently when the sources are shown (anchoring bias), or why this is unknown."""
    who = [name for (name, of_split), sides in found.items() if of_split == split and sides.is_enough]
    if not who:
        st.caption(_no_sides(found.get(("", split)), split))
        return
    sides_table(found[_chosen(who), split])


def _chosen(who: Sequence[str]) -> str:
    if len(who) < 2:
        return who[0]
    chosen: str = st.selectbox(
        "Reviewer", who, format_func=lambda name: name or "all", key="sides-reviewer", **PERSISTENT
    )
    return chosen


def _no_sides(found: Sides | None, split: str) -> str:
    n, m = (found.blind.decisions, found.assisted.decisions) if found else (0, 0)
    return (
        f"It is not known yet whether the sources influence decisions on {split} tweets. The comparison needs "
        f"{MIN_DECISIONS} tweets decided blind and {MIN_DECISIONS} decided with the sources on the screen, while the "
        f"share of blind tweets stayed the same; so far there are {n:,} and {m:,}. Samples for bulk accept do not "
        f"count, because all of their tweets are blind. Set the share of {split} tweets decided blind to 50 % (at the "
        f"end of this page) and leave it there: about {sample_size(POINTS):,} decided tweets show a difference to "
        f"within {100 * POINTS:.0f} points."
    )


def sides_table(found: Sides) -> None:
    """Blind and assisted decisions: number, speed, share of kept originals, and share of each emotion."""
    blind, assisted = found.blind, found.assisted
    shares = [("original unchanged %", blind.kept, assisted.kept, found.kept)]
    shares += [(f"{e} %", blind.rates[e], assisted.rates[e], found.rates[e]) for e in EMOTIONS.names]
    rows = [
        {"": "tweets", "blind": f"{blind.decisions:,}", "with the sources": f"{assisted.decisions:,}", MOVED: ""},
        {
            "": "median seconds",
            "blind": _seconds(blind.seconds),
            "with the sources": _seconds(assisted.seconds),
            MOVED: "",
        },
        *(
            {"": title, "blind": percent(one), "with the sources": percent(other), MOVED: _points(moved)}
            for title, one, other, moved in shares
        ),
    ]
    st.dataframe(rows, hide_index=True, height="content")
    st.caption(
        "These are first decisions, made while the share of blind tweets stayed the same. Which tweets came "
        "blind was random, so a difference beyond chance is the influence of the sources. An interval that "
        "contains 0 is no evidence of an influence. Even without any influence, at least one of the twelve "
        "intervals excludes 0 in about every second table."
    )


def _points(moved: ShareDifference) -> str:
    return f"{signed(moved.value)} ({signed(moved.low)} … {signed(moved.high)})"


def warn_of_following(done: Sequence[Reviewer]) -> None:
    """Name the reviewers who may be accepting suggestions without reading."""
    for one in done:
        if one.follows:
            st.warning(
                "This reviewer may be accepting suggestions without reading the tweets: more than 95 % of the "
                "decisions equal the suggestion of the LLM, and their median time is under two seconds."
            )
            st.text(one.name)


def agreement_table(found: ReviewerAgreements) -> None:
    """Cohen's kappa per emotion and alpha of whole label sets, with intervals; separately for blind decisions."""
    if not found.blind.tweets + found.assisted.tweets:
        st.info(
            "No tweet has been decided by two reviewers yet. Set the share of tweets that two reviewers decide (at the "
            "end of this page)."
        )
        return
    for one, how in ((found.blind, "blind"), (found.assisted, "with the sources on the screen")):
        if one.tweets:
            text = "1 tweet was" if one.tweets == 1 else f"{one.tweets:,} tweets were"
            st.text(f"{text} decided {how} by two or more reviewers.")
            _agreement_of(one)
            if one is found.assisted:
                st.caption(
                    "These reviewers saw the same sources, so they agree more than they would without them. Only "
                    "blind decisions show how far reviewers agree on their own."
                )


def _agreement_of(one: ReviewerAgreement) -> None:
    """The table with an explanation, or a message if there are too few tweets."""
    if one.tweets < MIN_TWEETS:
        st.caption(f"These are too few to estimate agreement, which needs at least {MIN_TWEETS} tweets.")
        return
    rows = [_kappa_row(one, emotion) for emotion in EMOTIONS.names]
    st.table(rows, border="horizontal", hide_index=True)
    text = (
        f"Cohen's kappa is averaged over the pairs of reviewers who share at least {MIN_TWEETS} tweets, of "
        f"which at least {MIN_POSITIVES} have the emotion and {MIN_POSITIVES} do not. The last column counts "
        "the tweets that it uses. 1 is full agreement, 0 is agreement by chance."
    )
    if one.alpha:
        text += f" For whole label sets, Krippendorff's alpha with the MASI distance is {_in_words(one.alpha)}, from "
        text += f"{one.alpha.n:,} tweets."
    st.caption(text)


def _kappa_row(one: ReviewerAgreement, emotion: str) -> dict[str, str]:
    if (kappa := one.kappas.get(emotion)) is None:
        too_few = f"too few: {one.named[emotion]:,} of {one.tweets:,} tweets have it"
        return {"emotion": emotion, "Cohen's kappa (95 %)": too_few, "tweets": "–"}
    return {"emotion": emotion, "Cohen's kappa (95 %)": _in_words(kappa), "tweets": f"{kappa.n:,}"}


def _in_words(one: AgreementEstimate) -> str:
    return f"{one.value:.2f} ({one.low:.2f} … {one.high:.2f})"


def labels_table(one: Differing) -> None:
    """Each label with the reviewers who gave it; names are shown as plain text."""
    rows = [{"label": emotion, "given by": ", ".join(who)} for emotion, who in one.by_emotion.items()]
    without_labels = [name for name, labels in one.labels.items() if not labels]
    if without_labels:
        rows.append({"label": "no emotion", "given by": ", ".join(without_labels)})
    st.dataframe(rows, hide_index=True, width="content")


def tell_in_force(one: Differing, in_force: Decided | None, is_kept: bool = False) -> None:
    """Show the decision in force, the majority of the reviewers, and where the initial choice comes from.

    Parameters
    ----------
    is_kept : the choice below was made before the decision in force
    """
    kept = "The choice below is the one you made before. It is stored only when you settle."
    majority = _majority(one)
    if in_force is None:
        st.text(f"{majority} {kept if is_kept else 'The choice below starts from that.'}")
        return
    what = ", ".join(EMOTIONS.ordered(in_force.labels)) or "no emotion"
    st.text(
        f"In force now, by {in_force.by}, {in_force.created_at:%Y-%m-%d %H:%M} UTC: {what}. "
        f"{kept if is_kept else 'The choice below starts from this decision.'}\n{majority}"
    )


def _majority(one: Differing) -> str:
    if not one.majority:
        return "No emotion was given by more than half of the reviewers."
    return f"More than half of the reviewers gave: {', '.join(one.majority)}."


def _share(value: float | None) -> str:
    return "–" if value is None else percent(value)


def _seconds(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}"
