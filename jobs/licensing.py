"""
Licensing: which models and data the store was made with, each with its licence and the words that credit it.
"""

from db import queries, records
from db.store import Store
from emoclf.licences import Licence, licence_of

UNKNOWN = ("not known here", "read it first", "", "")


def models_in_use(store: Store) -> list[Licence]:
    """The models that spoke in this store, or were trained from, each once; those not in the table say so."""
    with store.reading() as session:
        names = [engine for engine, _ in queries.engines(session)]
        bases = [run.base for run in records.runs(session)]
    found = [licence_of(name) or Licence(name, *UNKNOWN) for name in dict.fromkeys([*names, *bases])]
    return list(dict.fromkeys(found))
