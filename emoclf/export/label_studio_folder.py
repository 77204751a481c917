"""
Writes labelled tweets for Label Studio: tasks to import, and the labelling configuration of the project.

A task has the labels of the export as its annotation, and those of the LLM and of BERT as predictions; if the labels
were decided in a review, the original labels are a prediction too. Annotations name no user, so that Label Studio gives
them to the user who imports them: it refuses annotations of users whom it does not know.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

from emoclf.export.exported_tweets import ExportedTweet, in_order
from emoclf.export.json_arrays import write_array
from emoclf.export.licences import Licence
from emoclf.files.own_exports import METADATA
from emoclf.labels import EMOTIONS

TASKS, CONFIGURATION = "tasks.json", "labelling.xml"
CONTROL, TEXT = "emotions", "text"  # the names of the two tags
ORIGINAL = "original labels"


def write(folder: Path, tweets: Iterable[ExportedTweet], models: Sequence[Licence]) -> int:
    """Write the tasks and the configuration to an empty folder; return the number of tasks."""
    (folder / CONFIGURATION).write_text(configuration(), encoding="utf-8", newline="")
    return write_array(folder / TASKS, map(task, tweets))


def configuration() -> str:
    """Return the labelling configuration: the text, and any number of emotions."""
    choices = "\n".join(f"    <Choice value={quoteattr(name)}/>" for name in EMOTIONS.names)
    return f"""<View>
  <Text name="{TEXT}" value="${TEXT}" valueType="text"/>
  <Choices name="{CONTROL}" toName="{TEXT}" choice="multiple" showInline="true">
{choices}
  </Choices>
</View>
"""


def task(tweet: ExportedTweet) -> dict[str, Any]:
    """Return a tweet as a task."""
    further = {"label_origin": tweet.label_origin, "decided_by": tweet.decided_by, "reviewer": tweet.reviewer}
    further |= {"decided_at": tweet.decided_at, "batch": tweet.batch, METADATA: tweet.metadata_json}
    others = [{"model_version": one.model, "result": _result(one.labels)} for one in tweet.models]
    if tweet.label_origin == "decision" and tweet.original is not None:
        others.insert(0, {"model_version": ORIGINAL, "result": _result(tweet.original)})
    return {
        "data": {
            TEXT: tweet.text,
            "id": tweet.key,
            "split": tweet.split,
            **{name: value for name, value in further.items() if value is not None},
        },
        "annotations": [] if tweet.labels is None else [{"result": _result(tweet.labels), "ground_truth": False}],
        "predictions": others,
    }


def _result(labels: frozenset[str]) -> list[dict[str, Any]]:
    """Return the choice of these labels; an empty result means that there is no emotion."""
    if not labels:
        return []
    return [{"from_name": CONTROL, "to_name": TEXT, "type": "choices", "value": {"choices": in_order(labels)}}]
