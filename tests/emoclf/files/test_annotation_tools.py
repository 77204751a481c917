"""Tests of exports of annotation tools: Label Studio, Argilla and doccano."""

import csv
import json
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest

from emoclf.errors import DataFileError, SettingError
from emoclf.files.corpora import read_corpus
from emoclf.files.reading import Reading
from emoclf.files.tweet_files import DataFile, read_tweets

MAJORITY = Reading(raters="majority")


def as_json(path: Path, *records: dict[str, Any]) -> Path:
    """Write the records as one array, or one a line, as the ending says."""
    lines = [json.dumps(record) for record in records]
    path.write_text("\n".join(lines) if path.suffix == ".jsonl" else json.dumps(records), encoding="utf-8")
    return path


def choices(*names: str, question: str = "emotion") -> dict[str, Any]:
    return {"type": "choices", "from_name": question, "to_name": "text", "value": {"choices": list(names)}}


def task(n: int, text: str, *annotations: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"id": n, "data": {"text": text, "id": f"t{n}"}, "annotations": list(annotations), "predictions": [], **more}


def annotation(*names: str, by: int = 1, **more: Any) -> dict[str, Any]:
    return {"id": 9, "completed_by": by, "result": [choices(*names)] if names else [], **more}


def read_labels(file: DataFile) -> dict[str, set[str]]:
    return {tweet.key: set(tweet.original) for tweet in file.tweets}


@pytest.mark.parametrize("name", ["a.json", "a.jsonl"])
def test_the_choices_of_label_studio_are_the_labels(tmp_path: Path, name: str) -> None:
    tasks = [
        task(1, "so glad the bus came", annotation("joy", "optimism")),
        task(2, "closed again", annotation("Anger")),
    ]
    file = read_tweets(as_json(tmp_path / name, *tasks))
    assert read_labels(file) == {"t1": {"joy", "optimism"}, "t2": {"anger"}}
    assert file.tweets[0].text == "so glad the bus came"
    assert file.tweets[0].metadata == {"annotator": "1"}
    assert file.notes == ("It was read as an export of Label Studio.",)
    assert (file.lines, file.rejects) == (2, [])


def test_annotations_of_several_people_are_united_by_the_majority(tmp_path: Path) -> None:
    given = [annotation("joy", by=3), annotation("joy", "trust", by=4), annotation("fear", by=5)]
    path = as_json(tmp_path / "a.json", task(1, "what a day", *given))
    with pytest.raises(SettingError, match=r"1 text of a.json .* on line 1 \(joy and joy trust\).*--raters majority"):
        read_tweets(path)
    (tweet,) = read_tweets(path, reading=MAJORITY).tweets
    assert tweet.original == {"joy"}
    assert tweet.metadata["annotator"] == "3, 4, 5"
    assert json.loads(tweet.metadata["rater_shares"]) == {"fear": 0.333, "joy": 1 - 0.333, "trust": 0.333}


def test_a_cancelled_annotation_is_no_answer_and_one_without_choices_says_no_emotion(tmp_path: Path) -> None:
    cancelled = annotation("fear", was_cancelled=True)
    tasks = [task(1, "the one", cancelled, annotation("joy")), task(2, "the other", annotation())]
    file = read_tweets(as_json(tmp_path / "a.json", *tasks))
    assert read_labels(file) == {"t1": {"joy"}, "t2": set()}


def test_the_text_of_label_studio_may_have_another_name(tmp_path: Path) -> None:
    data = {"url": "https://example.org/" + "x" * 60, "post": "so glad the bus came"}
    record = {"id": 7, "data": data, "annotations": [annotation("joy")]}
    (tweet,) = (file := read_tweets(as_json(tmp_path / "a.json", record))).tweets
    assert (tweet.key, tweet.text, tweet.metadata["url"]) == ("7", data["post"], data["url"])
    assert "The texts are from post." in file.notes


def test_the_question_about_emotions_is_read_and_named(tmp_path: Path) -> None:
    result = [choices("news", question="topic"), choices("joy", question="feeling")]
    record = task(1, "so glad the bus came", {"result": result})
    file = read_tweets(as_json(tmp_path / "a.json", record))
    assert read_labels(file) == {"t1": {"joy"}}
    assert "The labels are from feeling, not topic." in file.notes


