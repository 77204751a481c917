"""Tests of the gates: each kind of bad tweet is dropped by its gate, and good tweets pass all gates."""

import codecs
from collections.abc import Callable, Sequence

import numpy as np
import pytest

from emoclf.files.tweet_files import read_tweets
from emoclf.labels import EMOTIONS
from emoclf.synthetic.duplicates import KnownTexts
from emoclf.synthetic.gates import TEXT_GATES, Gatekeeper, bad_format, bad_length
from emoclf.synthetic.language import is_english
from emoclf.synthetic.minhash import overlaps, signature, signatures
from emoclf.synthetic.personal_data import anonymous, has_slur, personal_data
from emoclf.text.twins import twin_key
from tests.support.paths import ROOT

SPANISH = [
    f"{opening} {ending}"
    for opening in (
        "estoy muy feliz porque",
        "no puedo creer que",
        "gracias a todos,",
        "hoy es el día en que",
        "qué miedo me da cuando",
        "mi hermana dice que",
        "nunca olvidaré el momento en que",
        "siempre confío en ti y",
        "otra vez lunes y",
        "me encanta cuando",
    )
    for ending in (
        "mi equipo ganó el partido de ayer",
        "la casa de mi abuela está llena de flores",
        "el tren llega tarde y nadie dice nada",
        "mañana empiezo un trabajo nuevo",
        "los vecinos cantan en la calle por la noche",
    )
]
PHONES = ("0171 555 0199", "+1 (555) 010-0199", "555-010-0142", "07700 900123", "+49 30 901820 11")
STIRRED = {"not": "hardly", "very": "really", "happy": "glad", "today": "this day", "cannot": "cant"}


def stirred(text: str) -> str:
    """The same said a little otherwise: another beginning, some words exchanged, another end."""
    for old, new in STIRRED.items():
        text = text.replace(old, new)
    return f"well, {text[0].lower()}{text[1:]} tbh"


@pytest.fixture(scope="module")
def encode() -> Callable[[Sequence[str]], np.ndarray]:
    from emoclf.synthetic.embeddings import SentenceEncoder

    return SentenceEncoder.open().encode


def sample(name: str) -> list[str]:
    """The sample's tweets, one of each twin group."""
    texts = [tweet.text for tweet in read_tweets(ROOT / "datasets" / f"sample-{name}.csv").tweets]
    return list({twin_key(text): text for text in texts}.values())


@pytest.mark.simulation
def test_of_200_planted_tweets_and_200_good_ones_the_right_gate_stops_at_least_95_percent(
    encode: Callable[[Sequence[str]], np.ndarray],
) -> None:
    train, dev = sample("train"), sample("dev")
    held = {twin_key(text) for text in dev}
    train = [text for text in train if twin_key(text) not in held and len(text.split()) > 5]
    good, train = [text for text in train if not personal_data(text.replace("@", " "))][-200:], train[:150]
    good = [text.replace("@", "") for text in good if text not in train]
    real, sources = [*train, *dev], ["train"] * len(train) + ["dev"] * len(dev)
    keeper = Gatekeeper(KnownTexts(real, encode(real)), sources, encode, {})
    planted = {
        "duplicate of a dev tweet": [f"{text} #tweet" for text in dev if len(text.split()) > 3][:50],
        "of a train tweet": [stirred(text) for text in train[:50]],
        "a telephone number": [f"{text} call {PHONES[n % 5]}" for n, text in enumerate(train[50:100])],
        "it is not English": SPANISH,
    }
    right, n = 0, 0
    for why, texts in planted.items():
        plain = [text.replace("@", "") for text in texts]
        found = [one for one in keeper.examine(plain, "joy") if why in one.reason]
        assert len(found) >= 0.9 * len(texts), (why, len(found))
        right, n = right + len(found), n + len(texts)
    passed = [one for one in keeper.examine(good, "joy") if one.dropped is None]
    assert n >= 195
    assert right + len(passed) >= 0.95 * (n + len(good))
    assert len(passed) >= 0.95 * len(good)


@pytest.mark.real_model
def test_a_paraphrase_in_other_words_is_stopped_by_its_meaning(
    encode: Callable[[Sequence[str]], np.ndarray],
) -> None:
    train = ["I am so scared of flying, my hands shake before every flight", "my sister always keeps her promises"]
    keeper = Gatekeeper(KnownTexts(train, encode(train)), ["train", "train"], encode, {})
    texts = ["flying frightens me so much that before each flight my hands are shaking", "the soup was cold and salty"]
    first, second = keeper.examine(texts, "fear")
    assert (first.dropped, first.nearest, second.dropped) == ("same meaning", 0, None)
    assert first.reason.startswith("same meaning as a train tweet (")
    assert first.passed == [*TEXT_GATES, "duplicate", "near duplicate"]


