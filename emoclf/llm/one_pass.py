"""
One-pass label scoring: answers eleven yes-or-no questions about a tweet in one forward pass, without generation.

The instructions are computed once, and all tweets share their key/value cache. The eleven questions follow each tweet
side by side. An attention mask lets each question see the instructions, the tweet and itself, but not the other
questions, so every answer is the one that the model would give to that question alone.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import numpy as np
import torch
from transformers.cache_utils import Cache, DynamicLayer

from emoclf.errors import ModelError
from emoclf.llm.chat_template import encode, encode_tweet, render
from emoclf.llm.prompts import LABELLING, PLACE, LabelPrompt


@dataclass(frozen=True)
class ScoringSettings:
    """How tweets are batched; only `max_tweet_tokens` can change a score."""

    max_tweet_tokens: int = 256  # longer tweets are truncated
    batch_tokens: int = 512  # tokens per forward pass, including padding; more is no faster on a CPU


GPU_SETTINGS = ScoringSettings(batch_tokens=4096)


@dataclass(frozen=True)
class PromptTokens:
    """The parts of a prompt as token ids: head, tail, questions and answers."""

    head: list[int]  # instructions, up to the tweet
    tail: list[int]  # from the tweet to the start of the reply
    questions: list[list[int]]
    answers: tuple[int, int]  # first tokens of yes and no

    @classmethod
    def of(cls, tokenizer: Any, prompt: LabelPrompt) -> "PromptTokens":
        """Split the chat template at the position of the tweet.

        Raises
        ------
        ModelError : if the tokenizer has no chat template, or yes and no start with the same token
        """
        if not getattr(tokenizer, "chat_template", None):
            raise ModelError("the model has no chat template, so it is not a chat model; pass its Instruct version")
        head, place, tail = render(tokenizer, prompt.messages(PLACE)).partition(PLACE)
        if not place:
            raise ModelError(
                "the model's chat template leaves out the user's message, so it cannot be asked; pass another model"
            )
        yes, no = (encode(tokenizer, answer)[0] for answer in prompt.answers)
        if yes == no:
            raise ModelError(f"the model's tokenizer starts {prompt.answers} with the same token")
        questions = [encode(tokenizer, question) for question in prompt.questions]
        return cls(encode(tokenizer, head), encode(tokenizer, tail), questions, (yes, no))


class _Prefix(DynamicLayer):  # type: ignore[misc]
    """A cache layer that shows the instructions to every row of a batch and stores nothing from the batch."""

    def update(self, keys: torch.Tensor, values: torch.Tensor, *args: Any, **kwargs: Any) -> tuple[Any, Any]:
        shape = (len(keys), -1, -1, -1)
        return torch.cat([self.keys.expand(shape), keys], -2), torch.cat([self.values.expand(shape), values], -2)


class OnePassScorer:
    """Scores tweets with one causal language model; the instructions are computed once, when it is created."""

    def __init__(
        self, model: Any, tokenizer: Any, prompt: LabelPrompt = LABELLING, settings: ScoringSettings | None = None
    ) -> None:
        layers = set(getattr(model.config, "layer_types", None) or ["full_attention"])
        if layers != {"full_attention"}:
            raise ModelError(f"the model has {', '.join(sorted(layers))} layers; scoring needs full attention in all")
        self.settings = settings or (GPU_SETTINGS if model.device.type == "cuda" else ScoringSettings())
        self.tokenizer = tokenizer
        self.tokens = PromptTokens.of(tokenizer, prompt)
        self.decoder = model.get_decoder().eval()
        self.answers = model.get_output_embeddings().weight[list(self.tokens.answers)].detach().float()
        self.prefix = self._compute_prefix()

    def log_odds(self, texts: Sequence[str]) -> np.ndarray:
        """Return the log-odds of yes over no, float64 of shape (n, n_questions); NaN where the model gave no number.

        log(p_yes / p_no) is the difference of the two logits, because the softmax over the other words cancels out.
        """
        tweets = [self.tweet_tokens(text) for text in texts]
        result = np.empty((len(tweets), len(self.tokens.questions)))
        for rows in self._batches([len(tweet) for tweet in tweets]):
            result[rows] = self._score_in_memory([tweets[row] for row in rows])
        return result

    def _score_in_memory(self, tweets: Sequence[list[int]]) -> np.ndarray:
        """Score a batch; split it in halves if it does not fit into memory."""
        try:
            return self._score_batch(tweets)
        except torch.OutOfMemoryError:
            if len(tweets) == 1:
                raise
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        half = len(tweets) // 2
        return np.concatenate([self._score_in_memory(tweets[:half]), self._score_in_memory(tweets[half:])])

    def tweet_tokens(self, text: str) -> list[int]:
        """Return the token ids of a tweet, cut at `max_tweet_tokens`; control tokens in the text are plain text."""
        return encode_tweet(self.tokenizer, text)[: self.settings.max_tweet_tokens]

    @torch.inference_mode()
    def _compute_prefix(self) -> Cache:
        head = torch.tensor([self.tokens.head], device=self.answers.device)
        cache = self.decoder(input_ids=head, use_cache=True).past_key_values
        layers = []
        for full in cache.layers:
            layer = _Prefix()
            layer.lazy_initialization(full.keys, full.values)
            layer.keys, layer.values = full.keys, full.values
            layers.append(layer)
        return Cache(layers=layers)

    def _batches(self, lengths: Sequence[int]) -> Iterator[list[int]]:
        """Yield the row numbers in batches of similar length, the shortest first."""
        fixed = len(self.tokens.tail) + sum(map(len, self.tokens.questions))
        batch: list[int] = []
        for row in sorted(range(len(lengths)), key=lengths.__getitem__):
            if batch and (len(batch) + 1) * (lengths[row] + fixed) > self.settings.batch_tokens:
                yield batch
                batch = []
            batch.append(row)
        if batch:
            yield batch

    @torch.inference_mode()
    def _score_batch(self, tweets: Sequence[list[int]]) -> np.ndarray:
        tokens, device = self.tokens, self.answers.device
        rows = [tweet + tokens.tail for tweet in tweets]
        lengths = torch.tensor([len(row) for row in rows])
        width = int(lengths.max())
        questions = [token for question in tokens.questions for token in question]
        ids = torch.tensor([row + [0] * (width - len(row)) + questions for row in rows])
        sizes = [len(question) for question in tokens.questions]
        hidden = self.decoder(
            input_ids=ids.to(device),
            attention_mask=attention_mask(lengths, sizes, len(tokens.head)).to(device),
            position_ids=positions(lengths, sizes, len(tokens.head)).to(device),
            past_key_values=self.prefix,
            use_cache=True,
        ).last_hidden_state
        ends = width - 1 + torch.tensor(list(accumulate(sizes)), device=device)
        logits = hidden[:, ends].float() @ self.answers.T
        odds: np.ndarray = (logits[..., 0] - logits[..., 1]).double().cpu().numpy()
        return odds


def attention_mask(lengths: torch.Tensor, sizes: Sequence[int], prefix: int) -> torch.Tensor:
    """Return which keys each token of a batch may attend to: boolean, shape (n, 1, columns, prefix + columns).

    The columns of a row are its tweet, padded on the right to the longest, then questions of `sizes` tokens.

    >>> attention_mask(torch.tensor([1, 2]), [1, 2], prefix=1)[0, 0].int().tolist()
    [[1, 1, 0, 0, 0, 0], [1, 1, 0, 0, 0, 0], [1, 1, 0, 1, 0, 0], [1, 1, 0, 0, 1, 0], [1, 1, 0, 0, 1, 1]]
    """
    part = _parts(lengths, sizes)
    column = torch.arange(len(part))
    causal = column[:, None] >= column[None, :]
    visible = causal & ((part[:, None] == part[None, :]) | (part[None, :] == 0))
    real = (column[None, :] < lengths[:, None]) | (part[None, :] > 0)
    mask = visible[None] & real[:, None, :]
    return torch.nn.functional.pad(mask, (prefix, 0), value=True)[:, None]


def positions(lengths: torch.Tensor, sizes: Sequence[int], prefix: int) -> torch.Tensor:
    """Return the position of every token, shape (n, width + sum(sizes)): each question starts where its tweet ends.

    >>> positions(torch.tensor([1, 2]), [1, 2], prefix=10).tolist()
    [[10, 11, 11, 11, 12], [10, 11, 12, 12, 13]]
    """
    within = torch.tensor([offset for size in sizes for offset in range(size)])
    tweet = torch.arange(int(lengths.max())).expand(len(lengths), -1)
    return prefix + torch.cat([tweet, lengths[:, None] + within], dim=1)


def _parts(lengths: torch.Tensor, sizes: Sequence[int]) -> torch.Tensor:
    """Return 0 for the columns of the tweet, then 1, 2, ... for those of each question."""
    counts = torch.tensor([int(lengths.max()), *sizes])
    return torch.repeat_interleave(torch.arange(len(counts)), counts)
