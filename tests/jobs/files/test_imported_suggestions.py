"""Tests of suggestions that come with a file of an annotation tool: stored, shown, and never taken for Qwen's."""

import json
from pathlib import Path
from typing import Any

from db.queue_items import all_items
from db.store import Store
from db.suggestions import add_suggestions, all_suggestions, stored_calibrations, suggestion_engines
from db.tweets import ids_by_key
from db.values import QueueItem
from emoclf.labels import EMOTIONS
from jobs.doubts.ranking import load_calibrations
from jobs.files.imports import import_file
from jobs.review.cards import card
from tests.support.tweet_files import record, write


def export(path: Path, *rows: tuple[str, str, list[str] | None, list[float]]) -> Path:
    """Write Argilla records with these texts, labels, suggestions and scores."""
    records: list[dict[str, Any]] = [
        {
            "id": f"r{n}",
            "text": text,
            "emotions.responses": [[label]],
            "emotions.suggestion": suggested,
            "emotions.suggestion.score": scores,
            "emotions.suggestion.agent": "Qwen/Qwen3-8B",
        }
        for n, (text, label, suggested, scores) in enumerate(rows)
    ]
    path.write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
    return path


def one_item(store: Store, key: str = "r0") -> QueueItem:
    with store.reading() as session:
        return next(item for items in all_items(session) for item in items if item.key == key)


def test_the_suggestions_of_a_file_are_stored_and_the_answer_says_so(store: Store, tmp_path: Path) -> None:
    path = export(tmp_path / "a.jsonl", ("so glad", "joy", ["joy", "trust"], [0.9, 0.6]), ("hm", "fear", None, []))
    answer = import_file(store, path)
    assert "Suggestions of Qwen/Qwen3-8B in Argilla for 1 tweets were stored, with its scores." in answer["words"]
    with store.reading() as session:
        ((key, _, stored),) = all_suggestions(session)
    assert (key, stored.engine, stored.prompt_version) == ("r0", "Qwen/Qwen3-8B in Argilla", "imported scores")
    assert stored.probabilities == [{"joy": 0.9, "trust": 0.6}.get(name, 0.0) for name in EMOTIONS.names]
    assert import_file(store, path)["unchanged"] == 2
    with store.reading() as session:
        assert len(list(all_suggestions(session))) == 1


def test_low_scores_are_stored_as_yes_so_that_the_suggested_labels_stay(store: Store, tmp_path: Path) -> None:
    import_file(store, export(tmp_path / "a.jsonl", ("so glad", "joy", ["joy", "trust"], [0.9, 0.2])))
    shown = card(one_item(store), load_calibrations(store)).suggestion
    assert shown is not None
    assert (shown.by, shown.labels, shown.probabilities) == ("Qwen/Qwen3-8B in Argilla", ["joy", "trust"], None)


def test_they_are_calibrated_by_themselves_and_leave_qwens_as_they_are(store: Store, tmp_path: Path) -> None:
    import_file(store, export(tmp_path / "a.jsonl", ("so glad", "joy", ["joy"], [0.9])))
    with store.writing() as session:
        add_suggestions(session, "Qwen/Qwen3-8B", "labels-2", [(ids_by_key(session, ["r0"])["r0"], [0.5] * 11)])
    with store.reading() as session:
        assert set(stored_calibrations(session)) == {("Qwen/Qwen3-8B in Argilla", "imported scores")}
        assert len(suggestion_engines(session)) == 2


def test_a_suggestion_made_here_is_shown_rather_than_one_that_is_imported_later(store: Store, tmp_path: Path) -> None:
    import_file(store, write(tmp_path / "plain.csv", record("so glad", "joy", "r0")))
    with store.writing() as session:
        add_suggestions(session, "Qwen/Qwen3-8B", "labels-2", [(ids_by_key(session, ["r0"])["r0"], [0.5] * 11)])
    import_file(store, export(tmp_path / "a.jsonl", ("so glad", "joy", ["joy"], [0.9])))
    suggestion = one_item(store).suggestion
    assert suggestion is not None
    assert suggestion.engine == "Qwen/Qwen3-8B"


def test_the_reason_for_doubt_names_the_model_and_its_tool(store: Store, tmp_path: Path) -> None:
    import_file(store, export(tmp_path / "a.jsonl", ("so glad", "joy", ["fear"], [0.9])))
    reason = card(one_item(store), load_calibrations(store)).reason
    assert "Qwen/Qwen3-8B in Argilla" in reason


def test_suggestions_for_a_tweet_that_the_store_holds_with_another_text_are_left_out(
    store: Store, tmp_path: Path
) -> None:
    import_file(store, write(tmp_path / "plain.csv", record("another text", "joy", "r0")))
    import_file(
        store, export(tmp_path / "a.jsonl", ("so glad", "joy", ["joy"], [0.9]), ("hm", "fear", ["fear"], [0.9]))
    )
    with store.reading() as session:
        assert [key for key, _, _ in all_suggestions(session)] == ["r1"]


def test_suggested_labels_outside_the_eleven_are_left_out_and_named(store: Store, tmp_path: Path) -> None:
    rows = [("so glad", "joy", ["joy", "neutral"], [0.9, 0.8]), ("hm", "fear", ["neutral"], [0.9])]
    answer = import_file(store, export(tmp_path / "a.jsonl", *rows))
    assert "Suggested labels that are not among the emotions were left out: 'neutral'." in answer["words"]
    with store.reading() as session:
        assert [key for key, _, _ in all_suggestions(session)] == ["r0"]


def test_a_name_of_a_model_is_data_of_limited_length(store: Store, tmp_path: Path) -> None:
    path = export(tmp_path / "a.jsonl", ("so glad", "joy", ["joy"], [0.9]))
    path.write_text(path.read_text().replace("Qwen/Qwen3-8B", "m\\u0000\\n" + "x" * 5000), encoding="utf-8")
    import_file(store, path)
    with store.reading() as session:
        ((engine, _),) = suggestion_engines(session)
    assert len(engine) <= 100
    assert engine.isprintable()
