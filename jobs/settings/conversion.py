"""
Converts the settings of jobs to JSON and back, and checks their names, types and choices.

Fields with `init=False` are set by the program: they are neither stored nor read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, Field, fields, is_dataclass
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from emoclf.errors import SettingError

Settings = TypeVar("Settings")
CHOICES = "choices"  # the key in a field's metadata
IN_WORDS = {int: "a whole number", float: "a number", str: "text", bool: "true or false", NoneType: "nothing"}


def one_of(names: Sequence[str] | Mapping[str, str]) -> dict[str, Any]:
    """The metadata of a field that has one of these values."""
    return {CHOICES: tuple(names)}


def choices(settings: type, name: str) -> tuple[str, ...]:
    """The values that a field can have, in order, for argparse or Streamlit.

    >>> from jobs.settings.training import TrainSettings
    >>> choices(TrainSettings, "labels")
    ('approved', 'original', 'reviewed')
    """
    found: tuple[str, ...] = _known(settings)[name].metadata[CHOICES]
    return found


def names(settings: type) -> tuple[str, ...]:
    """The names of the fields that can be set."""
    return tuple(_known(settings))


def to_json(settings: Any) -> dict[str, Any]:
    """The settings as JSON values, complete with defaults.

    >>> from jobs.settings.training import PredictSettings
    >>> to_json(PredictSettings(run=3))
    {'run': 3, 'out_of_fold': None}
    """
    return {name: _as_json(getattr(settings, name)) for name in _known(type(settings))}


def from_json(settings: type[Settings], stored: Mapping[str, Any], ignores_unknown: bool = False) -> Settings:
    """The settings with these values; missing ones take their defaults.

    Parameters
    ----------
    ignores_unknown : whether names that the dataclass does not have are left out

    Raises
    ------
    SettingError : if a name is unknown, a value is missing, or a value has another type or is not one of the choices
    """
    known, hints = _known(settings), get_type_hints(settings)
    unknown = [name for name in stored if name not in known]
    if unknown and not ignores_unknown:
        raise SettingError(f"there is no setting {unknown[0]!r}; the settings are {', '.join(known)}")
    for name, field in known.items():
        if name not in stored and field.default is MISSING and field.default_factory is MISSING:
            raise SettingError(f"the setting {name!r} is missing")
    return settings(
        **{name: _checked(field, hints[name], stored[name]) for name, field in known.items() if name in stored}
    )


def checked(settings: Settings) -> Settings:
    """The same settings, after a check of the types and choices of their values.

    Raises
    ------
    SettingError : if a value has another type or is not one of the choices
    """
    return from_json(type(settings), {name: getattr(settings, name) for name in _known(type(settings))})


def _known(settings: type) -> dict[str, Field[Any]]:
    assert is_dataclass(settings)
    return {field.name: field for field in fields(settings) if field.init}


def _as_json(value: Any) -> Any:
    if is_dataclass(value):
        return to_json(value)
    if isinstance(value, Mapping):
        return dict(value)
    return list(value) if isinstance(value, tuple) else value


def _checked(field: Field[Any], hint: Any, value: Any) -> Any:
    """The value of a field; JSON has lists for tuples, and objects for nested settings."""
    allowed = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
    nested: Any = next((one for one in allowed if is_dataclass(one)), None)
    if nested is not None and isinstance(value, Mapping):
        return from_json(nested, value)
    value = tuple(value) if isinstance(value, list) else value
    if not any(_is_a(one, value) for one in allowed):
        raise SettingError(f"{field.name} is {value!r}, expected {' or '.join(map(_in_words, allowed))}")
    found = field.metadata.get(CHOICES)
    if found and value is not None and value not in found:
        raise SettingError(f"{field.name} is {value!r}, expected one of {', '.join(found)}")
    return value


def _is_a(hint: Any, value: Any) -> bool:
    """Whether a value has the type; a whole number is also a number, but a bool is neither."""
    if get_origin(hint) is tuple:
        return isinstance(value, tuple) and all(_is_a(get_args(hint)[0], one) for one in value)
    if hint in (int, float):
        return isinstance(value, (int, hint)) and not isinstance(value, bool)
    return isinstance(value, get_origin(hint) or hint)


def _in_words(hint: Any) -> str:
    if get_origin(hint) is tuple:
        return f"a list, each {_in_words(get_args(hint)[0])}"
    return IN_WORDS.get(hint, "settings by name")
