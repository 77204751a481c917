"""
The chat model without weights, for tests and demonstrations: it looks for emotion words and writes invented phrases.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from emoclf.errors import ReplyError
from emoclf.labels import EMOTIONS
from emoclf.llm.chat_model import Chat, Sampling, Unscored

# The word beginnings that the scripted model treats as signs of each emotion.
SIGNS = {
    "anger": ("angry", "anger", "annoy", "furious", "rage", "mad"),
    "anticipation": ("wait", "soon", "tomorrow", "ready", "excite"),
    "disgust": ("disgust", "gross", "vile", "hate", "sick"),
    "fear": ("afraid", "fear", "scare", "terr", "anxi", "worr", "nervous"),
    "joy": ("joy", "happy", "happi", "fun", "smil", "laugh", "glad", "delight"),
    "love": ("love", "loving", "adore", "heart", "darling"),
    "optimism": ("hope", "optimis", "better", "believe", "confiden"),
    "pessimism": ("pessimis", "never", "hopeless", "pointless", "cynic"),
    "sadness": ("sad", "cry", "grief", "miss", "lonely", "depress"),
    "surprise": ("surpris", "wow", "omg", "unexpected", "amaz"),
    "trust": ("trust", "faith", "reliable", "honest", "admir"),
}
_OPENINGS = (
    ("just left the {place} and", "my {who} called from the {place} and", "finally at the {place},", "third {when} at"),
    ("the {place} is on the news and", "whole town talks about the {place},", "{when} they closed the {place} and"),
    ("told my {who} about the {place} and", "my {who} helped me at the {place},", "met a {who} near the {place} and"),
    ("one {when} I will own a {place},", "saving up for a {place} with my {who},", "next {when} we open our {place},"),
)
_WORDS = {
    "place": "bakery library harbour garage clinic school museum farm stadium cinema bridge office",
    "who": "sister teacher neighbour coach grandmother doctor boss cousin roommate driver nurse brother",
    "when": "monday winter morning weekend summer evening birthday holiday autumn friday night spring",
}


class ScriptedChatModel:
    """Scores a text by its table, or else by emotion words; writes tweets that a script fills in.

    A table gives probabilities by emotion, 0.05 for missing ones; None marks a tweet that cannot be scored. Every tenth
    generated tweet is bad on purpose: in turn with a telephone number, in Spanish, or too short.

    >>> [probabilities] = ScriptedChatModel().score(["So happy I could cry"])
    >>> [name for name, p in zip(EMOTIONS.names, probabilities) if p > 0.5]
    ['joy', 'sadness']
    """

    name = "scripted"
    prompt_version = "scripted-1"

    def __init__(self, table: Mapping[str, Mapping[str, float] | None] | None = None) -> None:
        self.table = table or {}
        for row in self.table.values():
            EMOTIONS.check(row or {})

    def score(self, texts: Sequence[str]) -> Iterator[np.ndarray | Unscored]:
        """Yield one result per text, see `ChatModel.score`."""
        for text in texts:
            found = self.table[text] if text in self.table else _signs(text)
            if found is None:
                yield Unscored("the script has no answer for this tweet")
            else:
                yield np.array([found.get(name, 0.05) for name in EMOTIONS.names])

    def generate(self, chats: Sequence[Chat], max_tokens: int, sampling: Sampling, seed: int) -> list[str]:
        """Return a reply to each chat, see `ChatModel.generate`."""
        return [_reply(chat[-1]["content"], np.random.default_rng([seed, n])) for n, chat in enumerate(chats)]

    def stream(self, chat: Chat, tweet: str, max_tokens: int) -> Iterator[str]:
        """Yield a sentence that quotes the tweet's first words, word by word, see `ChatModel.stream`."""
        first = " ".join(tweet.split()[:4])
        for word in f'The words "{first}" show it.'.split(" "):
            yield f"{word} "


def _signs(text: str) -> dict[str, float]:
    words = re.findall(r"[a-z]+", text.lower())
    return {name: 0.9 for name, signs in SIGNS.items() if any(word.startswith(signs) for word in words)}


def _reply(asked: str, random: np.random.Generator) -> str:
    found = re.search(r"Write (\d+) new tweets whose words show (\w+)", asked)
    if not found:
        raise ReplyError("the script has no answer to this prompt")
    context = next((n for n, word in enumerate(("personal", "news", "social", "aspir")) if word in asked), 0)
    lines = [_tweet(found[2], context, random) for _ in range(int(found[1]))]
    return "\n".join(f"{n}. {line}" for n, line in enumerate(lines, start=1))


def _tweet(emotion: str, context: int, random: np.random.Generator) -> str:
    words = {name: str(random.choice(choices.split())) for name, choices in _WORDS.items()}
    opening = str(random.choice(_OPENINGS[context])).format(**words)
    sign = str(random.choice([sign for sign in SIGNS[emotion] if len(sign) > 2]))
    ending = " ".join(str(random.choice(choices.split())) for choices in _WORDS.values())
    bad = int(random.integers(30))
    if bad < 3:
        return ("call 0171 555 0199 now", f"estoy muy {sign} con mi familia hoy", "so ok")[bad]
    return f"{opening} it was all {sign} for me and the {ending}"
