"""Tests of cleaning: a table of texts before and after each step."""

import pytest

from emoclf.text.cleaning import STEPS, clean

TABLES = {
    "unescape": [
        ("tea &amp; cake &gt; work", "tea & cake > work"),
        ("&lt;3", "<3"),
        ("twice &amp;amp; escaped", "twice & escaped"),
        (r"first\nsecond\n\nthird", "first\nsecond\nthird"),
    ],
    "links": [
        ("look https://example.org/a?b=1 here", "look   here"),
        ("www.example.org is it", "  is it"),
        ("pic.twitter.com/AbC ok", "  ok"),
    ],
    "emoji": [
        ("haha 😂", "haha  face with tears of joy "),
        ("😭😭😭", " loudly crying face "),
        ("👍🏽", " thumbs up "),
        ("my_name 🔥", "my_name  fire "),
        ("no emoji: at all", "no emoji: at all"),
    ],
    "emoticons": [
        ("ok :) bye", "ok  smiling face  bye"),
        ("<3 you", " red heart  you"),
        ("no :'( no", "no  crying face  no"),
        (":D", " grinning face "),
        ("at 10:30 (or so)", "at 10:30 (or so)"),
    ],
    "mentions": [
        ("@ana_b hello @carl", "  hello  "),
        ("write to me@home.org", "write to me@home.org"),
    ],
    "hashtags": [
        ("#joy", "joy"),
        ("#NoMoreFear", "No More Fear"),
        ("so #very_happy", "so very happy"),
        ("we are # 1", "we are # 1"),
    ],
    "lowercase": [("So GOOD", "so good"), ("ÉTÉ", "été")],
    "contractions": [
        ("i can't", "i cannot"),
        ("i’m here", "i am here"),
        ("it won't, will it", "it will not, will it"),
        ("dont go, we're not", "do not go, we are not"),
        ("she'd've known", "she would have known"),
        ("that's ana's cat", "that is ana's cat"),
        ("well, ill winds", "well, ill winds"),
    ],
    "special characters": [
        ("what!? “no”…", 'what!? "no"..'),
        ("a*b [c] ~d_e", "a b  c   d e"),
        ("stop!!!!!! noooooo", "stop!! noo"),
        ("salt & sugar", "salt  and  sugar"),
        ("𝒻𝒶𝓃𝒸𝓎", "fancy"),
    ],
    "numbers": [
        ("top 10 of 1,000", "top   of  "),
        ("at 10:30 or 8pm", "at   or  "),
        ("$20 is 50% of it", "  is   of it"),
        ("the 2nd gr8 b4 that", "the   gr8 b4 that"),
    ],
    "white space": [("  a \n\t b  ", "a b"), ("", "")],
}


@pytest.mark.parametrize(
    ("step", "before", "after"),
    [pytest.param(step, *pair, id=f"{step}: {pair[0]!r}") for step, table in TABLES.items() for pair in table],
)
def test_every_cleaning_step_gives_the_expected_text(step: str, before: str, after: str) -> None:
    assert STEPS[step](before) == after


def test_every_cleaning_step_has_examples() -> None:
    assert list(TABLES) == list(STEPS)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "@ana I’m SO happy 😂😂 &amp; it's 2 good!!! #BestDay",
            "i am so happy face with tears of joy and it is good!! best day",
        ),
        ("I can't even &lt;3", "i cannot even red heart"),  # the emoticon is seen before its sign and number go
        (r"one\n#TwoThree", "one two three"),  # capitals cut the hashtag before lower case hides them
        ("THEY’RE GONE", "they are gone"),  # contractions are found in lower case
        ("@ana 12 https://example.org", ""),
        ("plain words stay as they are", "plain words stay as they are"),
    ],
)
def test_the_steps_work_together_in_their_order(before: str, after: str) -> None:
    assert clean(before) == after


@pytest.mark.parametrize("text", ["i can't 😂 :) #NoFear 10 &amp; ...", "👩‍💻🇫🇷", "", "\x00\u200b", "(((#@&;"])
def test_cleaning_a_clean_text_changes_nothing(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("سَعِيدٌ @سَعيد #سَعادة_كبيرة", "سَعِيدٌ سَعادة كبيرة"),  # Arabic, with vowel signs
        ("नमस्ते #हिन्दी", "नमस्ते हिन्दी"),  # Hindi, with vowel signs and a virama
        ("सन् २०२६ में किता2ब", "सन् में किता2ब"),
        ("วันนี้มีความสุข 😂", "วันนี้มีความสุข face with tears of joy"),  # Thai
        ("שָׁלוֹם", "שָׁלוֹם"),  # Hebrew
        ("我很高兴！！！", "我很高兴!!"),  # Chinese, with wide punctuation
        ("¡Qué ALEGRÍA, señor!", "qué alegría, señor!"),  # Spanish
        ("İstanbul ışık", "i\u0307stanbul ışık"),  # Turkish: the dot of the capital letter stays with it
        ("می\u200cخواهم", "می\u200cخواهم"),  # Persian, with a non-joiner inside the word
        ("e\u0301te\u0301", "été"),
    ],
)
def test_marks_are_part_of_words_in_every_script(before: str, after: str) -> None:
    assert clean(before) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("👩\u200d👩\u200d👧 ok", "family woman woman girl ok"),
        ("ok ☺\ufe0f \u200d♂\ufe0f", "ok smiling face male sign"),
        ("D\u0336u\u0336t\u0336ch", "d u t ch"),
        ("stoned\u200d no", "stoned no"),
        ("\u0301alone", "alone"),
    ],
)
def test_marks_that_decorate_or_stand_alone_are_removed(before: str, after: str) -> None:
    assert clean(before) == after
