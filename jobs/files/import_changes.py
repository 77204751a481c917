"""
Lists imports, undoes one, and moves the tweets of one to another split.

Both changes are one transaction. Nothing that a person decided and nothing that a run was trained or scored on is
removed or moved. While a job works on tweets, neither is possible.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from db import doubting, import_removal, imports, tweets
from db.import_removal import DECIDED, IN_BATCH, IN_RUN, Removal
from db.imports import Import, moment
from db.jobs import unfinished_jobs
from db.store import Store
from emoclf.errors import SettingError
from emoclf.tweets import SPLITS
from jobs import registry, runner
from jobs.doubts import ranking

WHY = {  # why tweets stay, after their number
    DECIDED: "decided by a reviewer or in a batch",
    IN_BATCH: "in the list of a batch",
}


def listing(store: Store) -> list[Import]:
    """The imports, newest first."""
    with store.reading() as session:
        return imports.list_imports(session)


@dataclass(frozen=True)
class Plan:
    """What undoing an import would do."""

    record: Import
    removal: Removal

    @property
    def words(self) -> str:
        """The plan in sentences."""
        return " ".join([_removed(self.removal, "will be"), *_staying(self.removal)])


def plan(store: Store, import_id: int) -> Plan:
    """What undoing an import would do now.

    Raises
    ------
    NotFoundError : if there is no such import
    """
    with store.reading() as session:
        return Plan(imports.get_import(session, import_id), import_removal.removal(session, import_id))


def undo(store: Store, import_id: int, by: str) -> dict[str, Any]:
    """Remove the tweets of an import with everything derived from them; return how many were removed and stay.

    Parameters
    ----------
    by : who undoes it

    Raises
    ------
    NotFoundError : if there is no such import
    SettingError : if all its tweets are removed already or must stay, or a job works on tweets
    """
    runner.find_lost(store)
    with store.writing() as session:
        record = _locked(session, import_id)
        removal = import_removal.removal(session, import_id)
        _check_undoable(record, removal)
        import_removal.remove(session, import_id)
        imports.record_undo(session, import_id, by)
    _refresh_doubts(store)
    stay = sum(removal.stay.values())
    words = [_removed(removal, "were"), *_staying(removal)]
    counts = {"removed": removal.removed, "labels_taken_back": removal.labels, "stay": stay}
    counts |= {"suggestions_taken_back": removal.suggestions} if removal.suggestions else {}
    return {"undone": import_id, **counts, "why": dict(removal.stay), "words": words}


def _check_undoable(record: Import, removal: Removal) -> None:
    if record.undone_at and not record.left:
        raise SettingError(f"{record.named} was undone by {record.undone_by} on {moment(record.undone_at)}")
    if removal.is_empty:
        why = " ".join(_staying(removal)) or "None of its tweets and labels is in the store any more."
        raise SettingError(f"{record.named} cannot be undone. {why}")


def _locked(session: Session, import_id: int) -> Import:
    """One import, whose tweets nobody else changes until the end of the transaction."""
    record = imports.get_import(session, import_id)
    _check_idle(session)
    import_removal.lock(session, import_id)
    return record


def _check_idle(session: Session) -> None:
    """Raise SettingError if a job is unfinished: it may be about to store something about these tweets."""
    if busy := unfinished_jobs(session):
        name = registry.name_of(busy[0].kind)
        raise SettingError(f"job {busy[0].id} ({name}) works on tweets now; stop it, or wait until it has ended")


def _refresh_doubts(store: Store) -> None:
    """Compute the doubts again if they were ever computed: they depend on the other tweets and on the split."""
    with store.reading() as session:
        computed = doubting.were_computed(session)
    if computed:
        ranking.refresh(store)


def _removed(removal: Removal, verb: str) -> str:
    derived = [f"{n:,} {name[:-1] if n == 1 else name}" for name, n in removal.derived.items() if n]
    derived += [f"the labels that import {later} gave to {n:,} of them" for later, n in removal.others_labels.items()]
    rest = f", and with them {_listed(derived)}" if derived else ""
    taken_back = []
    if removal.labels:
        taken_back.append(f"The labels of {_tweets(removal.labels)} {verb} taken back.")
    if n := removal.suggestions:
        given = "1 suggestion" if n == 1 else f"{n:,} suggestions"
        taken_back.append(f"{given} for tweets of other imports {_verb(verb, n)} taken back.")
    if taken_back and not removal.removed:
        return " ".join(taken_back)
    return " ".join([f"{_tweets(removal.removed)} {_verb(verb, removal.removed)} removed{rest}.", *taken_back])


def _verb(verb: str, n: int) -> str:
    return verb.replace("were", "was") if n == 1 else verb


def _staying(removal: Removal) -> list[str]:
    """Sentences on the tweets and labels that stay and why, if there are any."""
    sentences = []
    if removal.stay:
        whys = {**WHY, IN_RUN: f"used by {_runs(removal.runs)}"}
        reasons = [f"{n:,} {whys[name]}" for name, n in removal.stay.items()]
        n = sum(removal.stay.values())
        sentences.append(f"{_tweets(n)} {'stays' if n == 1 else 'stay'}: {_listed(reasons)}.")
    if removal.labels_stay:
        sentences.append(f"The labels of {_tweets(removal.labels_stay)} stay, since people or runs used them.")
    if removal.suggestions_stay:
        which = f"Suggestions for {_tweets(removal.suggestions_stay)} of other imports"
        sentences.append(f"{which} stay, since people or runs used these tweets.")
    if removal.suggestions_unknown:
        sentences.append(
            f"Suggestions for {_tweets(removal.suggestions_unknown)} of other imports stay; an earlier version did not "
            "note whether this import gave them."
        )
    return sentences


def _runs(numbers: Sequence[int]) -> str:
    return f"{'run' if len(numbers) == 1 else 'runs'} {_listed(list(map(str, numbers)))}"


def _tweets(n: int) -> str:
    return "1 tweet" if n == 1 else f"{n:,} tweets"


def _listed(words: list[str]) -> str:
    """Words in a sentence.

    >>> _listed(["a", "b", "c"])
    'a, b and c'
    """
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def move(store: Store, import_id: int, split: str, by: str) -> dict[str, Any]:
    """Move the tweets of an import to another split; return how many moved.

    Parameters
    ----------
    split : train, dev or test
    by : who moves them

    Raises
    ------
    NotFoundError : if there is no such import
    SettingError : if there is no such split, all tweets are in it, a run was trained or scored on one of them, one is
        in the list of an unfinished batch, or a job works on tweets
    """
    if split not in SPLITS:
        raise SettingError(f"{split!r} is not a split; choose one of {', '.join(SPLITS)}")
    runner.find_lost(store)
    with store.writing() as session:
        record = _locked(session, import_id)
        before = import_removal.splits_of(session, import_id)
        _check_movable(session, record, before, split)
        out_before = tweets.left_out_of_training(session)
        moved = import_removal.move(session, import_id, split)
        left_out = tweets.left_out_of_training(session) - out_before
        imports.record_move(session, import_id, f"{split}, moved by {by} from {_listed(_others(before, split))}")
    _refresh_doubts(store)
    words = [f"{_tweets(moved)} moved to {split}."]
    if left_out > 0:
        words.append(f"Training leaves out {_tweets(left_out)} more, since a twin is in dev or test now.")
    return {"moved": moved, "split": split, "import": import_id, "words": words}


def _others(counts: Mapping[str, int], split: str) -> list[str]:
    return [one for one in SPLITS if one in counts and one != split]


def _check_movable(session: Session, record: Import, splits: Mapping[str, int], split: str) -> None:
    if not record.tweets:
        raise SettingError(f"{record.named} brought no tweets; move the import that brought them")
    if not splits:
        raise SettingError(f"{record.named} has no tweets in the store any more")
    if set(splits) == {split}:
        raise SettingError(f"the tweets of {record.named} are in {split} already")
    if runs := import_removal.runs_of(session, record.id):
        raise SettingError(
            f"the tweets of {record.named} stay in {_listed(list(splits))}: {_runs(runs)} trained or scored on some of "
            "them, and its figures would no longer be honest"
        )
    if open_batches := import_removal.open_batches(session, record.id):
        raise SettingError(
            f"the batch {_listed(open_batches)} has tweets of {record.named} in its list; finish it or give it up first"
        )
