"""
Checks every promise of a store, and repairs what is derived from the log of decisions.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from db.checks import derived, logs, records, structure
from db.checks.findings import BACKUP, Check, Finding
from db.migration_backups import dated
from db.sqlite_copies import copy_database, integrity_problems
from db.store import Store, open_store
from emoclf.errors import StoreError
from jobs.maintenance import run_checks, which_backup

CHECKS: Sequence[Check] = (
    structure.missing_parts,
    structure.orphans,
    structure.other_references,
    structure.unknown_labels,
    logs.logs,
    derived.derived,
    records.texts,
    records.imports,
    records.batches,
    records.gates,
    records.runs,
    run_checks.data_hashes,
)


def check(url: str, repairs: bool = False) -> dict[str, Any]:
    """Check a store and return the findings, each with its count, the first ids and what would do.

    A store of an older schema is migrated first, as by every command. A file that SQLite finds damaged is checked no
    further.

    Parameters
    ----------
    repairs : compute again what is derived; the findings are those that are left

    Raises
    ------
    StoreError : if there is no store, or it was made by a newer version
    """
    file = _file(url)
    if file and (problems := integrity_problems(file)):
        damage = Finding("SQLite finds the file damaged", len(problems), tuple(problems[:1]), BACKUP)
        return _answer([damage], [], which_backup.sentences(file, [damage], findings_of))
    store = open_store(url)
    try:
        findings = list(findings_of(store))
        words = []
        if repairs and findings:
            words = _repair(store, file)
            before, findings = findings, list(findings_of(store))
            words += _repaired(before, findings)
    finally:
        store.close()
    return _answer(findings, words, which_backup.sentences(file, findings, findings_of) if file else [])


def findings_of(store: Store, with_files: bool = True) -> Iterator[Finding]:
    """Every finding of an open store.

    Parameters
    ----------
    with_files : whether to check the folders of the runs too
    """
    with store.reading() as session:
        if session.get_bind().dialect.name == "postgresql":  # all checks see the same moment, as with SQLite
            session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        for one in CHECKS:
            yield from one(session)
    with store.writing(durable=False) as session:
        found = list(derived.search(session))
    yield from found
    if with_files:
        yield from run_checks.files(store)


def _repair(store: Store, file: Path | None) -> list[str]:
    """Repair what is derived; a SQLite store is backed up before, since the damage may show what was lost."""
    words = []
    if file:
        copy = copy_database(file, dated(file, "backup"))
        words.append(f"Before the repair the store was backed up to {copy}.")
    with store.writing() as session:
        derived.repair(session)
    return words


def _repaired(before: Sequence[Finding], after: Sequence[Finding]) -> list[str]:
    left = {finding.what for finding in after}
    gone = [finding for finding in before if finding.what not in left]
    return [f"Repaired: {one.what} ({one.count:,}: {', '.join(one.first)})." for one in gone]


def _file(url: str) -> Path | None:
    """The file of a SQLite store, which must exist: the check makes no new store."""
    try:
        parsed = make_url(url)
    except ArgumentError:  # reported when the store is opened
        return None
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        return None
    file = Path(parsed.database)
    if not file.is_file():
        raise StoreError(f"there is no store at {file}; pass --db with the URL of one")
    return file


def _answer(findings: Sequence[Finding], words: Sequence[str], backups: Sequence[str]) -> dict[str, Any]:
    whole = [] if findings else ["The store is whole: no promise is broken."]
    listed = [
        {"what": one.what, "count": one.count, "first": list(one.first), "remedy": one.remedy} for one in findings
    ]
    return {"findings": listed, "words": [*words, *whole, *backups]}