def test_predictions_of_label_studio_are_suggestions_and_no_labels(tmp_path: Path) -> None:
    predictions = [{"model_version": "m1", "score": 0.8, "result": [choices("fear")]}]
    file = read_tweets(as_json(tmp_path / "a.json", task(1, "hm", annotation("joy"), predictions=predictions)))
    assert read_labels(file) == {"t1": {"joy"}}
    ((key, suggestion),) = file.suggestions
    assert (key, suggestion.agent, suggestion.scores) == ("t1", "m1 in Label Studio", {"fear": 0.8})


def test_spans_of_label_studio_are_refused(tmp_path: Path) -> None:
    result = [{"type": "labels", "from_name": "label", "value": {"start": 0, "end": 2, "labels": ["joy"]}}]
    path = as_json(tmp_path / "a.json", task(1, "so glad", {"result": result}))
    with pytest.raises(DataFileError, match="of the type labels, not choices; emoclf reads labels of whole texts"):
        read_tweets(path)


def minimal(n: int, text: str, cell: Any) -> dict[str, Any]:
    times = {"created_at": "2026-01-01", "updated_at": "2026-01-01", "lead_time": 3.2}
    return {"annotation_id": n, "annotator": 1, "feeling": cell, "id": n, "post": text, **times}


@pytest.mark.parametrize("name", ["a.json", "a.csv", "a.tsv"])
def test_json_min_and_csv_of_label_studio_are_read(tmp_path: Path, name: str) -> None:
    records = [
        minimal(1, "so glad the bus came", {"choices": ["joy", "optimism"]}),
        minimal(2, "so angry now", "anger"),
    ]
    path = tmp_path / name
    if path.suffix == ".json":
        as_json(path, *records)
    else:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(records[0]), delimiter="\t" if path.suffix == ".tsv" else ",")
            writer.writeheader()
            writer.writerow({**records[0], "feeling": json.dumps(records[0]["feeling"])})
            writer.writerow(records[1])
    found = read_tweets(path)
    assert read_labels(found) == {"1": {"joy", "optimism"}, "2": {"anger"}}
    assert found.tweets[1].text == "so angry now"


def flat(n: int, text: str, *responses: list[str], suggestion: Any = None, **more: Any) -> dict[str, Any]:
    """A record as Argilla 2 pushes it to the Hub."""
    return {
        "id": f"r{n}",
        "status": "completed",
        "_server_id": str(n),
        "text": text,
        "emotions.responses": list(responses),
        "emotions.responses.users": [f"u{i}" for i in range(len(responses))],
        "emotions.responses.status": ["submitted"] * len(responses),
        "emotions.suggestion": suggestion,
        "emotions.suggestion.score": [0.9] * len(suggestion or []),
        "emotions.suggestion.agent": "qwen",
        **more,
    }


@pytest.mark.parametrize("name", ["a.jsonl", "a.parquet"])
def test_argilla_records_of_the_hub_are_read(tmp_path: Path, name: str) -> None:
    records = [
        flat(0, "so glad", ["joy", "trust"], suggestion=["joy"], lang="en"),
        flat(1, "so angry", ["anger"], lang="en"),
    ]
    path = tmp_path / name
    if name.endswith("jsonl"):
        as_json(path, *records)
    else:
        pyarrow.parquet.write_table(pyarrow.Table.from_pylist(records), path)
    file = read_tweets(path)
    assert read_labels(file) == {"r0": {"joy", "trust"}, "r1": {"anger"}}
    assert file.tweets[0].metadata == {"lang": "en", "annotator": "u0"}
    assert [(key, one.agent, one.scores) for key, one in file.suggestions] == [("r0", "qwen in Argilla", {"joy": 0.9})]


