"""Tests of the exports for other programs: their own libraries read them, where those are installed."""

import json
from pathlib import Path
from typing import Any

import pytest

from emoclf.export import argilla_folder, datasets_folder, label_studio_folder
from emoclf.export.exported_tweets import ExportedTweet, ModelLabels
from emoclf.export.licences import licence_of
from emoclf.files.label_cells import NO_EMOTION
from emoclf.labels import EMOTIONS

LIKELY = [0.9 if name in ("joy", "love") else 0.1 for name in EMOTIONS.names]
LLM = ModelLabels("qwen", frozenset({"joy", "love"}), LIKELY)
BERT = ModelLabels("run 2", frozenset(), [0.2] * len(EMOTIONS), run=2)
JOY, NONE, BOTH = frozenset({"joy"}), frozenset[str](), frozenset({"trust", "anger"})
OSLO, WHEN = {"place": "Oslo"}, "2026-11-30T12:00:00+00:00"
TWEETS = [
    ExportedTweet("sample-0001", 'so "happy"\n🐶 \u2028', "train", JOY, "original", JOY, OSLO, suggestion=LLM),
    ExportedTweet("t2", "=late", "train", BOTH, "decision", JOY, {}, "Ana B.", WHEN, suggestion=LLM, prediction=BERT),
    ExportedTweet("t3", "nothing", "dev", NONE, "decision", JOY, {}, "ben", WHEN, "batch 1"),
    ExportedTweet("t4", "open", "test", None, "unlabelled", None, {}, prediction=BERT),
    ExportedTweet("s1", "made up", "train", JOY, "synthetic", None, {}, "ben", WHEN),
]
OTHER = 'license: other\nlicense_name: "SemEval-2018 Task 1 (E-c): terms of the task"\nlicense_link: http'
theirs = pytest.mark.filterwarnings("ignore")  # other people's libraries warn of what they themselves do


