"""
Stores the suggestions of models that a file of an annotation tool holds beside the labels of its raters.

They keep the name that the model has there, with the name of the tool, and a prompt version of their own, so that they
are never taken for suggestions that a language model made here: calibrations and counts are by name and version.
"""

import datetime as dt
from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from sqlalchemy.orm import Session

from db import tweets as stored_tweets
from db.chunking import chunks
from db.suggestions import add_suggestions
from emoclf.files.cells import TEXT_KEY, plain
from emoclf.files.tables import ToolSuggestion
from emoclf.labels import EMOTIONS
from emoclf.llm.prompts import IMPORTED, YES_NO
from emoclf.tweets import Tweet

WITH_SCORES, WITHOUT_SCORES = f"{IMPORTED} scores", f"{IMPORTED}{YES_NO}"
LONGEST_NAME = 100  # characters of a model's name


def store_suggestions(
    session: Session, suggestions: Sequence[tuple[str, ToolSuggestion]], tweets: Sequence[Tweet], at: dt.datetime
) -> tuple[int, list[str]]:
    """Store the suggestions of a file for those of its tweets that are in the store, with the time of the import `at`.

    Return how many are new, and sentences about all of them.

    Suggestions that name none of the emotions are left out. Scores are stored as probabilities if they are above 0.5
    for all labels that a model suggested; else its suggestions are stored as yes or no.
    """
    usable, left_out = _usable(suggestions)
    ids = _ids(session, tweets, {key for key, _ in usable})
    sentences, added = [], 0
    for agent in dict.fromkeys(one.agent for _, one in usable):
        of_agent = {key: one for key, one in reversed(usable) if one.agent == agent}
        with_scores = _have_scores(of_agent.values())
        scored = {ids[key]: _probabilities(one, with_scores) for key, one in of_agent.items() if key in ids}
        engine = " ".join(plain(agent)[:LONGEST_NAME].split())
        for chunk in chunks(scored.items()):
            added += add_suggestions(session, engine, WITH_SCORES if with_scores else WITHOUT_SCORES, chunk, at)
        if scored:
            how = "with its scores" if with_scores else "as yes or no"
            sentences.append(f"Suggestions of {engine} for {len(scored):,} tweets were stored, {how}.")
    if left_out:
        named = ", ".join(f"{name!r}" for name, _ in left_out.most_common(5))
        sentences.append(f"Suggested labels that are not among the emotions were left out: {named}.")
    return added, sentences


def _usable(suggestions: Sequence[tuple[str, ToolSuggestion]]) -> tuple[list[tuple[str, ToolSuggestion]], Counter[str]]:
    """Return the suggestions with labels of the review only, and the other labels, counted."""
    others = Counter(name for _, one in suggestions for name in one.scores if name not in EMOTIONS.names)
    usable = []
    for key, one in suggestions:
        known = {name: score for name, score in one.scores.items() if name in EMOTIONS.names}
        if known or not one.scores:
            usable.append((key, ToolSuggestion(one.agent, known)))
    return usable, others


def _have_scores(suggestions: Collection[ToolSuggestion]) -> bool:
    scores = [score for one in suggestions for score in one.scores.values()]
    return any(score < 1 for score in scores) and all(score > 0.5 for score in scores)


def _probabilities(one: ToolSuggestion, with_scores: bool) -> list[float]:
    """Return the probability of each emotion, in the order of the emotions."""
    scores: Mapping[str, float] = one.scores if with_scores else dict.fromkeys(one.scores, 1.0)
    return [scores.get(name, 0.0) for name in EMOTIONS.names]


def _ids(session: Session, tweets: Sequence[Tweet], wanted: Collection[str]) -> dict[str, int]:
    """Return the ids of stored tweets by the keys that they have in the file; the texts must be the same."""
    found: dict[str, int] = {}
    for chunk in chunks([tweet for tweet in tweets if tweet.key in wanted]):
        hashes = {tweet.key: stored_tweets.text_hash(tweet.text) for tweet in chunk}
        known = stored_tweets.stored_tweets(session, list(hashes), list(hashes.values()))
        texts = {one.key: one.text_hash for one in known}
        keys = {text: key for key, text in texts.items()}
        without_id = {text: key for key, text in texts.items() if key.startswith(TEXT_KEY)}
        here = {}  # the key in the store, by that in the file
        for key, text in hashes.items():
            other = (keys if key.startswith(TEXT_KEY) else without_id).get(text)
            if (same := key if texts.get(key) == text else other) is not None:
                here[key] = same
        ids = stored_tweets.ids_by_key(session, list(here.values()))
        found.update({key: ids[same] for key, same in here.items()})
    return found
