"""
The form that generates synthetic tweets: label counts, number of tweets, model and rules.
"""

from dataclasses import replace

import streamlit as st

from db.store import Store
from emoclf.errors import EmoclfError
from emoclf.labels import EMOTIONS
from emoclf.synthetic.plans import CONTEXTS, TARGET
from jobs.llm import engine_check
from jobs.settings.llm import offered_engines
from jobs.settings.synthetic import NONE, SAME, GenerateSettings
from jobs.synthetic.generate import shown_chat
from jobs.synthetic.label_counts import LabelCount, label_counts
from jobs.synthetic.synthetic_card import offered_rules
from ui.job_bar import begin
from ui.licences import licence_banner
from ui.plain_text import escape, tell
from ui.saving import PERSISTENT

TRIAL = 5  # number of tweets


def plan_table(store: Store) -> list[LabelCount]:
    """Ask for the target and show how many tweets each emotion lacks."""
    target = st.number_input(
        "Target number of train tweets per emotion",
        1,
        100_000,
        TARGET,
        50,
        width=320,
        key="synthetic-target",
        **PERSISTENT,
    )
    found = label_counts(store, int(target))
    rows = [
        {
            "emotion": one.emotion,
            "real train tweets": one.real,
            "synthetic, accepted": one.accepted,
            "synthetic, to check": one.waiting,
            "missing": one.missing,
        }
        for one in found
    ]
    st.dataframe(rows, hide_index=True, height="content")
    st.caption(
        f"The model writes the missing tweets about {', '.join(CONTEXTS)} in turn, in the style of real tweets of the "
        "emotion."
    )
    return found


def write_form(store: Store, found: list[LabelCount], is_busy: bool) -> None:
    """Draw the form; its buttons start the job."""
    with st.container(border=True):
        first, second, third = st.columns([2, 1, 3])
        emotions = [one.emotion for one in found]
        emotion = first.selectbox("Emotion", emotions, key="synthetic-emotion", **PERSISTENT)
        lack = next(one for one in found if one.emotion == emotion)
        count = second.number_input(
            "Tweets",
            1,
            10_000,
            max(1, lack.missing),
            key=f"synthetic-count-{emotion}",
            help="Number of tweets to write. Some of them will not pass the gates.",
            **PERSISTENT,
        )
        engines = offered_engines()
        engine = third.selectbox("Model", list(engines), accept_new_options=True, key="synthetic-engine", **PERSISTENT)
        needs = f"{engines[engine]}. " if engine in engines else ""
        st.caption(escape(needs + engine_check.where_tweets_go(engine)))
        licence_banner(engine)
        rules = _rules(store, emotion)
        settings = _more(emotion, int(count), engine, rules)
        if settings is None:
            return
        with st.container(horizontal=True):
            starts = st.button("Write tweets", type="primary", disabled=is_busy)
            tries = st.button(
                f"Try {TRIAL} tweets", disabled=is_busy, help=f"Write {TRIAL} tweets, to test the model and the gates."
            )
    if starts or tries:
        begin(store, "generate", lambda: replace(settings, count=TRIAL) if tries else settings)
    if st.toggle("Show the prompt", key="synthetic-prompt", **PERSISTENT):
        parts = [f"[{message['role']}]\n{message['content']}" for message in shown_chat(store, settings)]
        st.code("\n\n".join(parts), language=None, wrap_lines=True)


def _rules(store: Store, emotion: str) -> tuple[str, ...]:
    """Rules suggested by rejections; only selected ones are used."""
    offered = offered_rules(store, emotion)
    if not offered:
        return ()
    st.text("Rules to add to the prompt, from the most frequent reasons for rejection:")
    labels = {rule: escape(f"{rule} ({n} rejected)") for rule, n in offered.items()}
    return tuple(
        rule for rule, label in labels.items() if st.checkbox(label, key=f"rule-{emotion}-{rule[:40]}", **PERSISTENT)
    )


def _more(emotion: str, count: int, engine: str, rules: tuple[str, ...]) -> GenerateSettings | None:
    """The job settings with advanced options; a message and None if they are invalid."""
    with st.expander("Advanced settings"):
        columns = st.columns(2)
        judge = columns[0].selectbox(
            "Judge",
            [SAME, NONE, *offered_engines()],
            accept_new_options=True,
            key="synthetic-judge",
            **PERSISTENT,
            help="Predicts which emotions a tweet shows, without knowing the intended one: the writing model, or "
            "another.",
        )
        seed = columns[1].number_input("Seed", 0, value=GenerateSettings.seed, key="synthetic-seed", **PERSISTENT)
        temperature = columns[0].slider(
            "Temperature", 0.1, 2.0, GenerateSettings.temperature, 0.05, key="synthetic-temperature", **PERSISTENT
        )
        top_p = columns[1].slider("Top-p", 0.05, 1.0, GenerateSettings.top_p, 0.05, key="synthetic-top-p", **PERSISTENT)
        failures = columns[0].number_input(
            "Give up after failed requests",
            1,
            1000,
            GenerateSettings.failures,
            help="The job stops after this many requests in a row without a tweet that passes the gates.",
            key="synthetic-f",
            **PERSISTENT,
        )
    try:
        return GenerateSettings(emotion, count, engine, int(seed), temperature, top_p, judge, rules, int(failures))
    except EmoclfError as error:
        tell(st.error, str(error))
        return None


def emotion_filter(emotions: list[str]) -> str | None:
    """Select one of the emotions with synthetic tweets, or all."""
    shown = ["all emotions", *EMOTIONS.ordered(emotions)]
    chosen = st.segmented_control(
        "Emotion",
        shown,
        default=shown[0],
        required=True,
        key="synthetic-shown",
        label_visibility="collapsed",
        **PERSISTENT,
    )
    return None if chosen == shown[0] else chosen
