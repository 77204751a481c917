"""
Checks every promise of a store, and repairs what is derived from the log of decisions.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from sqlalchemy.engine import make_url

from db.checks import derived, logs, records, structure
from db.checks.findings import BACKUP, Check, Finding
from db.sqlite_copies import integrity_problems
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
    repairs : compute again what is derived, before the check

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
        repaired = _repair(store) if repairs else []
        findings = list(findings_of(store))
    finally:
        store.close()
    return _answer(findings, repaired, which_backup.sentences(file, findings, findings_of) if file else [])


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


def _repair(store: Store) -> list[Finding]:
    """Repair what can be repaired, and return what was wrong."""
    wrong = [finding for finding in findings_of(store, with_files=False) if finding.is_repairable]
    if wrong:
        with store.writing() as session:
            derived.repair(session)
    return wrong


def _file(url: str) -> Path | None:
    """The file of a SQLite store, which must exist: the check makes no new store."""
    with suppress(Exception):  # a wrong URL is reported when the store is opened
        parsed = make_url(url)
        if parsed.get_backend_name() != "sqlite" or not parsed.database:
            return None
        file = Path(parsed.database)
    if not file.is_file():
        raise StoreError(f"there is no store at {file}; pass --db with the URL of one")
    return file


def _answer(findings: Sequence[Finding], repaired: Sequence[Finding], backups: Sequence[str]) -> dict[str, Any]:
    words = [f"Repaired: {one.what} ({one.count:,})." for one in repaired]
    if not findings:
        words.append("The store is whole: no promise is broken.")
    return {
        "findings": [
            {"what": one.what, "count": one.count, "first": list(one.first), "remedy": one.remedy} for one in findings
        ],
        "repaired": [{"what": one.what, "count": one.count, "first": list(one.first)} for one in repaired],
        "words": [*words, *backups],
    }
