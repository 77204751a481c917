"""
Imports, lists and removes auxiliary corpora: texts with other label sets that are not part of the review.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from db import corpora
from db.store import Store
from emoclf.errors import SettingError
from emoclf.files.answers import how_read
from emoclf.files.cells import Reject
from emoclf.files.checks import check_content
from emoclf.files.collection_pause import collection_pause
from emoclf.files.corpora import CorpusFile, CorpusText, read_corpus
from emoclf.files.reading import AS_FOUND, Reading
from emoclf.files.reject_reasons import nothing_read
from jobs.files.rejects import rejects_written, write_rejects


def import_corpus(
    store: Store,
    path: Path,
    name: str,
    emotions: Sequence[str],
    licence: str | None = None,
    rejects_in: Path = Path(),
    reading: Reading = AS_FOUND,
) -> dict[str, Any]:
    """Import the labelled texts of `path` into the corpus `name`, in one transaction. Importing again changes nothing.

    Raises
    ------
    NothingReadError : if every row is rejected, when it is read or by the corpus; the rejects are written nevertheless
    SettingError : if the file can be read in several ways, such as with label numbers from 0 or from 1, or looks
        misread and `reading` does not confirm it, or the corpus has other emotions
    """
    with rejects_written(rejects_in, path):
        file = read_file(path, name, emotions, reading)
        with collection_pause(), store.writing() as session:
            new, conflicts = compare(session, path, name, file, emotions)
            corpora.add_texts(session, name, emotions, licence, new)
            rejects = sorted([*file.rejects, *conflicts], key=lambda reject: reject.line)
            rejects_file = write_rejects(rejects_in, path, rejects) if rejects else None
    return {
        "imported": len(new),
        "unchanged": len(file.texts) - len(new) - len(conflicts),
        "rejected": len(rejects),
        "rejects_file": str(rejects_file) if rejects_file else None,
        "corpus": name,
        "emotions": len(emotions),
        **how_read(file, conflicts),
    }


def read_file(path: Path, name: str, emotions: Sequence[str], reading: Reading) -> CorpusFile:
    """Read the texts of a corpus; the only way in which the import and its preview read one.

    Raises
    ------
    DataFileError, SettingError : as `import_corpus`
    """
    if not name.strip():
        raise SettingError("the corpus needs a name, such as --auxiliary goemotions")
    with collection_pause():
        file = read_corpus(path, emotions, reading=reading)
    if not file.texts:
        raise nothing_read(path.name, file.rejects, file.unit)
    if not reading.confirm:
        labels = [[emotions[j] for j in one.labels] for one in file.texts]
        check_content(path.name, [one.text for one in file.texts], labels)
    return file


def compare(
    session: Session, path: Path, name: str, file: CorpusFile, emotions: Sequence[str]
) -> tuple[list[CorpusText], list[Reject]]:
    """The texts of a file that are new to the corpus, and a reject for each text that contradicts the corpus.

    Raises
    ------
    NothingReadError : if all contradict it
    SettingError : if the corpus has other emotions
    """
    check_emotions(session, name, emotions)
    new, conflicts = sort_out(file.texts, corpora.held(session, name), emotions)
    if len(conflicts) == len(file.texts):
        rejects = sorted([*file.rejects, *conflicts], key=lambda reject: reject.line)
        raise nothing_read(path.name, rejects, file.unit, "stored")
    return new, conflicts


def check_emotions(session: Session, name: str, emotions: Sequence[str]) -> None:
    """Raise SettingError if a corpus of this name has other emotions."""
    known = next((one.emotions for one in corpora.corpora(session) if one.name == name), emotions)
    if list(known) != list(emotions):
        raise SettingError(
            f"the corpus {name} has the emotions {','.join(known)}, not {','.join(emotions)}; "
            "give these texts another name, or remove the corpus first"
        )


def sort_out(
    texts: Sequence[CorpusText], held: Mapping[str, tuple[str, tuple[int, ...]]], emotions: Sequence[str]
) -> tuple[list[CorpusText], list[Reject]]:
    """The texts that are new to the corpus, and a reject for each text that contradicts the corpus."""
    conflicts = []
    for one in texts:
        text, labels = held.get(one.key, (one.text, one.labels))
        if text != one.text:
            conflicts.append(
                Reject(
                    one.line, f"the corpus holds another text with ID {one.key}; give this text another ID", one.text
                )
            )
        elif labels != one.labels:
            here, there = (" ".join(emotions[j] for j in some) or "no emotion" for some in (one.labels, labels))
            problem = f"the corpus holds it with {there}, the file says {here}; labels are never overwritten"
            conflicts.append(Reject(one.line, problem, one.text))
    return [one for one in texts if one.key not in held], conflicts


def listing(store: Store) -> list[dict[str, Any]]:
    """Each auxiliary corpus with its size, emotions and licence, as plain values."""
    with store.reading() as session:
        return [
            {"corpus": one.name, "texts": one.texts, "emotions": list(one.emotions), "licence": one.licence}
            for one in corpora.corpora(session)
        ]


def remove(store: Store, name: str) -> int:
    """Remove a corpus and return its number of texts. Encoders trained on it are kept."""
    with store.writing() as session:
        return corpora.remove_corpus(session, name)
