"""A small store with a row of every kind, a run with its files, and the rows of stores of every older schema."""

import json
import struct
from pathlib import Path

from db import guidelines, shares, verdicts
from db.decisions import NewDecision, add_decision
from db.generations import Round, Written, add_round
from db.jobs import add_job, end_job, get_job
from db.leases import take
from db.predictions import add_predictions
from db.store import Store
from db.suggestions import add_suggestions
from db.tweets import text_hash
from emoclf.progress import drain
from emoclf.review.filters import Filter
from emoclf.review.seeded_draws import draw
from emoclf.synthetic.gate_results import GateResult
from jobs.files.imports import import_file
from jobs.paths import run_folder
from jobs.review import accept, bulk
from jobs.review.review_card import save_events
from jobs.training.data import read_data
from tests.support.batches import SIZE, check
from tests.support.decisions import decide, flag, undo
from tests.support.guidelines import GUIDELINE
from tests.support.runs import EVEN, add_run
from tests.support.tweet_files import record, write

JOY, ANGER = frozenset({"joy"}), frozenset({"anger"})
SURPRISE = frozenset({"surprise"})


def fill(store: Store, folder: Path) -> None:
    """Import 50 tweets, decide, undo, flag, accept a batch, write synthetic tweets, and record a run."""
    labels = ["joy", "joy love"]
    texts = [f"{'so calm' if 10 <= n < 30 else 'what a happy day'} {n}" for n in range(50)]
    rows = [record(one, labels[n % 2], key=f"k{n}") for n, one in enumerate(texts)]
    import_file(store, write(folder / "train.csv", *rows[:30]), by="ana")
    import_file(store, write(folder / "dev.csv", *rows[30:]), by="ben")
    with store.writing() as session:
        shares.set_overlap(session, 1.0)
        guidelines.edit(session, "joy", GUIDELINE, "ana", seen=0)
        add_suggestions(session, "qwen", "1", [(1, EVEN), (2, EVEN)])
        take(session, [5], "ben")
    events = [
        decide("a1", 1, "anger"),
        decide("a2", 2, "joy"),
        decide("a3", 3, "fear"),
        undo("u3", "a3") | {"tweet_id": 3},
    ]
    save_events(store, "ana", [*events, flag("f1", 4, "irony?")])
    save_events(store, "ben", [decide("b1", 1, "fear")])
    with store.writing() as session:
        add_decision(session, NewDecision("s1", 1, "eve", ANGER, adjudicates=True))
    number = bulk.draw_sample(store, Filter(text="calm"), "original", SIZE, "the rest", "ana")
    check(store, number, "joy")
    drain(accept.accept(store, number, "ana"))
    _add_synthetic(store)
    add_whole_run(store)


def _add_synthetic(store: Store) -> None:
    with store.writing() as session:
        job = add_job(session, "generate", {})
        end_job(session, get_job(session, job), "done", "done")
        asked = Round(job, 0, "qwen", "write-1", [], {}, 5, ["1. what a surprise"])
        of = (SURPRISE, "surprise", "news", {})
        passed = Written("what a surprise", *of, [GateResult("format", True)])
        failed = Written("surprise!", *of, [GateResult("format", False, None, "too short")])
        add_round(session, asked, [passed, failed])
        verdicts.add_verdict(session, verdicts.NewVerdict("v1", 51, "ana", "reject", reason="dull"))
        verdicts.undo_verdict(session, "v2", "v1", "ana")
        verdicts.add_verdict(session, verdicts.NewVerdict("v3", 51, "ana", "accept", labels=SURPRISE))


def add_whole_run(store: Store) -> int:
    """Record a run on the labels of now, with its hash and with files that have the form of real ones."""
    data = read_data(store, "approved")
    tweets = [(t.tweet_id, role, t.labels) for role, of in (("train", data.train), ("dev", data.dev)) for t in of]
    number = add_run(store, tweets=tweets, data_hash=data.hash)
    write_run_files(run_folder(store, f"folder-{number - 1}"))
    with store.writing() as session:
        add_predictions(session, number, [(1, EVEN, JOY)], out_of_fold=True)
    return number


def write_run_files(folder: Path) -> None:
    """Write a card and weights of four bytes, as safetensors."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "classifier.json").write_text(json.dumps({"thresholds": EVEN}), encoding="utf-8")
    header = json.dumps({"w": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}).encode()
    (folder / "model.safetensors").write_bytes(struct.pack("<Q", len(header)) + header + b"\0\0\0\0")


EARLIER = [f"{n:04}" for n in range(1, 14)]  # the schemas before the newest one


def rows_of(schema: str) -> str:
    """Rows that a store of an older schema may hold: two tweets, two decisions and an undo, a job."""
    at, text = "'2026-11-01 10:00:00'", "what a happy day"
    statements = []
    for i, words in ((1, text), (2, f"{text} again")):
        about = f"{i}, 'k{i}', '{words}', '{text_hash(words)}', 'train', 'imported', 'g{i}', 16, '{{}}', {at}"
        columns = "id, key, text, text_hash, split, origin, twin_group, original, metadata, created_at"
        statements.append(f"INSERT INTO tweets ({columns}) VALUES ({about})")
    columns = "id, event_id, tweet_id, reviewer, kind, labels, undoes_id, right_sources, shown, created_at"
    for row in ("1, 'e1', 1, 'ana', 'decide', 32, NULL", "2, 'e2', 2, 'ana', 'decide', 1, NULL"):
        statements.append(f"INSERT INTO decisions ({columns}) VALUES ({row}, '{{}}', '{{}}', {at})")
    undone = "3, 'e3', 2, 'ana', 'undo', NULL, 2, '{}', '{}'"
    statements.append(f"INSERT INTO decisions ({columns}) VALUES ({undone}, {at})")
    for i, decision in ((1, "1"), (2, "NULL")):
        more = {"original": 16} if schema >= "0008" else {}
        more |= {"place": draw(f"k{i}", "order")} if schema >= "0009" else {}
        names, values = ", ".join(["", *more]), ", ".join(["", *map(str, more.values())])
        columns = f"tweet_id, split, doubt, decision_id{names}"
        statements.append(f"INSERT INTO queue ({columns}) VALUES ({i}, 'train', 0.5, {decision}{values})")
    columns = "id, kind, settings, state, done, total, message, cancel_requested, created_at"
    statements.append(f"INSERT INTO jobs ({columns}) VALUES (1, 'train', '{{}}', 'done', 5, 5, 'done', 0, {at})")
    return ";\n".join(statements) + ";\n"
