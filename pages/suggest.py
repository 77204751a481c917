"""The Suggest page: lets a language model suggest labels, lists doubtful originals, and requests rationales."""

import streamlit as st

from db import filters, summaries
from emoclf.errors import EmoclfError
from jobs.doubts.ranking import load_calibrations
from jobs.llm import engine_check
from jobs.settings.llm import ExplainSettings, SuggestSettings, offered_engines
from ui import cached
from ui.guard import guard
from ui.job_bar import begin, job_bar
from ui.licences import licence_banner
from ui.owner import check_model
from ui.plain_text import escape, tell
from ui.prompt import show_prompt
from ui.review.agreement import show_agreement, show_differences
from ui.review.findings import show_findings
from ui.saving import PERSISTENT

ALL = "all"  # all tweets, in place of a split or a filter

app = guard()
st.title("Suggest")
with app.store.reading() as session:
    sizes = summaries.sizes(session)
    counts = [summaries.counts(session, split) for split in sizes]
if not sizes:
    st.info("There are no tweets yet; load the sample or import a file first.")
    st.page_link("pages/overview.py", label="Go to the overview", icon=":material/arrow_forward:")
    st.stop()
if show_differences(app.store, sizes):
    st.stop()

st.write(
    "A language model answers eleven questions about each tweet, one per emotion. Its probabilities are calibrated on "
    "the original labels of the train tweets that came with labels."
)
progress = "  ·  ".join(f"{c.split} {c.suggested:,} of {c.tweets:,}" for c in counts)
st.text(f"Tweets with suggestions: {progress}")
is_running = job_bar(app.store, "suggest")

engines = offered_engines()
engine = st.selectbox(
    "Model",
    list(engines),
    accept_new_options=True,
    help="hf:owner/name loads a model from the Hugging Face hub or its cache, and dir:/path from a folder. "
    "openai:http://host:port/v1#model asks an OpenAI-compatible server; whoever runs the app lists the servers in "
    "EMOCLF_OPENAI_SERVERS.",
    key="suggest-model",
    **PERSISTENT,
)
needs = f"{engines[engine]}. " if engine in engines else ""
st.caption(escape(needs + engine_check.where_tweets_go(engine)))
licence_banner(engine)
split_column, limit_column = st.columns(2)
with app.store.reading() as session:
    saved_filters = {f"filter: {name}": wanted for name, wanted in filters.saved(session).items()}
split = split_column.selectbox(
    "Tweets",
    [ALL, *sizes, *saved_filters],
    help="All tweets, one split, or a filter saved on the review page.",
    key="suggest-tweets",
    **PERSISTENT,
)
wanted = saved_filters.get(split)
limit = limit_column.number_input(
    "Maximum number of tweets",
    1,
    None,
    None,
    help="The most doubtful tweets come first. Leave empty for all.",
    key="suggest-limit",
    **PERSISTENT,
)
with st.container(horizontal=True):
    starts = st.button("Start", type="primary", disabled=is_running)
    tries = st.button(f"Try {engine_check.TRIAL_TWEETS} tweets", disabled=is_running)
    checks = st.button("Check the model")
if starts or tries:
    which = {"filter": wanted.to_query()} if wanted else {"split": None if split == ALL else split}
    number = engine_check.TRIAL_TWEETS if tries else limit
    begin(app.store, "suggest", lambda: SuggestSettings(engine, number, **which))
if checks:
    try:
        check_model(app.store, engine)
        with st.spinner("Checking the model"):
            tell(st.success, f"{engine} {engine_check.check(engine)}")
    except EmoclfError as error:
        tell(st.error, str(error))
waiting = sum(c.tweets - c.suggested for c in counts if split in (ALL, c.split))
if wanted:
    with app.store.reading() as session:
        waiting = filters.listed(session, wanted)
if rate := engine_check.rate_of(app.store, engine):
    st.caption(
        f"At {rate:.1f} tweets per second, the {waiting:,} remaining tweets take "
        f"{engine_check.duration(waiting, rate)}."
    )
show_prompt(engine)

st.subheader("Agreement between the sources")
shown = st.segmented_control(
    "Split", list(sizes), default=next(iter(sizes)), required=True, key="suggest-split", **PERSISTENT
)
show_agreement(app.store, shown)

st.subheader("Original labels that look wrong")
show_findings(app.store, load_calibrations(app.store), cached.rules(app.store.url), shown)

st.subheader("Rationales")
st.caption("A rationale says which words of a tweet carry its emotions. The review card shows it below the tweet.")
is_explaining = job_bar(app.store, "explain")
with st.container(horizontal=True, vertical_alignment="bottom"):
    number = st.number_input(
        "Number of most doubtful tweets", 1, 1000, ExplainSettings.limit, width=200, key="explain-number", **PERSISTENT
    )
    if st.button("Write rationales", disabled=is_explaining or is_running):
        begin(app.store, "explain", lambda: ExplainSettings(engine, limit=number))
