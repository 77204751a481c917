"""
The chat model in this process: one copy of the weights scores tweets in one pass, generates replies, and streams one.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any

import numpy as np
import torch

from emoclf.errors import EngineError
from emoclf.llm import checkpoint, prompts
from emoclf.llm.chat_model import Chat, Sampling, Unscored
from emoclf.llm.chat_template import encode_chat, encode_chat_about, end_tokens, padded, padding_token
from emoclf.llm.one_pass import OnePassScorer

WINDOW = 64  # tweets sorted by length together; results and progress are reported in this step


class TorchChatModel:
    """A causal language model and its tokenizer."""

    def __init__(self, model: Any, tokenizer: Any, name: str) -> None:
        self.model, self.tokenizer, self.name = model, tokenizer, name

    @classmethod
    def open(cls, uri: str) -> "TorchChatModel":
        """Load the chat model of a `hf:` or `dir:` URI.

        Raises
        ------
        ModelError : if it is missing, is not a chat model, or needs to run its own code
        """
        return cls(*checkpoint.open_chat(uri))

    @cached_property
    def scorer(self) -> OnePassScorer:
        """The scoring with the prefix of the label prompt, computed when tweets are first scored."""
        return OnePassScorer(self.model, self.tokenizer, prompts.LABELLING)

    @property
    def prompt_version(self) -> str:
        """See `ChatModel.prompt_version`."""
        self.scorer  # noqa: B018 - raises if the model cannot score
        return prompts.LABELLING.version

    def score(self, texts: Sequence[str]) -> Iterator[np.ndarray | Unscored]:
        """Yield one result per text, see `ChatModel.score`; tweets are truncated to 256 tokens."""
        for start in range(0, len(texts), WINDOW):
            with self._named_failure():
                odds = self.scorer.log_odds(texts[start : start + WINDOW])
            yield from map(_sigmoid, odds)

    def generate(self, chats: Sequence[Chat], max_tokens: int, sampling: Sampling, seed: int) -> list[str]:
        """Return a reply to each chat, see `ChatModel.generate`; the chats are answered in one batch."""
        padding, device = padding_token(self.tokenizer), self.model.device
        ids, mask = padded([encode_chat(self.tokenizer, chat) for chat in chats], padding)
        torch.manual_seed(seed)
        with self._named_failure(), torch.inference_mode():
            written = self.model.generate(
                input_ids=torch.tensor(ids, device=device),
                attention_mask=torch.tensor(mask, device=device),
                max_new_tokens=max_tokens,
                do_sample=True,
                temperature=sampling.temperature,
                top_p=sampling.top_p,
                top_k=0,
                repetition_penalty=1.0,
                pad_token_id=padding,
            )
        return [self._reply(row, max_tokens) for row in written[:, len(ids[0]) :].tolist()]

    def _reply(self, tokens: list[int], max_tokens: int) -> str:
        """Decode the reply; drop an unfinished last line if the token limit was reached."""
        text = str(self.tokenizer.decode(tokens, skip_special_tokens=True))
        ends = {padding_token(self.tokenizer), *end_tokens(self.tokenizer, self.model)}
        is_whole = len(tokens) < max_tokens or tokens[-1] in ends
        return text if is_whole or "\n" not in text else text[: text.rindex("\n")]

    def stream(self, chat: Chat, tweet: str, max_tokens: int) -> Iterator[str]:
        """Yield the reply in pieces, see `ChatModel.stream`, by greedy decoding."""
        ends = end_tokens(self.tokenizer, self.model)
        tokens, cache, written, yielded = encode_chat_about(self.tokenizer, chat, tweet), None, [], ""
        for _ in range(max_tokens):
            token, cache = self._next_token(tokens, cache)
            if token in ends:
                return
            tokens = [token]
            written.append(token)
            text = self.tokenizer.decode(written, skip_special_tokens=True)
            if not text.endswith("\ufffd"):  # an emoji is incomplete
                yield text[len(yielded) :]
                yielded = text

    def _next_token(self, tokens: list[int], cache: Any) -> tuple[int, Any]:
        """Return the most likely next token, and the cache that includes `tokens`."""
        ids = torch.tensor([tokens], device=self.model.device)
        with self._named_failure(), torch.inference_mode():
            step = self.model(input_ids=ids, past_key_values=cache, use_cache=True, logits_to_keep=1)
        return int(step.logits[0, -1].argmax()), step.past_key_values

    @contextmanager
    def _named_failure(self) -> Iterator[None]:
        """Turn an error of torch into one that names the model."""
        try:
            yield
        except RuntimeError as error:  # raised by torch: out of memory, a lost GPU, NaN in sampling
            first_line = str(error).strip().partition("\n")[0]
            raise EngineError(
                f"{self.name} stopped: {first_line}; free memory or pass a smaller model, then start again"
            ) from error


def _sigmoid(log_odds: np.ndarray) -> np.ndarray:
    """Return probabilities clipped to (0, 1), so that their log-odds stay finite; NaN where there is no number."""
    probabilities: np.ndarray = 1 / (1 + np.exp(-np.clip(log_odds, -30, 30)))
    return np.where(np.isfinite(log_odds), probabilities, np.nan)
