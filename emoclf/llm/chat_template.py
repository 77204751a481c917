"""
Turns chats into token ids with a tokenizer's chat template; a tweet cannot add control tokens.
"""

from collections.abc import Sequence
from typing import Any

from emoclf.llm.chat_model import Chat
from emoclf.llm.prompts import PLACE, fenced


def render(tokenizer: Any, chat: Chat) -> str:
    """Return the chat as one text up to the start of the reply, without thinking."""
    return str(tokenizer.apply_chat_template(chat, tokenize=False, add_generation_prompt=True, enable_thinking=False))


def encode(tokenizer: Any, text: str) -> list[int]:
    """Return the token ids of a text; control tokens in it are control tokens."""
    return list(tokenizer.encode(text, add_special_tokens=False))


def encode_tweet(tokenizer: Any, tweet: str) -> list[int]:
    """Return the token ids of a tweet on one line; control tokens in it are plain text."""
    return list(tokenizer.encode(fenced(tweet), add_special_tokens=False, split_special_tokens=True))


def encode_chat(tokenizer: Any, chat: Chat) -> list[int]:
    """Return the token ids of a chat that contains tweets; control tokens in its messages are broken up."""
    harmless = [{**message, "content": message["content"].replace("<|", "< |")} for message in chat]
    return encode(tokenizer, render(tokenizer, harmless))


def encode_chat_about(tokenizer: Any, chat: Chat, tweet: str) -> list[int]:
    """Return the token ids of a chat with the tweet in place of `PLACE`."""
    head, _, tail = render(tokenizer, chat).partition(PLACE)
    return [*encode(tokenizer, head), *encode_tweet(tokenizer, tweet), *encode(tokenizer, tail)]


def end_tokens(tokenizer: Any, model: Any) -> set[int]:
    """Return the tokens that end a reply, of which a model may have several."""
    configured = model.generation_config.eos_token_id
    ends = configured if isinstance(configured, list) else [configured]
    return {int(end) for end in [*ends, tokenizer.eos_token_id] if end is not None}


def padding_token(tokenizer: Any) -> int:
    """Return the token that fills shorter chats of a batch."""
    padding = tokenizer.pad_token_id
    return int(tokenizer.eos_token_id if padding is None else padding)


def padded(chats: Sequence[list[int]], padding: int) -> tuple[list[list[int]], list[list[int]]]:
    """Return token ids and attention mask, padded on the left so that all replies start in the same column.

    >>> padded([[5], [6, 7]], padding=0)
    ([[0, 5], [6, 7]], [[0, 1], [1, 1]])
    """
    width = max(map(len, chats))
    ids = [[padding] * (width - len(chat)) + chat for chat in chats]
    mask = [[0] * (width - len(chat)) + [1] * len(chat) for chat in chats]
    return ids, mask
