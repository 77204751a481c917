"""
The job bar: shows the progress of the newest job of a kind, with buttons to stop or resume it.
"""

from collections.abc import Callable
from typing import Any

import streamlit as st

from db.jobs import list_jobs, request_cancel, request_early_stop
from db.store import Store
from db.tables.columns import now
from db.values import Job
from jobs import runner
from jobs.registry import name_of
from ui import charts
from ui.owner import permitted
from ui.plain_text import escape, tell
from ui.saving import saved

EVERY = 1.0  # seconds between updates
SILENT_SECONDS = 90  # seconds without a heartbeat before the bar reports it


def begin(store: Store, kind: str, settings: Callable[[], Any]) -> None:
    """Start a job in its own process and rerun the page, or show what is wrong with its settings.

    `settings` returns what `runner.queue_job` takes, or raises an error that says why it cannot. Servers and
    folders that the owner has not allowed are refused.
    """
    if saved(lambda: runner.start(store, runner.queue_job(store, kind, permitted(store, settings())))):
        st.rerun()


def cancel(store: Store, kind: str) -> None:
    """Ask the newest job of a kind to stop, if it is unfinished."""
    job = newest(store, kind)
    if job and not job.is_over:
        saved(lambda: _ask(store, request_cancel, job.id))


def _ask(store: Store, request: Callable[..., None], job_id: int) -> None:
    with store.writing() as session:
        request(session, job_id)


def newest(store: Store, kind: str) -> Job | None:
    """The newest job of a kind, with its current state."""
    runner.find_lost(store)
    with store.reading() as session:
        return next((job for job in list_jobs(session) if job.kind == kind), None)


def job_bar(store: Store, kind: str) -> bool:
    """Draw the bar; return whether a job of this kind is unfinished. The page reruns when it ends."""
    job = newest(store, kind)
    if job is None:
        return False
    st.fragment(_draw, run_every=None if job.is_over else EVERY)(store, kind, job.is_over)
    return not job.is_over


def _draw(store: Store, kind: str, was_over: bool) -> None:
    job = newest(store, kind)
    if job is None:
        return
    if job.is_over and not was_over:
        st.rerun()
    if not job.is_over:
        _running(store, job)
    elif job.state != "done":
        _interrupted(store, job)
    elif missed := (job.result or {}).get("failed"):
        _missed(store, job, int(missed))


def _running(store: Store, job: Job) -> None:
    share = job.done / job.total if job.total else 0.0
    name = name_of(job.kind)
    words = f"{name[:1].upper()}{name[1:]} · {escape(job.message or 'starting')}{_silence(job)}"
    st.progress(min(1.0, share), text=words)
    history = (job.detail or {}).get("history", [])
    with st.container(horizontal=True):
        if st.button("Stop", key=f"stop-{job.id}", disabled=job.cancel_requested):
            saved(lambda: _ask(store, request_cancel, job.id))
        if job.kind == "train":
            _wrap_up(store, job, has_something=bool(history))
    if history:
        st.plotly_chart(charts.curves(history), width="stretch", config=charts.QUIET, key=f"curves-{job.id}")


def _wrap_up(store: Store, job: Job, has_something: bool) -> None:
    label = "Stopping early; the best model is kept" if job.wrap_up_requested else "Stop early, keep the best model"
    is_over = job.wrap_up_requested or job.cancel_requested
    why = None if has_something else "Available from the end of the first epoch."
    if st.button(label, key=f"wrap-up-{job.id}", disabled=is_over or not has_something, help=why):
        saved(lambda: _ask(store, request_early_stop, job.id))


def _silence(job: Job) -> str:
    """The time since a job's last update, if it is long, as while a large model is loading."""
    seconds = (now() - job.heartbeat).total_seconds() if job.heartbeat else 0.0
    return f" · no update for {seconds / 60:.0f} minutes" if seconds > SILENT_SECONDS else ""


def _interrupted(store: Store, job: Job) -> None:
    words = {"cancelled": "was", "failed": "failed:", "lost": "was interrupted:"}[job.state]
    message, button = st.columns([6, 1], vertical_alignment="center")
    tell(
        message.info if job.state == "cancelled" else message.error,
        f"The last {name_of(job.kind)} {words} {job.message}",
    )
    if button.button("Resume", key=f"again-{job.id}-{job.state}", width="stretch"):
        begin(store, job.kind, lambda: job.settings)


def _missed(store: Store, job: Job, missed: int) -> None:
    """Offer to ask again about tweets without an answer."""
    message, button = st.columns([6, 1], vertical_alignment="center")
    tweets = "1 tweet" if missed == 1 else f"{missed:,} tweets"
    message.warning(f"{tweets} got no answer in the last {name_of(job.kind)}.")
    if button.button("Ask again", key=f"missed-{job.id}", width="stretch"):
        begin(store, job.kind, lambda: job.settings)
