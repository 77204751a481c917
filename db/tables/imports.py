"""
The table of imports: which file brought which tweets, when and by whom, and whether the import was undone.
"""

import datetime as dt

from sqlalchemy.orm import Mapped, mapped_column

from db.tables.base import Base
from db.tables.columns import now


class ImportRow(Base):
    """One import that added tweets or labels.

    The row is kept when the import is undone, so that its ids are never used again.
    """

    __tablename__ = "imports"

    id: Mapped[int] = mapped_column(primary_key=True)
    file: Mapped[str]  # its name, without folders
    sha256: Mapped[str]  # of the file's bytes
    imported_by: Mapped[str]
    split: Mapped[str]  # of its tweets, with the reason, or where they were moved
    first_tweet: Mapped[int]  # the ids of its tweets lie between these two
    last_tweet: Mapped[int]
    tweets: Mapped[int]  # added by the import
    labelled: Mapped[int] = mapped_column(default=0)  # tweets stored without labels that took theirs from it
    unchanged: Mapped[int]  # in the store before
    rejected: Mapped[int]  # rows
    created_at: Mapped[dt.datetime] = mapped_column(default=now)
    changes: Mapped[int] = mapped_column(default=0)  # how often it was undone or moved
    undone_by: Mapped[str | None]
    undone_at: Mapped[dt.datetime | None]
