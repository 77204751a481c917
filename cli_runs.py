"""
The command line's `runs`: list, show, name, compare, promote and delete runs, trace their labels, export them.
"""

import argparse
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from cli_words import Answer
from db import records
from db.store import Store
from db.values import Run
from emoclf.labels import EMOTIONS

Adder = Callable[[str, Callable[[Store, argparse.Namespace], Answer], str], argparse.ArgumentParser]
FIGURES = ("macro_f1", "micro_f1", "jaccard")
RECORD = ("name", "promoted", "files", "base", "labels", "seed", "code_version", "data_hash", "folder", "seconds")


def add_commands(command: Adder) -> None:
    """Add the commands behind `runs`; `command` makes a parser of a name, a deed, and a line of help."""
    for name, deed, says in (
        ("show", show, "show all that is recorded of a run"),
        ("promote", promote, "let a run predict wherever no run is named"),
        ("delete", delete, "delete a run's files; its record and its predictions stay"),
    ):
        command(name, deed, says).add_argument("run", type=int, metavar="ID")
    made = command("name", rename, "give a run another name")
    made.add_argument("run", type=int, metavar="ID")
    made.add_argument("text", metavar="TEXT")
    made = command("export", export, "write a run as a transformers folder with a model card")
    made.add_argument("run", type=int, metavar="ID")
    made.add_argument("folder", type=Path, metavar="FOLDER")
    made = _two(command("compare", compare, "say whether a run is better than another on the same dev tweets"))
    made.add_argument("--dev", choices=("original", "approved"), default="original", help="dev labels to score against")
    made = _two(command("lineage", lineage, "say who changed the train labels of an emotion between two runs"))
    made.add_argument("--emotion", choices=EMOTIONS.names, required=True, metavar="E")


def _two(made: argparse.ArgumentParser) -> argparse.ArgumentParser:
    made.add_argument("after", type=int, metavar="AFTER", help="the run in question")
    made.add_argument("before", type=int, metavar="BEFORE", help="the run to hold against it")
    return made


def listing(store: Store, chosen: argparse.Namespace) -> Answer:
    """runs."""
    with store.reading() as session:
        return {"runs": [_listed(run) for run in records.runs(session)]}


def show(store: Store, chosen: argparse.Namespace) -> Answer:
    """runs show ID."""
    with store.reading() as session:
        run = records.run(session, chosen.run)
        tweets = {role: len(records.run_data(session, run.id, [role])) for role in ("train", "slice", "dev")}
    return {
        "run": run.id,
        "created": run.created_at.isoformat(timespec="seconds"),
        **{name: getattr(run, name) for name in RECORD},
        "tweets": tweets,
        "settings": dict(run.settings),
        "thresholds": dict(zip(EMOTIONS.names, run.thresholds, strict=True)),
        "calibration": (run.calibration or {}).get("calibration"),
        "history": list(run.history),
        **run.metrics,
    }


def rename(store: Store, chosen: argparse.Namespace) -> Answer:
    """runs name ID TEXT."""
    from jobs import keeping

    return _listed(keeping.rename(store, chosen.run, chosen.text))


def promote(store: Store, chosen: argparse.Namespace) -> Answer:
    """runs promote ID."""
    from jobs import keeping

    return _listed(keeping.promote(store, chosen.run))


def delete(store: Store, chosen: argparse.Namespace) -> Answer:
    """runs delete ID."""
    from jobs import keeping

    return keeping.delete_files(store, chosen.run)


def export(store: Store, chosen: argparse.Namespace) -> Answer:
    """runs export ID FOLDER."""
    from jobs.export_run import export_run

    return export_run(store, chosen.run, chosen.folder)


def compare(store: Store, chosen: argparse.Namespace) -> Answer:
    """runs compare AFTER BEFORE."""
    from jobs.comparing import comparisons

    both = comparisons(store, chosen.after, chosen.before)
    compared = both.approved or both.original if chosen.dev == "approved" else both.original
    changes = {
        name: {**asdict(change), "difference": change.difference, "verdict": change.verdict}
        for name, change in compared.changes.items()
    }
    labels, model = both.parts()
    return {
        "after": chosen.after,
        "before": chosen.before,
        "dev": chosen.dev,
        "tweets": compared.scores.n,
        "reviewed": compared.reviewed,
        "changes": changes,
        "macro_f1_due_to": {"labels": labels, "model": model},
        "words": [both.in_words()],
    }


def lineage(store: Store, chosen: argparse.Namespace) -> Answer:
    """runs lineage AFTER BEFORE --emotion E."""
    from jobs.lineage import lineage as trace

    traced = trace(store, chosen.after, chosen.before, chosen.emotion)
    sources = [
        {
            "source": source,
            "by": by,
            "added": plus,
            "removed": minus,
            "tweets": [change.key for change in traced.changes if (change.source, change.by) == (source, by)],
        }
        for (source, by), (plus, minus) in traced.counts().items()
    ]
    ends = {"after": chosen.after, "before": chosen.before, "emotion": chosen.emotion}
    return {**ends, "words": traced.in_words(), "sources": sources}


def _listed(run: Run) -> Answer:
    figures = {name: run.metrics.get(name) for name in FIGURES}
    state = "promoted" if run.promoted else "kept" if run.files else "files deleted"
    created = run.created_at.isoformat(timespec="seconds")
    return {"run": run.id, "name": run.name, "created": created, **figures, "state": state}
