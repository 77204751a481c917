"""Damage to the store of `tests.support.whole_stores`, as another program might do it, and how the check names it."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from db.checks import derived, logs, records, structure
from db.checks.findings import Check
from jobs.maintenance import run_checks

UNGUARDED = "".join(
    f"DROP TRIGGER {table}_are_only_added_{verb};"
    for table in ("decisions", "verdicts", "guidelines")
    for verb in ("update", "delete")
)


@dataclass(frozen=True)
class Damage:
    """Statements that damage a store, and the finding of a check."""

    check: Check
    changes: str
    what: str  # part of the name
    first: str  # id, or how it starts if it ends with a blank
    count: int = 1

    @property
    def name(self) -> str:
        """A name for the test."""
        return f"{self.what}: {self.changes}"

    @property
    def statements(self) -> str:
        """The statements, with those that remove the guards of the logs."""
        return UNGUARDED + self.changes


def damage(file: Path, statements: str) -> None:
    """Change a store without foreign keys."""
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(statements)


def _in(check: Check, *rows: tuple[str, str, str] | tuple[str, str, str, int]) -> list[Damage]:
    return [Damage(check, *row) for row in rows]


OF_STRUCTURE = [
    *_in(
        structure.missing_parts,
        ("", "a guard against changes", "trigger decisions_are_only_added_delete", 6),
        ("DROP TABLE flags", "a table", "index ix_flags_tweet", 8),
    ),
    *_in(
        structure.orphans,
        ("DELETE FROM runs", "predictions refer to rows of runs", "1 1 True"),
        ("DELETE FROM tweets WHERE id = 1", "decisions refer to rows of tweets", "1", 3),
        ("DELETE FROM tweets WHERE id = 9", "queue refer to rows of tweets", "9"),
        ("DELETE FROM tweets WHERE id = 5", "leases refer to rows of tweets", "5"),
        ("DELETE FROM tweets WHERE id = 4", "flags refer to rows of tweets", "1"),
        ("DELETE FROM tweets WHERE id = 2", "suggestions refer to rows of tweets", "2"),
        ("DELETE FROM synthetic", "gate_results refer to rows of synthetic", "51 format", 2),
        ("DELETE FROM decisions WHERE id = 2", "queue refer to rows of decisions", "2"),
        ("DELETE FROM batches", "batch_tweets refer to rows of batches", "1 11", 20),
        ("DELETE FROM imports WHERE id = 2", "tweets refer to rows of imports", "31", 20),
        ("INSERT INTO corpus_texts VALUES (1, 7, 'k', 't', '[0]')", "corpus_texts refer to rows of corpora", "1"),
    ),
    *_in(
        structure.other_references,
        ("DELETE FROM store", "not exactly one name", "0 names"),
        ("DELETE FROM guidelines", "a version of the guidelines that does not exist", "17", 10),
        ("DELETE FROM generations", "a round of requests that does not exist", "51", 2),
        ("UPDATE tweets SET origin = 'synthetic' WHERE id = 7", "no record of how they were generated", "7"),
        ("UPDATE tweets SET origin = 'odd' WHERE id = 7", "unknown origin", "7"),
    ),
    *_in(
        structure.unknown_labels,
        ("UPDATE decisions SET labels = 2048 WHERE id = 2", "decisions have an unknown label", "2"),
        ("UPDATE tweets SET original = -1 WHERE id = 3", "tweets have an unknown label", "3"),
        ("UPDATE predictions SET labels = 4096", "predictions have an unknown label", "1 1 True"),
    ),
]
OF_LOGS = _in(
    logs.logs,
    ("DELETE FROM decisions WHERE id = 2", "decisions are missing: their numbers have gaps", "2"),
    ("DELETE FROM synthetic_verdicts WHERE id = 1", "verdicts are missing: their numbers have gaps", "1"),
    ("UPDATE guidelines SET version = 3", "edits of guidelines are missing", "1", 2),
    ("UPDATE decisions SET kind = 'odd' WHERE id = 1", "decisions are of an unknown kind", "1"),
    ("UPDATE decisions SET labels = NULL WHERE id = 1", "decisions have no labels", "1"),
    ("UPDATE decisions SET undoes_id = 1 WHERE id = 4", "decisions undo nothing, or not an earlier row", "4"),
    ("UPDATE decisions SET undoes_id = 5 WHERE id = 4", "decisions undo nothing, or not an earlier row", "4"),
    ("UPDATE decisions SET undoes_id = NULL WHERE id = 4", "decisions undo nothing, or not an earlier row", "4"),
    ("UPDATE decisions SET undoes_id = 1 WHERE id = 2", "are no undo and name a row", "2"),
    ("UPDATE decisions SET reviewer = '' WHERE id = 2", "decisions have no reviewer", "2"),
    ("UPDATE decisions SET tweet_id = 51 WHERE id = 2", "decisions are on tweets that are not imported", "2"),
    ("UPDATE synthetic_verdicts SET undoes_id = NULL WHERE id = 2", "verdicts undo nothing", "2"),
)
OF_DERIVED = _in(
    derived.derived,
    ("UPDATE queue SET decision_id = NULL WHERE tweet_id = 2", "another decision in force", "2"),
    ("UPDATE queue SET decision_id = 1 WHERE tweet_id = 1", "another decision in force", "1"),
    ("UPDATE queue SET decision_id = 3 WHERE tweet_id = 3", "another decision in force", "3"),
    ("UPDATE queue SET split = 'dev' WHERE tweet_id = 8", "another split in the queue", "8"),
    ("UPDATE queue SET original = 1 WHERE tweet_id = 8", "other original labels in the queue", "8"),
    ("UPDATE queue SET original = NULL WHERE tweet_id = 8", "other original labels in the queue", "8"),
    ("UPDATE queue SET flagged = 0 WHERE tweet_id = 4", "another flag in the queue", "4"),
    ("UPDATE queue SET place = 2 WHERE tweet_id = 8", "another place in the random order", "8"),
    ("DELETE FROM queue WHERE tweet_id = 2", "not in the queue", "2"),
    ("INSERT INTO queue (tweet_id, split, doubt) VALUES (51, 'train', 0)", "queue are about tweets that are not", "51"),
    ("UPDATE overlap SET reviewer = 'eve' WHERE tweet_id = 2", "not exactly one person", "2"),
    ("INSERT INTO overlap VALUES (1, 'train', 'ana')", "not exactly one person", "1"),
    ("UPDATE overlap SET split = 'test' WHERE tweet_id = 2", "a second reviewer in another split", "2"),
    ("UPDATE leases SET until = '2999-01-01 00:00:00'", "leases last longer than a day", "5"),
    ("UPDATE synthetic SET verdict_id = 1 WHERE tweet_id = 51", "another verdict in force", "51"),
)
OF_RECORDS = [
    *_in(
        records.texts,
        ("UPDATE tweets SET text = 'what a day' WHERE id = 9", "not those that were imported", "9"),
        ("UPDATE tweets SET split = 'odd' WHERE id = 9", "unknown split", "9"),
    ),
    *_in(
        records.imports,
        ("UPDATE tweets SET import_id = 1 WHERE id = 35", "outside the range of their import", "35"),
        ("UPDATE tweets SET import_id = NULL WHERE id = 9", "another number of tweets than they brought", "1"),
        ("UPDATE imports SET first_tweet = 20 WHERE id = 2", "overlapping ranges", "2"),
        ("UPDATE tweets SET labels_import_id = 1, original = NULL WHERE id = 9", "lack the labels", "9"),
    ),
    *_in(
        records.batches,
        ("UPDATE batch_tweets SET batch_id = 2", "a batch that does not list their tweet", "17", 10),
        ("UPDATE batch_tweets SET outcome = 'accepted'", "an outcome without its decision", "1 ", 10),
        ("UPDATE batch_tweets SET outcome = 'undone' WHERE NOT sampled", "an outcome without its undo", "1 ", 10),
        ("UPDATE batches SET tweets = 11", "another number of tweets than they record", "1"),
    ),
    *_in(records.gates, ("UPDATE synthetic SET dropped = 'format'", "another gate than the one", "51")),
    *_in(
        records.runs,
        ("UPDATE run_tweets SET role = 'odd' WHERE tweet_id = 9", "unknown role", "1 9"),
        ("UPDATE runs SET promoted = 1, files = 0", "the promoted run has no files", "1"),
        ("UPDATE predictions SET probabilities = '[0.5]'", "predictions have another number of prob", "1 1 True"),
        ("UPDATE suggestions SET probabilities = '[0.5' WHERE id = 2", "suggestions have another number of prob", "2"),
    ),
    *_in(
        run_checks.data_hashes,
        ("UPDATE run_tweets SET labels = 1 WHERE tweet_id = 9", "other data than the hash", "1"),
        ("UPDATE tweets SET key = 'other' WHERE id = 9", "other data than the hash", "1"),
    ),
]
IN_THE_SEARCH = "DROP TRIGGER tweet_words_update; UPDATE tweets SET text = 'x' WHERE id = 9"
DAMAGE = [*OF_STRUCTURE, *OF_LOGS, *OF_DERIVED, *OF_RECORDS]
