"""
The generators: language models that write synthetic tweets by random sampling, opened by the same URIs as engines.

The same chats, sampling and seed give the same replies on the same machine; a server may not guarantee this.
"""

import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from emoclf.errors import EngineError, ReplyError, SettingError
from emoclf.hub.uris import opened
from emoclf.llm import chat_models
from emoclf.llm.engine import Engine
from emoclf.llm.engines import SIGNS, ScriptedEngine, TorchEngine

Chat = list[dict[str, str]]


@dataclass(frozen=True)
class Sampling:
    """The sampling settings of a generator."""

    temperature: float = 0.9
    top_p: float = 0.95  # sample from the most likely words that together have this probability

    def __post_init__(self) -> None:
        if not 0 < self.temperature <= 2:
            raise SettingError(f"temperature is {self.temperature}, expected more than 0 and at most 2")
        if not 0 < self.top_p <= 1:
            raise SettingError(f"top_p is {self.top_p}, expected more than 0 and at most 1")


class Generator(Protocol):
    """Writes replies to chats; `name` identifies the model and is stored with every tweet."""

    name: str

    def generate(self, chats: Sequence[Chat], max_tokens: int, sampling: Sampling, seed: int) -> list[str]:
        """Return a reply to each chat, in order.

        Raises
        ------
        ReplyError : if there is no reply this time
        EngineError : if there will never be one
        """
        ...

    def judge(self) -> Engine:
        """Return the same model as an engine that labels tweets, without loading the weights again."""
        ...


class TorchGenerator:
    """A chat model in this process; the chats are answered in one batch."""

    def __init__(self, model: Any, tokenizer: Any, name: str) -> None:
        self.model, self.tokenizer, self.name = model, tokenizer, name

    @classmethod
    def open(cls, uri: str) -> "TorchGenerator":
        """Load the chat model of a `hf:` or `dir:` URI."""
        return cls(*chat_models.open_chat(uri))

    def generate(self, chats: Sequence[Chat], max_tokens: int, sampling: Sampling, seed: int) -> list[str]:
        """Return a reply to each chat, see `Generator.generate`."""
        import torch

        ids, mask = self._padded([self._prompt(chat) for chat in chats])
        torch.manual_seed(seed)
        try:
            with torch.inference_mode():
                written = self.model.generate(
                    input_ids=ids,
                    attention_mask=mask,
                    max_new_tokens=max_tokens,
                    do_sample=True,
                    temperature=sampling.temperature,
                    top_p=sampling.top_p,
                    top_k=0,
                    repetition_penalty=1.0,
                    pad_token_id=self._padding,
                )
        except RuntimeError as error:  # raised by torch: out of memory, a lost GPU, NaN
            first_line = str(error).strip().partition("\n")[0]
            raise EngineError(f"{self.name} stopped: {first_line}; free memory or pass a smaller model") from error
        return [self._reply(row, max_tokens) for row in written[:, ids.shape[1] :].tolist()]

    def judge(self) -> Engine:
        """Return the same model as an engine that labels tweets."""
        from emoclf.llm.one_pass import GPU_SETTINGS, OnePassScorer, ScoringSettings

        settings = GPU_SETTINGS if self.model.device.type == "cuda" else ScoringSettings()
        return TorchEngine(OnePassScorer(self.model, self.tokenizer, settings=settings), self.name)

    def _reply(self, tokens: list[int], max_tokens: int) -> str:
        """Decode the reply; drop an unfinished last line if the token limit was reached."""
        text = str(self.tokenizer.decode(tokens, skip_special_tokens=True))
        is_whole = len(tokens) < max_tokens or tokens[-1] in {self._padding, *self._ends()}
        return text if is_whole or "\n" not in text else text[: text.rindex("\n")]

    def _ends(self) -> set[int]:
        configured = self.model.generation_config.eos_token_id
        ends = configured if isinstance(configured, list) else [configured]
        return {int(end) for end in [*ends, self.tokenizer.eos_token_id] if end is not None}

    @property
    def _padding(self) -> int:
        padding = self.tokenizer.pad_token_id
        return int(self.tokenizer.eos_token_id if padding is None else padding)

    def _prompt(self, chat: Chat) -> list[int]:
        """Return the token ids of the chat; control tokens in tweets have been broken up already."""
        harmless = [{**message, "content": message["content"].replace("<|", "< |")} for message in chat]
        text = self.tokenizer.apply_chat_template(
            harmless, tokenize=False, add_generation_prompt=True, enable_thinking=False
        )
        return list(self.tokenizer.encode(text, add_special_tokens=False))

    def _padded(self, prompts: Sequence[list[int]]) -> tuple[Any, Any]:
        """Return ids and mask, padded on the left so that all replies start in the same column."""
        import torch

        width = max(map(len, prompts))
        ids = [[self._padding] * (width - len(prompt)) + prompt for prompt in prompts]
        mask = [[0] * (width - len(prompt)) + [1] * len(prompt) for prompt in prompts]
        return torch.tensor(ids, device=self.model.device), torch.tensor(mask, device=self.model.device)


