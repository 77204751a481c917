"""
Previews an import: reads a file exactly as the import would, compares it with the store, and stores nothing.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from db import imports as stored_imports
from db.store import Store
from emoclf.errors import EmoclfError
from emoclf.files.answers import how_read
from emoclf.files.answers import notes as how_notes
from emoclf.files.cells import Reject
from emoclf.files.chosen_columns import Renaming, column_names
from emoclf.files.corpora import CorpusFile
from emoclf.files.reading import AS_FOUND, Reading
from emoclf.files.reject_reasons import RejectReason, reasons
from emoclf.files.tweet_files import DataFile
from emoclf.labels import EMOTIONS
from jobs.files import corpora
from jobs.files.imports import compare, hash_of, read_file, same_file

ROWS = 10  # rows that a preview shows
REASONS = 20  # reasons that it names
NEW, KNOWN, CONFLICT, LABELS_ADDED = "new", "already stored", "conflict", "labels added"
NO_EMOTION, NO_LABELS = "no emotion", "no labels"


@dataclass(frozen=True)
class PreviewRow:
    """One row of the file as it will be stored."""

    line: int
    ID: str
    text: str
    labels: str
    split: str
    state: str  # NEW, KNOWN or CONFLICT
    metadata: Mapping[str, str]


@dataclass(frozen=True)
class Preview:
    """What an import of a file would do."""

    name: str
    format: str  # such as "tab-separated text"
    encoding: str
    columns: Mapping[str, str]  # what each column is taken for, see `emoclf.files.columns`
    split: str  # the splits and why; empty for an auxiliary corpus
    labels: Mapping[str, int]  # the number of rows with each label, and with none
    new: int
    unchanged: int  # already stored
    conflicts: int  # rows that contradict the store; they are among the rejects
    rejected: int
    rejects: Sequence[RejectReason]  # most frequent first
    first: Sequence[PreviewRow]  # the first rows that were read
    lines: Mapping[str, Any]  # in the file, read and rejected, and what is counted if there are no lines
    notes: Sequence[str]  # sentences on how the file was read

    @property
    def answer(self) -> dict[str, Any]:
        """The preview as plain values."""
        found = asdict(self)
        words = [*found.pop("notes"), "Nothing was stored."]
        return {"dry_run": True, **found, "words": words}


def preview(store: Store, path: Path, split: str | None = None, reading: Reading = AS_FOUND) -> Preview:
    """Return what `jobs.files.imports.import_file` would do with these arguments.

    Raises
    ------
    DataFileError, SettingError : as the import would
    """
    file = read_file(path, split, reading)
    with store.reading() as session:
        found = compare(session, file)
        found.check_any(path.name)
        same = stored_imports.same_file(session, hash_of(path))
    states = dict.fromkeys((tweet.line for tweet in found.new), NEW)
    states |= dict.fromkeys((reject.line for reject in found.conflicts), CONFLICT)
    first = [
        PreviewRow(
            tweet.line,
            tweet.key,
            tweet.text,
            NO_LABELS if tweet.original is None else _listed(EMOTIONS.ordered(tweet.original)),
            tweet.split,
            states.get(tweet.line, LABELS_ADDED if tweet.key in found.labels else KNOWN),
            tweet.metadata,
        )
        for tweet in file.tweets[:ROWS]
    ]
    suggested = len({key for key, _ in file.suggestions})
    notes = [*found.notes, *([f"Suggestions of models for {suggested:,} tweets are stored, too."] if suggested else [])]
    notes += [same_file(same)] if same else []
    return Preview(
        path.name,
        split=file.split,
        labels=_counts((tweet.original for tweet in file.tweets), EMOTIONS.names),
        new=len(found.new),
        unchanged=found.unchanged,
        conflicts=len(found.conflicts),
        first=first,
        **_about(file, found.rejects, reading, EMOTIONS.names, [*how_notes(file, found.conflicts), *notes]),
        lines=how_read(file, found.conflicts)["lines"],
    )


def preview_corpus(
    store: Store, path: Path, name: str, emotions: Sequence[str], reading: Reading = AS_FOUND
) -> Preview:
    """Return what `jobs.files.corpora.import_corpus` would do with these arguments.

    Raises
    ------
    DataFileError, SettingError : as the import would
    """
    file = corpora.read_file(path, name, emotions, reading)
    with store.reading() as session:
        new, conflicts = corpora.compare(session, path, name, file, emotions)
    states = dict.fromkeys((one.line for one in new), NEW)
    states |= dict.fromkeys((reject.line for reject in conflicts), CONFLICT)
    first = [
        PreviewRow(
            one.line,
            one.key,
            one.text,
            _listed([emotions[j] for j in one.labels]),
            "",
            states.get(one.line, KNOWN),
            {},
        )
        for one in file.texts[:ROWS]
    ]
    rejects = [*file.rejects, *conflicts]
    return Preview(
        path.name,
        split="",
        labels=_counts(([emotions[j] for j in one.labels] for one in file.texts), emotions),
        new=len(new),
        unchanged=len(file.texts) - len(new) - len(conflicts),
        conflicts=len(conflicts),
        first=first,
        **_about(file, rejects, reading, emotions, how_notes(file, conflicts)),
        lines=how_read(file, conflicts)["lines"],
    )


def _about(
    file: DataFile | CorpusFile, rejects: Sequence[Reject], reading: Reading, emotions: Sequence[str], notes: list[str]
) -> dict[str, Any]:
    """The fields of a preview that tweets and corpora share."""
    renaming = Renaming(reading, emotions)
    taken = {renaming.old(name): role for name, role in file.columns.taken_for(emotions).items()}
    about = {"format": file.format, "encoding": file.encoding, "columns": taken, "notes": notes}
    return {**about, "rejected": len(rejects), "rejects": reasons(rejects)[:REASONS]}


def _counts(rows: Iterable[Iterable[str] | None], emotions: Sequence[str]) -> dict[str, int]:
    """The number of rows with each label, in the order of the label set, with none of them, and without labels."""
    sets = Counter(None if row is None else frozenset(row) for row in rows)  # few different sets of labels
    counts: Counter[str] = Counter()
    for labels, n in sets.items():
        for name in (NO_LABELS,) if labels is None else labels or (NO_EMOTION,):
            counts[name] += n
    return {name: counts[name] for name in (*emotions, NO_EMOTION, NO_LABELS) if counts[name]}


def _listed(labels: Sequence[str]) -> str:
    return ", ".join(labels) or NO_EMOTION


def columns_of(path: Path, reading: Reading = AS_FOUND) -> list[str]:
    """The columns of a file, also if it cannot be imported as it is; none if it cannot be opened."""
    try:
        return column_names(path, reading.encoding)
    except EmoclfError:
        return []
