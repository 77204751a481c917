"""
Lists the models and data sets used in a store with their licences and required attributions.
"""

from pathlib import Path

from db import corpora, generations
from db.runs import list_runs
from db.store import Store
from db.suggestions import suggestion_engines
from db.tweets import some_keys
from emoclf.export.licences import Licence, licence_of, licence_of_corpus, licence_of_tweet

CREDITS = ".credits.txt"  # file name suffix
UNKNOWN = ("not known here", "read it first", "", "")


def models_in_use(store: Store) -> list[Licence]:
    """The models used for suggestions, generation or training in this store, each once; unlisted ones are marked."""
    with store.reading() as session:
        names = [engine for engine, _ in suggestion_engines(session)]
        names += generations.engines(session)
        bases = [run.base for run in list_runs(session)]
    found = [licence_of(name) or Licence(name, *UNKNOWN) for name in dict.fromkeys([*names, *bases])]
    return list(dict.fromkeys(found))


def data_in_use(store: Store) -> list[Licence]:
    """The data sets that the tweets and auxiliary corpora of this store are known to come from, each once."""
    with store.reading() as session:
        found = [licence_of_tweet(key) for key in some_keys(session)]
        found += [licence_of_corpus(corpus.name) for corpus in corpora.corpora(session)]
    return list(dict.fromkeys(licence for licence in found if licence))


def write_credits(store: Store, path: Path) -> Path | None:
    """Write the attributions of models and data next to an exported file; None if none are required."""
    known = [*models_in_use(store), *data_in_use(store)]
    lines = [one.in_words for one in known if one.attribution or one.licence == UNKNOWN[0]]
    if not lines:
        return None
    credits = path.with_name(path.name + CREDITS)
    credits.write_text(
        f"{path.name} was made with\n\n" + "\n".join(lines) + "\n\nNot legal advice.\n", encoding="utf-8"
    )
    return credits
