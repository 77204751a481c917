"""
Exports labels, decisions, suggestions or synthetic tweets to a file or folder, with the origin of every label.
"""

import shutil
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from db.store import Store
from db.tweets import unlabelled_count
from emoclf.errors import DataFileError, SettingError
from emoclf.export.exported_tweets import BATCH, ExportedTweet, holdable
from emoclf.export.formats import ExportFormat, format_of
from emoclf.files.escaping import without_surrogates
from emoclf.files.tables import PROVENANCE
from emoclf.files.unlabelled import UNLABELLED
from jobs.doubts.ranking import load_calibrations
from jobs.files.export_tables import FOLDERS, KINDS, NAMES, Record
from jobs.files.export_tweets import tweets
from jobs.files.licences import models_in_use
from jobs.paths import check_new

__all__ = ["KINDS", "NAMES", "Exported", "export", "write_export"]


@dataclass(frozen=True)
class Exported:
    """The number of exported rows by origin of their labels; None if the rows are not labelled tweets."""

    rows: int
    decided: int | None = None  # labels decided by a reviewer or accepted in bulk
    originals: int | None = None  # labels as imported
    synthetic: int | None = None  # synthetic tweets accepted by a reviewer
    in_bulk: int | None = None  # how many of the decided ones were accepted in bulk
    unlabelled: int = 0  # tweets without original labels and without a decision
    are_left_out: bool = False  # whether these are missing in the file
    rewritten: int = 0  # cells with halves of surrogate pairs, which are written in another way

    @property
    def figures(self) -> dict[str, int]:
        """The counts by name, without those that do not apply: None, and the last ones if they are 0.

        >>> Exported(5, decided=2, originals=3, synthetic=0, in_bulk=0).figures, Exported(7).figures
        ({'rows': 5, 'decided': 2, 'originals': 3}, {'rows': 7})
        """
        counts = {"rows": self.rows, "decided": self.decided, "originals": self.originals}
        further = {"synthetic": self.synthetic, "in_bulk": self.in_bulk}
        further |= {"left_out" if self.are_left_out else "unlabelled": self.unlabelled}
        counts |= {name: n or None for name, n in further.items()}
        return {name: n for name, n in counts.items() if n is not None}

    @property
    def in_words(self) -> str:
        """The origins of the labels in sentences; empty if the rows are not labelled tweets.

        >>> Exported(6, decided=3, originals=2, synthetic=1, in_bulk=1).in_words
        'Labels: 3 decided (1 of them accepted in bulk), 2 original, 1 of accepted synthetic tweets.'
        >>> Exported(5, decided=3, originals=2, unlabelled=4, are_left_out=True).in_words
        'Labels: 3 decided, 2 original. 4 tweets without labels are left out.'
        """
        if self.decided is None:
            return ""
        bulk = f" ({self.in_bulk:,} of them accepted in bulk)" if self.in_bulk else ""
        more = f", {self.synthetic:,} of accepted synthetic tweets" if self.synthetic else ""
        sentences = [f"Labels: {self.decided:,} decided{bulk}, {self.originals:,} original{more}."]
        if self.unlabelled:
            n, one = f"{self.unlabelled:,}", self.unlabelled == 1
            verb = ("is" if one else "are") + (" left out" if self.are_left_out else " in the file")
            sentences.append(f"{n} {'tweet' if one else 'tweets'} without labels {verb}.")
        return " ".join(sentences)

    @property
    def notes(self) -> list[str]:
        r"""Sentences on what was not written as it is in the store.

        >>> Exported(2).notes, Exported(2, rewritten=1).notes
        ([], ['1 cell holds half of a surrogate pair, which no file can hold; it is written as \\ud83d or the like.'])
        """
        if not self.rewritten:
            return []
        cells = "1 cell holds" if self.rewritten == 1 else f"{self.rewritten:,} cells hold"
        return [f"{cells} half of a surrogate pair, which no file can hold; it is written as \\ud83d or the like."]


def export(store: Store, path: Path, what: str = "approved") -> int:
    """As `write_export`, but return only the number of rows."""
    return write_export(store, path, what).rows