class RemoteGenerator:
    """A chat model on an OpenAI-compatible server."""

    def __init__(self, server: Any, uri: str) -> None:
        self.server, self.uri = server, uri
        self.name = f"{server.address.model}@{server.address.host}"

    @classmethod
    def open(cls, uri: str) -> "RemoteGenerator":
        """Connect to the server of an `openai:` URI."""
        from emoclf.llm.remote_engine import open_server

        return cls(open_server(uri), uri)

    def generate(self, chats: Sequence[Chat], max_tokens: int, sampling: Sampling, seed: int) -> list[str]:
        """Return a reply to each chat, see `Generator.generate`; the requests run in parallel."""

        def ask(place: int) -> str:
            form = {"temperature": sampling.temperature, "top_p": sampling.top_p, "seed": seed + place}
            return str(self.server.reply(chats[place], max_tokens, **form).text)

        with ThreadPoolExecutor(len(chats)) as pool:
            return list(pool.map(ask, range(len(chats))))

    def judge(self) -> Engine:
        """Return the same model as an engine that labels tweets."""
        from emoclf.llm.remote_engine import RemoteEngine

        return RemoteEngine.open(self.uri)


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


class ScriptedGenerator:
    """A generator without weights, for tests and demonstrations: fills invented phrases with words of the emotion.

    Every tenth tweet is bad on purpose: in turn with a telephone number, in Spanish, or too short.
    """

    name = "scripted"

    def generate(self, chats: Sequence[Chat], max_tokens: int, sampling: Sampling, seed: int) -> list[str]:
        """Return a reply to each chat, see `Generator.generate`."""
        return [self._reply(chat[-1]["content"], np.random.default_rng([seed, n])) for n, chat in enumerate(chats)]

    def judge(self) -> Engine:
        """Return the scripted engine."""
        return ScriptedEngine()

    def _reply(self, asked: str, random: np.random.Generator) -> str:
        found = re.search(r"Write (\d+) new tweets whose words show (\w+)", asked)
        if not found:
            raise ReplyError("the script has no answer to this prompt")
        context = next((n for n, word in enumerate(("personal", "news", "social", "aspir")) if word in asked), 0)
        lines = [self._tweet(found[2], context, random) for _ in range(int(found[1]))]
        return "\n".join(f"{n}. {line}" for n, line in enumerate(lines, start=1))

    def _tweet(self, emotion: str, context: int, random: np.random.Generator) -> str:
        words = {name: str(random.choice(choices.split())) for name, choices in _WORDS.items()}
        opening = str(random.choice(_OPENINGS[context])).format(**words)
        sign = str(random.choice([sign for sign in SIGNS[emotion] if len(sign) > 2]))
        ending = " ".join(str(random.choice(choices.split())) for choices in _WORDS.values())
        bad = int(random.integers(30))
        if bad < 3:
            return ("call 0171 555 0199 now", f"estoy muy {sign} con mi familia hoy", "so ok")[bad]
        return f"{opening} it was all {sign} for me and the {ending}"


def _remote(uri: str) -> Generator:
    return RemoteGenerator.open(uri)


GENERATORS: dict[str, Callable[[str], Generator]] = {
    "dir": TorchGenerator.open,
    "hf": TorchGenerator.open,
    "openai": _remote,
    "scripted": lambda uri: ScriptedGenerator(),
}


def open_generator(uri: str) -> Generator:
    """Open the generator of a model URI, with its weights loaded.

    Raises
    ------
    ModelError : if the model is missing, or is of a kind that cannot write
    EngineError : if no server answers
    """
    return opened(uri, GENERATORS, "write tweets")
