"""
Reads the exports of Label Studio: JSON, whose tasks have several annotations and predictions, and JSON-MIN and CSV.

An annotation that was cancelled is no answer. An annotation without choices is the answer that there is no emotion.
Annotations of parts of a text are refused.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from emoclf.errors import DataFileError
from emoclf.files.cells import plain
from emoclf.files.tables import ToolSuggestion
from emoclf.files.tool_records import Plan, Record, listed, question_about, suggestion, text_name

NAME = "Label Studio"
ANSWERS = ("annotations", "completions")  # early versions call annotations completions
# Columns of JSON-MIN and CSV; a file with two of them is such an export.
MINIMAL = frozenset(["annotation_id", "annotator", "lead_time"])
OWN = MINIMAL | {"id", "created_at", "updated_at"}


def recognises(names: Collection[str]) -> bool:
    """Return whether a file with these lower-case columns is an export of Label Studio."""
    return _is_task(names) or len(MINIMAL & set(names)) > 1


def _is_task(names: Collection[str]) -> bool:
    return "data" in names and any(name in names for name in ANSWERS)


def plan(samples: Sequence[Mapping[str, Any]], emotions: Collection[str], file: str) -> Plan:
    """Return how to read the records of a file, from the cells of its first rows.

    Raises
    ------
    DataFileError : if its annotations label parts of texts
    """
    if any(_is_task(one) for one in samples):
        return _plan_of_tasks(samples, emotions, file)
    return _plan_of_columns(samples, emotions)


def _plan_of_tasks(samples: Sequence[Mapping[str, Any]], emotions: Collection[str], file: str) -> Plan:
    data = [one["data"] for one in samples if isinstance(one.get("data"), dict)]
    text = text_name(data)
    results = [result for one in samples for answer in _answers(one) for result in _results(answer)]
    results += [result for one in samples for answer in _dicts(one.get("predictions")) for result in _results(answer)]
    asked: dict[str, list[Any]] = {}
    for result in results:
        if (choices := _choices(result)) is not None:
            asked.setdefault(str(result.get("from_name")), []).append(choices)
    if results and not asked:
        kinds = ", ".join(sorted({plain(str(result.get("type"))) for result in results}))
        raise DataFileError(
            f"the annotations of {file} are of the type {kinds}, not choices; emoclf reads labels of whole texts"
        )
    question = question_about(emotions, asked)

    def read(cells: Mapping[str, Any]) -> Record:
        held = cells.get("data")
        if not isinstance(held, dict):
            raise ValueError("its data is not an object")
        if wrong := [name for name in ANSWERS if not isinstance(cells.get(name, []), list)]:
            raise ValueError(f"its {wrong[0]} are not a list")
        given = [(_rater(one), _chosen(one, question)) for one in _answers(cells) if not one.get("was_cancelled")]
        metadata = {name: value for name, value in held.items() if name not in (text, "id")}
        key = held.get("id", cells.get("id"))
        return Record(held.get(text), key, given, tuple(_suggestions(cells, question)), metadata)

    return Plan(read, _notes(text, question, asked))


def _notes(text: str, question: str | None, asked: Collection[str]) -> tuple[str, ...]:
    notes = [f"The texts are from {text}."] if text.lower() not in ("text", "tweet") else []
    others = [name for name in asked if name != question]
    return (*notes, f"The labels are from {question}, not {', '.join(others)}.") if others else tuple(notes)


def _answers(cells: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [one for name in ANSWERS for one in _dicts(cells.get(name))]


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _results(answer: Mapping[str, Any]) -> list[dict[str, Any]]:
    return _dicts(answer.get("result"))


def _choices(result: Mapping[str, Any]) -> list[Any] | None:
    value = result.get("value")
    return listed(value["choices"]) if isinstance(value, dict) and "choices" in value else None


def _chosen(answer: Mapping[str, Any], question: str | None) -> list[Any]:
    """Return what an annotation chose for a question."""
    of_question = [one for one in _results(answer) if str(one.get("from_name")) == question]
    return list(dict.fromkeys(str(choice) for one in of_question for choice in _choices(one) or []))


def _rater(answer: Mapping[str, Any]) -> str:
    by = answer.get("completed_by")
    by = by.get("email") or by.get("id") if isinstance(by, dict) else by
    return "" if by is None else str(by)


def _suggestions(cells: Mapping[str, Any], question: str | None) -> Iterator[ToolSuggestion]:
    for one in _dicts(cells.get("predictions")):
        chosen = _chosen(one, question)
        if any(str(result.get("from_name")) == question for result in _results(one)):
            yield suggestion(one.get("model_version"), NAME, chosen, [one.get("score")] * len(chosen))


def _plan_of_columns(samples: Sequence[Mapping[str, Any]], emotions: Collection[str]) -> Plan:
    further = [{name: value for name, value in one.items() if name not in OWN} for one in samples]
    text = text_name(further)
    names = dict.fromkeys(name for one in further for name in one if name != text)
    asked = {name: [_choice_of(one.get(name)) for one in further] for name in names}
    question = question_about(emotions, asked)

    def read(cells: Mapping[str, Any]) -> Record:
        metadata = {name: value for name, value in cells.items() if name not in (text, question, *MINIMAL, "id")}
        labels = cells.get(question) if question else None
        annotator = cells.get("annotator")
        return Record(
            cells.get(text),
            cells.get("id"),
            [("" if annotator is None else str(annotator), labels)],
            metadata=metadata,
        )

    return Plan(read, _notes(text, question, ()))


def _choice_of(cell: Any) -> list[Any]:
    """Return the choices in a cell of JSON-MIN or CSV, as far as they can be told."""
    if isinstance(cell, dict):
        return listed(cell.get("choices"))
    if isinstance(cell, str):
        return cell.replace('"', " ").replace("[", " ").replace("]", " ").replace(",", " ").split()
    return listed(cell)
