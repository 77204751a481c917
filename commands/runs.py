"""
The `runs` commands: list, show, rename, compare, promote, delete and export runs, and trace their labels.
"""

import argparse
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

from commands.output import Adder, Answer
from db.runs import get_run, list_runs, run_data
from db.store import Store
from db.values import Run
from emoclf.labels import EMOTIONS
from emoclf.metrics.run_warnings import macro_in_words, recorded_macro
from jobs.settings.training import TrainSettings
from jobs.training import run_warnings

if TYPE_CHECKING:
    from jobs.training.seed_arms import Arms

FIGURES = ("macro_f1", "micro_f1", "jaccard")
RECORD = ("name", "promoted", "files", "base", "labels", "seed", "code_version", "data_hash", "folder", "seconds")


def add_commands(command: Adder) -> None:
    """Add the commands behind `runs`; `command` makes a parser of a name, an action, and a line of help."""
    for name, action, summary in (
        ("show", show, "show everything that is recorded about a run"),
        ("promote", promote, "make a run the active model, which is used wherever no other run is selected"),
        ("delete", delete, "delete a run's files; its record and its predictions stay"),
    ):
        made = command(name, action, summary)
        made.add_argument("run", type=int, metavar="ID")
        if action is promote:
            made.add_argument("--confirm", action="store_true", help="promote the run even if it is degenerate")
    made = command("name", rename, "give a run another name")
    made.add_argument("run", type=int, metavar="ID")
    made.add_argument("text", metavar="TEXT")
    made = command("export", export, "write a run as a transformers folder with a model card")
    made.add_argument("run", type=int, metavar="ID")
    made.add_argument("folder", type=Path, metavar="FOLDER")
    made = _two(command("compare", compare, "test whether a run is better than another on the same dev tweets"))
    made.add_argument("--dev", choices=("original", "approved"), default="original", help="dev labels to score against")
    made = _two(command("lineage", lineage, "list who changed the train labels of an emotion between two runs"))
    made.add_argument(
        "--emotion", choices=EMOTIONS.names, required=True, metavar="E", help="emotion whose labels are traced"
    )


def _two(made: argparse.ArgumentParser) -> argparse.ArgumentParser:
    made.add_argument("after", type=int, metavar="AFTER", help="number of the later run")
    made.add_argument("before", type=int, metavar="BEFORE", help="number of the run to compare it with")
    return made


def train_seeds(train: Callable[[TrainSettings], Answer], settings: TrainSettings, seeds: int) -> Answer:
    """Train once, or once per seed; `train` trains one run with the given settings."""
    if seeds == 1:
        return train(settings)
    runs, words = [], []
    for seed in range(settings.seed, settings.seed + seeds):
        answer = train(replace(settings, seed=seed))
        runs.append({"run": answer["run"], "seed": seed, **{name: answer[name] for name in FIGURES}})
        words += [f"Run {answer['run']}. {sentence}" for sentence in answer["words"]]
    return {"runs": runs, "words": words}


def listing(store: Store, chosen: argparse.Namespace) -> Answer:
    """`runs`: list the runs."""
    with store.reading() as session:
        return {"runs": [_listed(run) for run in list_runs(session)]}


def show(store: Store, chosen: argparse.Namespace) -> Answer:
    """`runs show ID`: show a run."""
    with store.reading() as session:
        run = get_run(session, chosen.run)
        tweets = {role: len(run_data(session, run.id, [role])) for role in ("train", "slice", "dev")}
    return {
        "run": run.id,
        "created": run.created_at.isoformat(timespec="seconds"),
        **{name: getattr(run, name) for name in RECORD},
        "tweets": tweets,
        "settings": dict(run.settings),
        "thresholds": dict(zip(EMOTIONS.names, run.thresholds, strict=True)),
        "calibration": (run.calibration or {}).get("calibration"),
        "history": list(run.history),
        "stopped_early": asdict(stop) if (stop := run_warnings.stopped(run)) else None,
        **run.metrics,
        "words": run_warnings.in_words(run),
    }


def rename(store: Store, chosen: argparse.Namespace) -> Answer:
    """`runs name ID TEXT`: rename a run."""
    from jobs.training import run_management

    return _listed(run_management.rename(store, chosen.run, chosen.text))


def promote(store: Store, chosen: argparse.Namespace) -> Answer:
    """`runs promote ID [--confirm]`: make a run the active model."""
    from jobs.training import run_management

    return _listed(run_management.promote(store, chosen.run, chosen.confirm))


def delete(store: Store, chosen: argparse.Namespace) -> Answer:
    """`runs delete ID`: delete a run's files."""
    from jobs.training import run_management

    return run_management.delete_files(store, chosen.run)


def export(store: Store, chosen: argparse.Namespace) -> Answer:
    """`runs export ID FOLDER`: export a run."""
    from jobs.files.export_run import export_run

    return export_run(store, chosen.run, chosen.folder)


def compare(store: Store, chosen: argparse.Namespace) -> Answer:
    """`runs compare AFTER BEFORE`: compare two runs."""
    from jobs.training.comparison import TWO_MODELS, comparisons, scores_in_words
    from jobs.training.seed_arms import arms

    both = comparisons(store, chosen.after, chosen.before)
    compared = both.approved or both.original if chosen.dev == "approved" else both.original
    changes = {
        name: {**asdict(change), "difference": change.difference, "verdict": change.verdict}
        for name, change in compared.changes.items()
    }
    labels, model = both.parts()
    by_seeds = arms(store, chosen.after, chosen.before, chosen.dev)
    runs = [run for run in (compared.before, compared.after) if run is not None]
    sentences = [f"Run {run.id}. {words}" for run in runs for words in run_warnings.warnings_in_words(run)]
    sentences += scores_in_words(compared.scores) + (by_seeds.in_words() if by_seeds else [TWO_MODELS])
    return {
        "after": chosen.after,
        "before": chosen.before,
        "dev": chosen.dev,
        "tweets": compared.scores.n,
        "reviewed": compared.reviewed,
        "changes": changes,
        "macro_f1_due_to": {"labels": labels, "model": model},
        "by_seeds": None if by_seeds is None else _by_seeds(by_seeds),
        "words": [both.in_words(), *sentences],
    }


def _by_seeds(found: "Arms") -> Answer:
    """The means over seeds of both arms, and the runs in each arm."""
    return {
        "before": [run.id for run in found.before],
        "after": [run.id for run in found.after],
        **{name: asdict(change) | {"verdict": change.verdict} for name, change in found.changes.items()},
    }


def lineage(store: Store, chosen: argparse.Namespace) -> Answer:
    """`runs lineage AFTER BEFORE --emotion E`: trace changed labels."""
    from jobs.training.lineage import lineage as trace

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
    figures["macro_f1"], over = recorded_macro(run.metrics)
    if words := macro_in_words(over):
        figures["macro_over"] = words
    state = run_warnings.state(run) or "kept"
    created = run.created_at.isoformat(timespec="seconds")
    return {"run": run.id, "name": run.name, "created": created, **figures, "state": state}
