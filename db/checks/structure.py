"""
Checks the structure of a store: all tables, indexes and triggers, references between rows, and values of labels.
"""

from collections.abc import Iterator

from alembic import command
from sqlalchemy import Table, create_engine, func, or_, select, text, type_coerce
from sqlalchemy.orm import Session
from sqlalchemy.types import Integer

from db import migrate
from db.checks.findings import BACKUP, BACKUP_OR_REPAIR, REPAIR, Finding, found_among, found_by
from db.tables.annotations import GuidelineRow
from db.tables.base import Base
from db.tables.columns import Labels
from db.tables.core import DecisionRow, StoreRow, TweetRow
from db.tables.synthetic import GenerationRow, SyntheticRow
from emoclf.labels import EMOTIONS

DERIVED_TABLES = ("queue", "leases", "overlap")  # their rows can be computed again, or end by themselves
IN_FORCE = (("queue", "decisions"), ("synthetic", "synthetic_verdicts"))
SCHEMA = text("SELECT type || ' ' || name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY 1")


def missing_parts(session: Session) -> Iterator[Finding]:
    """Tables, indexes and triggers that a new store has and this one lacks (SQLite only).

    The triggers are what keeps decisions, verdicts and guidelines from being changed.
    """
    if session.get_bind().dialect.name != "sqlite":
        return
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        command.upgrade(migrate.configuration(connection), "head")
        wanted = set(connection.scalars(SCHEMA))
    engine.dispose()
    missing = sorted(wanted - set(session.scalars(SCHEMA)))
    yield from found_among("a table, an index or a guard against changes is missing in the database", missing)


def orphans(session: Session) -> Iterator[Finding]:
    """Rows that refer to a row which does not exist."""
    for table in Base.metadata.sorted_tables:
        for key in table.foreign_keys:
            parent = key.column
            other = parent.table.alias("parent")
            exists = select(other.c[parent.name]).where(other.c[parent.name] == key.parent).exists()
            rows = select(*table.primary_key).where(key.parent.is_not(None), ~exists).order_by(*table.primary_key)
            what = f"rows of {table.name} refer to rows of {parent.table.name} that do not exist ({key.parent.name})"
            yield from found_by(session, what, rows, _remedy(table.name, parent.table.name))


def _remedy(table: str, parent: str) -> str:
    """What would do about rows of a table whose parent is gone; a judgement that was in force is lost with it."""
    if (table, parent) in IN_FORCE:
        return BACKUP_OR_REPAIR
    return REPAIR if table in DERIVED_TABLES else BACKUP


def other_references(session: Session) -> Iterator[Finding]:
    """References that are no foreign keys, and rows that must be there."""
    stores = session.scalar(select(func.count()).select_from(StoreRow)) or 0
    if stores != 1:
        yield Finding("the store has not exactly one name", 1, (f"{stores} names",), BACKUP)
    newest = select(func.coalesce(func.max(GuidelineRow.version), 0)).scalar_subquery()
    rows = select(DecisionRow.id).where(DecisionRow.guidelines > newest).order_by(DecisionRow.id)
    yield from found_by(session, "decisions name a version of the guidelines that does not exist", rows)
    same_round = (GenerationRow.job_id == SyntheticRow.job_id) & (GenerationRow.number == SyntheticRow.number)
    round_exists = select(GenerationRow.number).where(same_round).exists()
    rows = select(SyntheticRow.tweet_id).where(~round_exists).order_by(SyntheticRow.tweet_id)
    yield from found_by(session, "synthetic tweets come from a round of requests that does not exist", rows)
    described = select(SyntheticRow.tweet_id).where(SyntheticRow.tweet_id == TweetRow.id).exists()
    rows = select(TweetRow.id).where(TweetRow.origin == "synthetic", ~described).order_by(TweetRow.id)
    yield from found_by(session, "synthetic tweets have no record of how they were generated", rows)
    rows = select(TweetRow.id).where(TweetRow.origin.not_in(("imported", "synthetic"))).order_by(TweetRow.id)
    yield from found_by(session, "tweets have an unknown origin", rows)


def unknown_labels(session: Session) -> Iterator[Finding]:
    """Labels outside the label set, in every column of labels that is no copy."""
    for table in Base.metadata.sorted_tables:
        if table.name == "queue":  # copies, checked by `db.checks.derived`
            continue
        for column in _label_columns(table):
            mask = type_coerce(table.c[column], Integer)
            outside = or_(mask < 0, mask >= 1 << len(EMOTIONS))
            rows = select(*table.primary_key).where(outside).order_by(*table.primary_key)
            yield from found_by(session, f"rows of {table.name} have an unknown label ({column})", rows)


def _label_columns(table: Table) -> list[str]:
    return [column.name for column in table.columns if isinstance(column.type, Labels)]
