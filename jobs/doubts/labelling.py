"""
Ranks the train tweets without original labels by what labelling them would bring.

Dev and test tweets are not ranked: they measure a model, and a choice of uncertain tweets would make it look worse.
They come up in the random order, as do train tweets for which no model has given probabilities yet.
"""

import numpy as np
from sqlalchemy.orm import Session

from db.inspections import trainable_counts
from db.tweets import texts_of
from emoclf.labels import EMOTIONS
from emoclf.review.labelling_order import labelling_order
from emoclf.text.hashed_words import hashed_words

AT_THE_FRONT = 5000  # tweets among which similar ones are spread; nobody labels more before the next ranking


def priorities(session: Session, ids: np.ndarray, sources: list[np.ndarray], may_rank: np.ndarray) -> np.ndarray:
    """Return for n tweets a number that is larger the sooner they should be labelled, shape (n,); 0 if not ranked.

    Parameters
    ----------
    ids : of the tweets, shape (n,)
    sources : calibrated probabilities, each of shape (n, 11); a row of NaN if a source has not seen the tweet
    may_rank : boolean, shape (n,): undecided train tweets without original labels
    """
    seen = np.array([~np.isnan(source).any(axis=1) for source in sources])
    rows = np.flatnonzero(may_rank & seen.any(axis=0))
    found = np.zeros(len(may_rank))
    if len(rows):
        counts = np.array([trainable_counts(session, "approved")[1][name] for name in EMOTIONS.names])
        ranked = np.array([np.where(row[:, None], source, 0.0) for row, source in zip(seen, sources, strict=True)])
        mean = ranked[:, rows].sum(axis=0) / seen[:, rows].sum(axis=0)[:, None]
        order = labelling_order(mean, None, counts)
        front = order[:AT_THE_FRONT]
        texts = texts_of(session, ids[rows[front]].tolist())
        front = front[labelling_order(mean[front], hashed_words(texts), counts)]
        order = np.concatenate([front, order[AT_THE_FRONT:]])
        found[rows[order]] = np.arange(len(rows), 0, -1)
    return found