def letters(texts: Sequence[str]) -> np.ndarray:
    """Vectors without an encoder: which letters a text has."""
    counts = np.array([[text.count(chr(97 + j)) for j in range(26)] for text in texts], dtype=np.float32)
    return counts / np.linalg.norm(counts, axis=1, keepdims=True)


class Fixed:
    """A reader that gives every tweet the same probability."""

    name = "the judge"

    def __init__(self, probability: float) -> None:
        self.probability = probability

    def read(self, texts: Sequence[str]) -> np.ndarray:
        return np.full((len(texts), len(EMOTIONS)), self.probability)

    def least(self, emotion: str) -> float:
        return 0.5


def test_a_tweet_is_compared_with_the_tweets_that_passed_before_it() -> None:
    keeper = Gatekeeper(KnownTexts([], np.zeros((0, 26))), [], letters, {})
    [first] = keeper.examine(["my neighbour returned the drill, clean and on time"], "trust")
    [again] = keeper.examine(["My neighbour returned the drill, clean and on time!! #trust"], "trust")
    assert (first.dropped, again.dropped) == (None, "duplicate")
    assert again.reason == "duplicate of a synthetic tweet (1.00)"


@pytest.mark.parametrize(("probability", "dropped"), [(0.9, None), (0.1, "judge"), (np.nan, "judge")])
def test_a_judge_that_does_not_see_the_emotion_drops_the_tweet(probability: float, dropped: str | None) -> None:
    keeper = Gatekeeper(KnownTexts([], np.zeros((0, 26))), [], letters, {"judge": Fixed(probability)})
    [one] = keeper.examine(["my neighbour returned the drill, clean and on time"], "trust")
    assert one.dropped == dropped
    judged = one.gates[-1]
    assert (judged.gate, judged.passed, judged.details["reader"]) == ("judge", dropped is None, "the judge")
    if np.isnan(probability):
        assert (judged.value, "probabilities" in judged.details) == (None, False)
    else:
        assert (judged.value, judged.details["probabilities"]) == (probability, [probability] * len(EMOTIONS))


def test_a_gate_with_a_model_of_its_own_needs_a_name_and_nothing_else() -> None:
    readers = {"judge": Fixed(0.9), "second judge": Fixed(0.1)}
    keeper = Gatekeeper(KnownTexts([], np.zeros((0, 26))), [], letters, readers)
    [one] = keeper.examine(["my neighbour returned the drill, clean and on time"], "trust")
    assert (one.dropped, one.passed[-1]) == ("second judge", "judge")


def test_overlap_is_the_share_of_common_shingles() -> None:
    known = signatures(["the bus is late again and I am furious", "lovely soup"])
    near, far = overlaps(known, signature("The bus is late again and I am FURIOUS!"))
    assert (near, far) == (1.0, 0.0)
    half = overlaps(known, signature("the bus is late again but who is to say why it is"))[0]
    assert 0.2 < half < 0.7  # 20 of 56 pieces in common


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ask @jane_doe about it", "a handle"),
        ("ask @user about it", ""),
        ("look at https://example.org/x", "a link"),
        ("see example.com for more", "a link"),
        ("write to jane.doe@example.org please", "an e-mail address"),
        ("call 0171 555 0199 now", "a telephone number"),
        ("since 2010 it cost 1,000,000 dollars, 24/7", ""),
        ("won 3-2 in 90 minutes", ""),
    ],
)
def test_personal_data_is_found_and_everyday_numbers_are_not(text: str, found: str) -> None:
    assert personal_data(text) == found


def test_slurs_are_whole_words() -> None:
    assert not has_slur("Pakistan and Nigeria play cricket, a raccoon watches")
    assert has_slur(codecs.decode("jung na ergneq ur vf", "rot13"))


def test_a_real_tweet_goes_into_a_prompt_without_names_and_links() -> None:
    assert anonymous("@ana_b &amp; @bo see https://t.co/x\nnow") == "@user & @user see now"


@pytest.mark.parametrize(
    ("text", "is_fine"),
    [
        ("congrats champion", True),
        ("I’m SO done with this bus 😂", True),
        ("ich bin so müde und will nach hause", False),
        ("je ne sais pas pourquoi il est parti", False),
        ("今日はとても楽しい", False),
        ("saya sangat bahagia hari ini dengan kamu", False),
    ],
)
def test_english_is_distinguished_from_other_languages(text: str, is_fine: bool) -> None:
    assert is_english(text) == is_fine


def test_fragments_of_a_reply_are_not_accepted_as_tweets() -> None:
    assert bad_format("so proud of [name] today")
    assert bad_format("do you have friends, family, colleagues or strangers? #friends")
    assert bad_format("go go go go go go team")
    assert not bad_format("so proud of my team today, go go go!")
    assert bad_length("so ok") == "it has 2 words, fewer than 3"
    assert bad_length("word " * 80) == "it has 400 characters, more than 280"
