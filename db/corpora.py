"""
Reads and writes auxiliary corpora: texts with a label set of their own that are not part of the review.
"""

from collections.abc import Sequence

import numpy as np
from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from db.chunking import chunks
from db.tables.core import CorpusRow, CorpusTextRow, TweetRow
from db.values import CorpusSummary
from emoclf.errors import NotFoundError
from emoclf.files.corpora import Corpus, CorpusText


def corpora(session: Session) -> list[CorpusSummary]:
    """All corpora, in the order of their first import."""
    count = func.count(CorpusTextRow.id)
    rows = select(CorpusRow, count).join(CorpusTextRow, isouter=True).group_by(CorpusRow.id).order_by(CorpusRow.id)
    return [CorpusSummary(row.name, row.emotions, n, row.licence) for row, n in session.execute(rows)]


def corpus(session: Session, name: str) -> Corpus:
    """A whole corpus, its texts in import order.

    Raises
    ------
    NotFoundError : if there is none of that name
    """
    row = _row(session, name)
    rows = select(CorpusTextRow.text, CorpusTextRow.labels).where(CorpusTextRow.corpus_id == row.id)
    found = session.execute(rows.order_by(CorpusTextRow.id)).all()
    labels = np.zeros((len(found), len(row.emotions)), dtype=np.int8)
    for i, (_, positions) in enumerate(found):
        labels[i, positions] = 1
    return Corpus(name, [text for text, _ in found], labels, tuple(row.emotions), row.licence)


def held(session: Session, name: str) -> dict[str, tuple[str, tuple[int, ...]]]:
    """The text and labels of every text in the corpus, by key."""
    rows = select(CorpusTextRow.key, CorpusTextRow.text, CorpusTextRow.labels)
    rows = rows.join(CorpusRow, CorpusRow.id == CorpusTextRow.corpus_id).where(CorpusRow.name == name)
    return {key: (text, tuple(labels)) for key, text, labels in session.execute(rows)}


def add_texts(
    session: Session, name: str, emotions: Sequence[str], licence: str | None, texts: Sequence[CorpusText]
) -> None:
    """Add texts that the corpus does not contain yet; the first text creates it. A new licence replaces the old one."""
    row = session.scalar(select(CorpusRow).where(CorpusRow.name == name))
    if row is None and not texts:
        return
    if row is None:
        row = CorpusRow(name=name, emotions=list(emotions))
        session.add(row)
    row.licence = licence or row.licence
    session.flush()
    for chunk in chunks(texts, 5000):
        rows = [{"corpus_id": row.id, "key": t.key, "text": t.text, "labels": list(t.labels)} for t in chunk]
        session.execute(insert(CorpusTextRow), rows)


def remove_corpus(session: Session, name: str) -> int:
    """Remove a corpus and its texts; return the number of texts. NotFoundError if there is no such corpus."""
    row = _row(session, name)
    ids = session.scalars(delete(CorpusTextRow).where(CorpusTextRow.corpus_id == row.id).returning(CorpusTextRow.id))
    count = len(ids.all())
    session.delete(row)
    return count


def twin_groups(session: Session) -> set[str]:
    """The twin groups of all tweets in the store, in every split."""
    return set(session.scalars(select(TweetRow.twin_group).distinct()))


def _row(session: Session, name: str) -> CorpusRow:
    row = session.scalar(select(CorpusRow).where(CorpusRow.name == name))
    if row is None:
        known = ", ".join(session.scalars(select(CorpusRow.name).order_by(CorpusRow.id)))
        raise NotFoundError(f"there is no auxiliary corpus {name!r}; there {f'is {known}' if known else 'are none'}")
    return row
