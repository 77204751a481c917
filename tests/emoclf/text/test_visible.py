"""Tests of invisible characters: all are escaped, and what people write with is not changed."""

import json
import sys
import unicodedata

import pytest

from emoclf.text.visible import visible, visible_json, visible_lines

NEEDED = {"\u200c", "\u200d"}  # joiners, in emoji and several scripts
SHOWN = {*map(chr, range(0x600, 0x606)), *"\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"}  # formats with a shape


def test_every_control_and_format_character_is_escaped() -> None:
    invisible = {
        one for one in map(chr, range(sys.maxunicode + 1)) if unicodedata.category(one) in ("Cc", "Cf", "Zl", "Zp")
    }
    left = {one for one in invisible if visible(one) == one}
    assert left == (NEEDED | SHOWN) & invisible


@pytest.mark.parametrize(
    "text", ["naïve café", "👩\u200d🚀 ❤\ufe0f 🇫🇷", "न\u200d्ह हिन्दी", "مرحبا", "日本語", "\\x1b", "a\xa0b"]
)
def test_what_people_write_is_not_changed(text: str) -> None:
    assert visible(text) == text


def test_a_text_stays_on_its_line_and_lines_of_ours_stay_lines() -> None:
    assert visible("one\ntwo\r\n") == r"one\ntwo\r\n"
    assert visible_lines("one\ntwo\r") == "one\ntwo\\r"


def test_json_keeps_its_value() -> None:
    value = {"a\u202e": ["\x1b[31m", "\x9b", "\U000e0041", "\u2028", "\x7f", "ok 👩\u200d🚀"]}
    document = visible_json(json.dumps(value, ensure_ascii=False))
    assert json.loads(document) == value
    assert visible(document) == document