@pytest.fixture(params=[datasets_folder, label_studio_folder, argilla_folder], ids=lambda module: module.__name__[14:])
def written(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The folder for a program."""
    qwen = licence_of("hf:Qwen/Qwen2.5-3B-Instruct")
    assert qwen
    assert request.param.write(tmp_path, iter(TWEETS), [qwen]) == len(TWEETS)
    return tmp_path


def only(module: Any) -> Any:
    """Use the fixture `written` for one program only."""
    return pytest.mark.parametrize("written", [module], indirect=True)


@theirs
@only(datasets_folder)
def test_hugging_face_datasets_loads_the_folder_with_named_labels(
    written: Path, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    cache = str(tmp_path_factory.mktemp("cache"))
    monkeypatch.setenv("HF_HOME", cache)
    datasets = pytest.importorskip("datasets", reason="the datasets library of Hugging Face is not installed")
    data = datasets.load_dataset(str(written), cache_dir=cache)
    assert {split: list(part["id"]) for split, part in data.items()} == {
        "train": ["sample-0001", "t2", "s1"],
        "validation": ["t3"],
        "test": ["t4"],
    }
    train = data["train"]
    assert train.features["labels"].feature.names == list(EMOTIONS.names)
    assert train.features["labels"].feature.int2str(train[1]["labels"]) == ["anger", "trust"]
    assert train[0]["text"] == TWEETS[0].text
    assert train[0]["metadata"] == '{"place": "Oslo"}'
    assert [list(train[column]) for column in ("label_origin", "decided_by")] == [
        ["original", "decision", "synthetic"],
        [None, "person", "person"],
    ]
    assert (data["validation"][0]["labels"], data["validation"][0]["decided_by"]) == ([], "batch")
    assert (data["test"][0]["labels"], train[2]["original_labels"]) == (None, None)


@only(datasets_folder)
def test_the_data_set_card_names_splits_licence_provenance_and_credits_and_no_reviewer(written: Path) -> None:
    card = (written / "README.md").read_text("utf-8")
    for fact in (
        "license: unknown",  # of three of the four imported tweets
        "  - split: validation\n    path: data/validation.parquet",
        "  - name: train\n    num_examples: 3",
        "- 1 have the labels that came with the data.",
        "- 2 have labels that were decided in a review, 1 of them accepted in bulk after a random sample was checked.",
        "- 1 are synthetic",
        "- 1 have no labels.",
        "| joy | 2 |",
        "1 tweets are of The sample of emoclf (CC0 1.0",
        "Where 3 tweets come from is not recorded",
        "Model: Qwen2.5-3B-Instruct (Qwen Research License; commercial use: no: research only)",
    ):
        assert fact in card
    assert "Ana" not in card


@pytest.mark.parametrize(
    ("keys", "lines"),
    [
        (["sample-0001"], "license: cc0-1.0\n"),
        (
            ["2017-En-1"],
            'license: other\nlicense_name: "SemEval-2018 Task 1 (E-c): terms of the task"\nlicense_link: http',
        ),
        (["2017-En-1", "x"], "license: unknown\n"),
    ],
)
def test_the_licence_is_that_of_all_tweets_or_unknown(tmp_path: Path, keys: list[str], lines: str) -> None:
    datasets_folder.write(tmp_path, [ExportedTweet(key, "hi", "train", JOY, "original", JOY) for key in keys], [])
    assert (tmp_path / "README.md").read_text("utf-8").startswith(f"---\n{lines}")


@theirs
@only(label_studio_folder)
def test_label_studio_accepts_every_task_under_the_configuration(written: Path) -> None:
    pytest.importorskip("label_studio_sdk", reason="label-studio-sdk is not installed")
    from label_studio_sdk.label_interface import LabelInterface

    interface = LabelInterface((written / "labelling.xml").read_text("utf-8"))
    interface.validate()
    assert interface.get_control("emotions").labels == list(EMOTIONS.names)
    for task in json.loads((written / "tasks.json").read_text("utf-8")):
        assert interface.validate_task({"data": task["data"]})
        assert all(interface.validate_annotation(one) for one in task["annotations"])
        assert [interface.validate_prediction(one, return_errors=True) for one in task["predictions"]] == [
            [] for _ in task["predictions"]
        ]


@only(label_studio_folder)
def test_a_label_studio_task_has_the_labels_as_annotation_and_those_of_models_as_predictions(written: Path) -> None:
    first, second, third, fourth, _ = json.loads((written / "tasks.json").read_text("utf-8"))
    assert first["data"] == {
        "text": TWEETS[0].text,
        "id": "sample-0001",
        "split": "train",
        "label_origin": "original",
        "metadata": '{"place": "Oslo"}',
    }
    assert chosen(first["annotations"]) == [["joy"]]
    assert (chosen(second["annotations"]), second["data"]["reviewer"]) == ([["anger", "trust"]], "Ana B.")
    assert [one["model_version"] for one in second["predictions"]] == ["original labels", "qwen", "run 2"]
    assert chosen(second["predictions"]) == [["joy"], ["joy", "love"], []]
    assert chosen(third["annotations"]) == [[]]
    assert "completed_by" not in third["annotations"][0]  # Label Studio refuses users whom it does not know
    assert fourth["annotations"] == []


def chosen(answers: list[dict[str, Any]]) -> list[list[str]]:
    """The choices of each annotation or prediction."""
    return [[name for one in answer["result"] for name in one["value"]["choices"]] for answer in answers]


@pytest.fixture
def argilla(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The library of Argilla, logged in to a server that takes everything; its requests are in `argilla.sent`."""
    module = pytest.importorskip("argilla", reason="argilla is not installed")
    import httpx
    from argilla._api import _client

    sent: list[tuple[str, str, Any]] = []
    held: dict[str, list[Any]] = {}
    at = "2026-11-30T12:00:00"
    made = {"id": "3f1e6b0e-0000-4000-8000-000000000001", "name": "mine", "inserted_at": at, "updated_at": at}

    def answer(request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content) if request.content else {}
        sent.append((request.method, request.url.path, body))
        if request.url.path.endswith("/records/bulk"):
            none: dict[str, Any] = {"responses": [], "suggestions": []}
            items = [{**one, **made, **none, "status": "completed"} for one in body["items"]]
            return httpx.Response(200, json={"items": items, "updated_item_ids": []})
        held.setdefault(kind := request.url.path.rpartition("/")[2], [])
        if request.method == "POST":
            held[kind].append({**made, **body, "id": made["id"]})
        items = [made] if kind == "workspaces" else held[kind]
        return httpx.Response(
            200, json={**made, "username": "me", "role": "owner", "items": items, **body, "id": made["id"]}
        )

    def client(api_url: str, **_: Any) -> httpx.Client:
        return httpx.Client(base_url=api_url, transport=httpx.MockTransport(answer))

    monkeypatch.setattr(_client, "create_http_client", client)
    module.Argilla(api_url="http://argilla.test", api_key="key")
    monkeypatch.setattr(module, "sent", sent, raising=False)
    return module


@theirs
@only(argilla_folder)
def test_argilla_reads_the_records_and_the_settings(written: Path, argilla: Any) -> None:
    settings = argilla.Settings.from_json(written / ".argilla" / "settings.json")
    settings.validate()
    [question] = settings.questions
    assert (question.name, question.labels) == ("emotions", [*EMOTIONS.names, NO_EMOTION])
    assert [one.name for one in settings.fields] == ["text"]
    records = [argilla.Record.from_dict(one) for one in json.loads((written / "records.json").read_text("utf-8"))]
    assert [(one.id, one.fields["text"]) for one in records] == [(tweet.key, tweet.text) for tweet in TWEETS]
    assert [[response.value for response in one.responses] for one in records] == [
        *([["joy"]], [["anger", "trust"]], [[NO_EMOTION]], [], [["joy"]]),
    ]
    suggested = [[(one.agent, one.value, one.score) for one in record.suggestions] for record in records]
    assert suggested[0] == [("qwen", ["joy", "love"], [0.9, 0.9])]
    assert suggested[3] == [("run 2", [NO_EMOTION], None)]
    assert records[2].metadata == {
        **{"split": "dev", "label_origin": "decision", "decided_by": "batch", "reviewer": "ben", "batch": "batch 1"},
        "original": ["joy"],
    }


@theirs
@only(argilla_folder)
def test_argilla_sends_the_whole_folder_to_a_server(written: Path, argilla: Any) -> None:
    argilla.Dataset.from_disk(str(written), workspace="mine")
    [bulk] = [body for method, path, body in argilla.sent if path.endswith("/records/bulk")]
    assert [one["external_id"] for one in bulk["items"]] == [tweet.key for tweet in TWEETS]
    assert bulk["items"][1]["responses"][0]["user_id"] == argilla_folder.user_id("Ana B.")


@only(argilla_folder)
def test_the_users_whose_responses_an_argilla_folder_holds_are_in_its_readme(written: Path) -> None:
    readme = (written / "README.md").read_text("utf-8")
    for name, username in (("Ana B.", "Ana-B"), ("ben", "ben"), ("original labels", "original-labels")):
        assert f'rg.User(username="{username}", password="...", id="{argilla_folder.user_id(name)}"' in readme
