"""
Writes labelled tweets for Argilla, in the form of `argilla.Dataset.to_disk`: settings, records and the data set.

The labels of the export are a response: of the reviewer who decided them, or of a user "original labels". The
suggestion is what the LLM says, or BERT if there is no LLM's. A server takes no empty list of labels, so that a tweet
without any emotion has the label "no emotion".
"""

import json
import re
import uuid
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from emoclf.export.exported_tweets import ExportedTweet, ModelLabels, in_order
from emoclf.export.json_arrays import write_array
from emoclf.export.licences import Licence
from emoclf.files.label_cells import NO_EMOTION
from emoclf.files.own_exports import METADATA
from emoclf.labels import EMOTIONS

QUESTION, FIELD = "emotions", "text"
ORIGINAL = "original labels"  # the user to whom labels belong that came with the data
OWN = ("split", "label_origin", "decided_by", "reviewer", "batch", "original", "suggested", "predicted")  # metadata
USERS = uuid.UUID("b9a1b0b0-7d1f-4b2c-9a51-6e4f43d0c1aa")  # the namespace of the users' ids

README = """# Tweets for Argilla

A response belongs to a user, so the server must have these users before it takes the records. Choose passwords and a
workspace:

```python
import argilla as rg

client = rg.Argilla(api_url="http://localhost:6900", api_key="...")
{users}
dataset = rg.Dataset.from_disk("PATH_OF_THIS_FOLDER", client=client, workspace="...")
```

The question `emotions` has the labels of each tweet; "no emotion" stands for none of them. The suggestion is a model's.
"""
USER = 'rg.User(username="{name}", password="...", id="{id}", client=client).create()'


def write(folder: Path, tweets: Iterable[ExportedTweet], models: Sequence[Licence]) -> int:
    """Write the records, the settings, the data set and README.md to an empty folder; return the number of records."""
    users: dict[str, None] = {}
    count = write_array(folder / "records.json", _records(tweets, users))
    (folder / ".argilla").mkdir()
    for name, content in (("settings", settings()), ("dataset", dataset())):
        (folder / ".argilla" / f"{name}.json").write_text(json.dumps(content), encoding="ascii", newline="")
    created = "\n".join(USER.format(name=username(name), id=user_id(name)) for name in users)
    (folder / "README.md").write_text(README.format(users=created), encoding="utf-8", newline="")
    return count


@lru_cache
def user_id(name: str) -> str:
    """Return the id of a reviewer, always the same for the same name."""
    return str(uuid.uuid5(USERS, name))


def username(name: str) -> str:
    """Return a name that Argilla allows: letters, digits, hyphens and underscores.

    >>> username("Ana B."), username("Öhman")
    ('Ana-B', 'hman')
    """
    return re.sub(r"[^A-Za-z0-9_-]+", "-", name).strip("-_") or user_id(name)


def _records(tweets: Iterable[ExportedTweet], users: dict[str, None]) -> Iterator[dict[str, Any]]:
    for tweet in tweets:
        if tweet.labels is not None:
            users[tweet.reviewer or ORIGINAL] = None
        yield record(tweet)


def record(tweet: ExportedTweet) -> dict[str, Any]:
    """Return a tweet as a record."""
    responses = {}
    if tweet.labels is not None:
        user = user_id(tweet.reviewer or ORIGINAL)
        responses[QUESTION] = [{"value": _value(tweet.labels), "user_id": user, "status": "submitted"}]
    return {
        "id": tweet.key,
        "fields": {FIELD: tweet.text},
        "metadata": _metadata(tweet),
        "suggestions": {QUESTION: _suggestion(tweet.models[0])} if tweet.models else {},
        "responses": responses,
        "vectors": {},
        "status": "completed" if responses else "pending",
        "_server_id": None,
    }


def _value(labels: frozenset[str]) -> list[str]:
    return in_order(labels) or [NO_EMOTION]


def _metadata(tweet: ExportedTweet) -> dict[str, Any]:
    own: dict[str, Any] = {"split": tweet.split, "label_origin": tweet.label_origin, "decided_by": tweet.decided_by}
    own |= {"reviewer": tweet.reviewer, "batch": tweet.batch, METADATA: tweet.metadata_json}
    given = {"original": tweet.original}
    given |= {
        name: one.labels for name, one in (("suggested", tweet.suggestion), ("predicted", tweet.prediction)) if one
    }
    own |= {name: None if labels is None else _value(labels) for name, labels in given.items()}
    return {name: value for name, value in own.items() if value is not None}


def _suggestion(model: ModelLabels) -> dict[str, Any]:
    chances = dict(zip(EMOTIONS.names, model.probabilities, strict=True))
    score = {"score": [chances[name] for name in in_order(model.labels)]} if model.labels else {}
    return {"value": _value(model.labels), "agent": model.model, "type": "model", **score}


def settings() -> dict[str, Any]:
    """Return the settings of the data set: a text, a question with the emotions, and the metadata."""
    options = [{"value": name, "text": name} for name in (*EMOTIONS.names, NO_EMOTION)]
    choice = {"type": "multi_label_selection", "options": options, "visible_options": None, "options_order": "natural"}
    question = {"name": QUESTION, "title": "Emotions", "description": None, "required": True, "settings": choice}
    text = {"name": FIELD, "title": "Tweet", "required": True, "settings": {"type": "text", "use_markdown": False}}
    terms = {"type": "terms", "visible_for_annotators": True, "values": None}
    return {
        "guidelines": None,
        "questions": [{**question, "type": choice["type"]}],
        "fields": [{**text, "type": "text"}],
        "vectors": [],
        "metadata": [{"name": name, "title": name, "visible_for_annotators": True, "settings": terms} for name in OWN],
        "allow_extra_metadata": True,
        "distribution": {"strategy": "overlap", "min_submitted": 1},
        "mapping": None,
    }


def dataset() -> dict[str, Any]:
    """Return the data set itself, without a server."""
    return {"name": "emoclf", "status": "draft", "guidelines": None, "allow_extra_metadata": True}