NESTED = {
    "id": "r1",
    "_server_id": "5",
    "fields": {"text": "so glad"},
    "metadata": {"lang": "en"},
    "status": "completed",
}
ARGILLA_FORMS = {
    "version 2": {
        **NESTED,
        "responses": {
            "topic": [{"value": "news", "user_id": "u1"}],
            "emotions": [{"value": ["joy"], "user_id": "u1"}],
        },
        "suggestions": {"emotions": {"value": ["fear"], "score": [0.7], "agent": "m"}},
    },
    "version 1": {
        **NESTED,
        "responses": [
            {"values": {"emotions": {"value": ["joy"]}}, "user_id": "u1", "status": "submitted"},
            {"values": {"emotions": {"value": ["anger"]}}, "user_id": "u2", "status": "discarded"},
        ],
        "suggestions": [{"question_name": "emotions", "value": ["fear"], "score": [0.7], "agent": "m"}],
    },
    "version 1, of the Hub": {
        "external_id": "r1",
        "text": "so glad",
        "emotions": [{"user_id": "u1", "value": ["joy"], "status": "submitted"}],
        "emotions-suggestion": ["fear"],
        "emotions-suggestion-metadata": {"type": "model", "score": [0.7], "agent": "m"},
        "metadata": '{"lang": "en"}',
    },
}


@pytest.mark.parametrize("record", ARGILLA_FORMS.values(), ids=ARGILLA_FORMS)
def test_argilla_records_of_every_form_are_read(tmp_path: Path, record: dict[str, Any]) -> None:
    file = read_tweets(as_json(tmp_path / "a.jsonl", record))
    assert read_labels(file) == {"r1": {"joy"}}
    assert file.tweets[0].metadata == {"lang": "en", "annotator": "u1"}
    assert [(one.agent, one.scores) for _, one in file.suggestions] == [("m in Argilla", {"fear": 0.7})]


def test_drafts_and_discarded_responses_of_argilla_are_no_labels(tmp_path: Path) -> None:
    states = {"emotions.responses.status": ["draft", "submitted", "discarded"]}
    record = flat(0, "so glad", ["fear"], ["joy"], ["anger"], **states)
    assert read_labels(read_tweets(as_json(tmp_path / "a.jsonl", record))) == {"r0": {"joy"}}


def test_metadata_of_a_tool_never_stands_in_for_its_labels(tmp_path: Path) -> None:
    record = task(1, "so glad", annotation("joy"))
    record["data"].update(dict.fromkeys(("anger", "labels", "emotion"), 1), nested={"a": [1]})
    (tweet,) = read_tweets(as_json(tmp_path / "a.json", record)).tweets
    assert tweet.original == {"joy"}
    assert tweet.metadata == {"nested": '{"a": [1]}', "annotator": "1"}


def test_exports_of_tools_are_read_as_auxiliary_corpora_too(tmp_path: Path) -> None:
    given = [annotation("calm"), annotation("calm"), annotation("cross")]
    path = as_json(tmp_path / "a.json", task(1, "so quiet", *given), task(2, "what a din", annotation("cross")))
    file = read_corpus(path, ("calm", "cross"), reading=MAJORITY)
    assert [(text.key, text.labels) for text in file.texts] == [("t1", (0,)), ("t2", (1,))]


def test_doccano_lines_are_read_and_their_comments_kept(tmp_path: Path) -> None:
    record = {"id": 3, "text": "so glad", "label": ["joy", "trust"], "Comments": ["sure?"]}
    (tweet,) = read_tweets(as_json(tmp_path / "a.jsonl", record)).tweets
    assert (tweet.key, tweet.original) == ("3", {"joy", "trust"})
    assert tweet.metadata == {"comments": '["sure?"]'}


def test_spans_of_doccano_are_refused(tmp_path: Path) -> None:
    path = as_json(tmp_path / "a.jsonl", {"id": 3, "text": "so glad", "label": [[0, 2, "joy"]]})
    file = read_tweets(path)
    assert file.tweets == []
    assert "holds labels of parts of a text (spans)" in file.rejects[0].reason


@pytest.mark.parametrize("broken", [{"annotations": 5}, {"data": "text"}, {"annotations": [{"result": "joy"}]}])
def test_a_broken_record_of_a_tool_is_one_reject(tmp_path: Path, broken: dict[str, Any]) -> None:
    records = [task(1, "so glad", annotation("joy")), {**task(2, "hm", annotation("joy")), **broken}]
    file = read_tweets(as_json(tmp_path / "a.json", *records))
    assert "t1" in read_labels(file)
    assert len(file.tweets) + len(file.rejects) == 2