def write_export(store: Store, path: Path, what: str = "approved", form: str | None = None) -> Exported:
    """Write `what` to `path` and return the number of rows by origin. The write is atomic.

    Parameters
    ----------
    what : a key of `KINDS`: "approved" (training labels: each tweet with its decision if there is one, else with its
        original; includes synthetic tweets accepted by a reviewer, marked by `origin`; tweets with neither are left
        out); "decided" (the same, only decided tweets); "decisions" (the whole log); "suggestions" (raw
        probabilities); "everything" (training labels with original, suggested and predicted ones; tweets without labels
        have blanks there); "originals" (each tweet as it was imported); "synthetic" (every generated tweet with its
        state); or "guidelines" (every version; decisions refer to versions)
    form : a key of `emoclf.export.formats.FORMATS`; None: as the ending of `path` (.csv, .jsonl or .parquet) says

    Raises
    ------
    SettingError : if `what` or `form` is none of these, or they do not go together
    DataFileError : if the file or folder cannot be written, or the folder is not empty
    """
    if what not in KINDS:
        raise SettingError(f"cannot export {what!r}; choose one of {', '.join(KINDS)}")
    chosen = format_of(path, form)
    if chosen.write_folder is None:
        return _write_file(store, path, what, chosen)
    if what not in FOLDERS:
        raise SettingError(
            f"a folder for {chosen.name} holds tweets with labels, not {what}; choose one of {', '.join(FOLDERS)}"
        )
    return _write_folder(store, path, what, chosen)


def _write_file(store: Store, path: Path, what: str, chosen: ExportFormat) -> Exported:
    assert chosen.write_table is not None
    contents, seen, calibrations = KINDS[what], _Seen(), load_calibrations(store)
    with store.reading() as session:
        records = seen.records(contents.records(session, calibrations), contents.texts)
        n = chosen.write_table(path, records, contents.header, contents.numbers)
        left_out = _left_out(session, what)
    return seen.exported(n, contents.has_labelled_tweets, left_out)


def _write_folder(store: Store, path: Path, what: str, chosen: ExportFormat) -> Exported:
    assert chosen.write_folder is not None
    check_new(path)
    seen, calibrations, credited = _Seen(), load_calibrations(store), models_in_use(store)
    unfinished = path.with_name(f".{path.name}.{uuid.uuid4().hex[:6]}.unfinished")
    try:
        unfinished.mkdir(parents=True)
        with store.reading() as session:
            found = seen.tweets(tweets(session, calibrations, what, chosen.has_models))
            n = chosen.write_folder(unfinished, found, credited)
            left_out = _left_out(session, what)
        unfinished.replace(path)
    except OSError as error:
        raise DataFileError(f"cannot write {path} ({error.strerror})") from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return seen.exported(n, is_labelled=True, left_out=left_out)


def _left_out(session: Session, what: str) -> int:
    """The number of tweets that an export leaves out because they have no labels."""
    return unlabelled_count(session) if what == "approved" else 0


class _Seen:
    """Counts the origins of labels in the rows that pass, and rewrites texts that no file can hold."""

    def __init__(self) -> None:
        self.origins: Counter[str] = Counter()
        self.in_bulk = self.rewritten = 0

    def records(self, records: Iterable[Record], texts: Sequence[str]) -> Iterator[Record]:
        """Pass records on; `texts` are the columns that hold texts."""
        for record in records:
            self._count(record.get(PROVENANCE), record.get("batch") is not None)
            yield self._holdable(record, texts)

    def tweets(self, found: Iterable[ExportedTweet]) -> Iterator[ExportedTweet]:
        for tweet in found:
            self._count(tweet.label_origin, tweet.decided_by == BATCH)
            written = holdable(tweet)
            self.rewritten += written is not tweet
            yield written

    def _count(self, origin: str | None, is_in_bulk: bool) -> None:
        self.origins[origin or ""] += 1
        self.in_bulk += is_in_bulk

    def _holdable(self, record: Record, texts: Sequence[str]) -> Record:
        for name in texts:
            cell = record[name]
            if cell is None or cell.isascii() or (text := without_surrogates(cell)) is cell:
                continue
            record[name] = text
            self.rewritten += 1
        return record

    def exported(self, rows: int, is_labelled: bool, left_out: int) -> Exported:
        if not is_labelled:
            return Exported(rows, rewritten=self.rewritten)
        counts = {"decided": "decision", "originals": "original", "synthetic": "synthetic"}
        by_origin: dict[str, Any] = {name: self.origins[origin] for name, origin in counts.items()}
        by_origin["unlabelled"] = left_out or self.origins[UNLABELLED]
        rest = {"in_bulk": self.in_bulk, "rewritten": self.rewritten}
        return Exported(rows, **by_origin, are_left_out=left_out > 0, **rest)
