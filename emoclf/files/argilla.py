"""
Reads records of Argilla: as pushed to the Hugging Face hub (flat columns), and with `fields` and `responses`.

Responses are raters' labels; drafts and discarded ones are no answers. Suggestions are kept apart from them.
"""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from emoclf.files.tables import ToolSuggestion
from emoclf.files.tool_records import Plan, Record, question_about, suggestion, text_name

NAME = "Argilla"
COUNTED = (None, "submitted")  # of the states of a response
_RESPONSES, _SUGGESTION, _OLD_SUGGESTION = ".responses", ".suggestion", "-suggestion"
_OWN = ("_server_id", "id", "external_id", "fields", "responses", "suggestions", "metadata", "vectors", "status")

Answer = tuple[Any, Any, Any]  # the labels, the user, and the state
Advice = tuple[Any, Any, Any]  # the labels, the scores, and the agent


def recognises(names: Collection[str]) -> bool:
    """Return whether a file with these lower-case columns holds records of Argilla."""
    flat = any(name.endswith((_RESPONSES, _SUGGESTION, _OLD_SUGGESTION)) for name in names)
    return flat or ("fields" in names and ("responses" in names or "suggestions" in names))


def plan(samples: Sequence[Mapping[str, Any]], emotions: Collection[str], file: str) -> Plan:
    """Return how to read the records of a file, from the cells of its first rows."""
    asked: dict[str, list[Any]] = {}
    for one in samples:
        for question, answers in _responses(one).items():
            asked.setdefault(question, []).extend(value for value, _, _ in answers)
        for question, advice in _advice(one).items():
            asked.setdefault(question, []).append(advice[0])
    chosen = question_about(emotions, asked)
    text = text_name([_fields(one, asked) for one in samples])

    def read(cells: Mapping[str, Any]) -> Record:
        fields = _fields(cells, asked)
        answers = _responses(cells).get(chosen or "", [])
        given = [(str(user or ""), value) for value, user, state in answers if state in COUNTED and value is not None]
        held = {name: value for name, value in fields.items() if name != text}
        key = next((cells[name] for name in ("id", "external_id", "_server_id") if cells.get(name)), None)
        return Record(fields.get(text), key, given, tuple(_suggestions(cells, chosen)), {**held, **_metadata(cells)})

    notes = [f"The texts are from {text}."] if text not in ("text", "tweet") else []
    others = [name for name in asked if name != chosen]
    return Plan(read, (*notes, f"The labels are from {chosen}, not {', '.join(others)}.") if others else tuple(notes))


def _fields(cells: Mapping[str, Any], questions: Collection[str]) -> dict[str, Any]:
    """Return the fields of a record; a flat record's further columns are fields or metadata."""
    if isinstance(cells.get("fields"), dict):
        return dict(cells["fields"])

    def is_own(name: str) -> bool:
        parts = (_RESPONSES, _SUGGESTION, _OLD_SUGGESTION)
        return name in _OWN or name in questions or any(part in name for part in parts)

    return {name: value for name, value in cells.items() if not is_own(name)}


def _metadata(cells: Mapping[str, Any]) -> dict[str, Any]:
    held = cells.get("metadata")
    if isinstance(held, str):
        try:
            held = json.loads(held)
        except (ValueError, RecursionError):
            return {"metadata": held}
    return dict(held) if isinstance(held, dict) else {}


def _responses(cells: Mapping[str, Any]) -> dict[str, list[Answer]]:
    """Return all responses of a record, by question."""
    found: dict[str, list[Answer]] = {}
    for name, value in cells.items():
        if name.endswith(_RESPONSES):
            users, states = _list(cells.get(f"{name}.users")), _list(cells.get(f"{name}.status"))
            values = _list(value)
            further = [None] * len(values)
            found[name.removesuffix(_RESPONSES)] = list(
                zip(values, [*users, *further], [*states, *further], strict=False)
            )
        elif name not in _OWN and f"{name}{_OLD_SUGGESTION}" in cells:
            found[name] = [_answer(one) for one in _dicts(value)]
    nested = cells.get("responses")
    if isinstance(nested, dict):
        found.update({str(name): [_answer(one) for one in _dicts(value)] for name, value in nested.items()})
    for one in _dicts(nested):
        given = one.get("values")
        for name, value in given.items() if isinstance(given, dict) else ():
            answer = value.get("value") if isinstance(value, dict) else value
            found.setdefault(str(name), []).append((answer, one.get("user_id"), one.get("status")))
    return found


def _answer(one: Mapping[str, Any]) -> Answer:
    return one.get("value"), one.get("user_id"), one.get("status")


def _advice(cells: Mapping[str, Any]) -> dict[str, Advice]:
    """Return the suggestion on each question of a record."""
    found: dict[str, Advice] = {}
    for name, value in cells.items():
        if value is not None and name.endswith(_SUGGESTION):
            found[name.removesuffix(_SUGGESTION)] = (value, cells.get(f"{name}.score"), cells.get(f"{name}.agent"))
        elif value is not None and name.endswith(_OLD_SUGGESTION):
            about = cells.get(f"{name}-metadata")
            about = about if isinstance(about, dict) else {}
            found[name.removesuffix(_OLD_SUGGESTION)] = (value, about.get("score"), about.get("agent"))
    nested = cells.get("suggestions")
    named = nested.items() if isinstance(nested, dict) else [(one.get("question_name"), one) for one in _dicts(nested)]
    for question, one in named:
        if isinstance(one, dict) and one.get("value") is not None:
            found[str(question)] = (one["value"], one.get("score"), one.get("agent"))
    return found


def _suggestions(cells: Mapping[str, Any], question: str | None) -> Iterator[ToolSuggestion]:
    if question is not None and (found := _advice(cells).get(question)):
        value, scores, agent = found
        yield suggestion(agent, NAME, value, scores)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [one for one in _list(value) if isinstance(one, dict)]
