"""
Finds out in which form an OpenAI-compatible server gives eleven answers about a tweet, the best form first.

Servers support different features, so an invented test tweet is sent first, in the best form and then in simpler ones,
until the server supports one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

from emoclf.errors import EngineError, RefusedError, ReplyError
from emoclf.llm.chat_model import Chat
from emoclf.llm.openai_client import Server
from emoclf.llm.prompts import ANSWER_SCHEMA, ANSWERING, YES_NO, LabelPrompt, fenced
from emoclf.llm.replies import read_answers

MAX_TOKENS = 250  # eleven answers as JSON take 60 to 90
MAX_CHARACTERS = 2000  # of a tweet; longer ones are truncated

TRIAL = "What a lovely morning, I could sing!"
SCHEMA_FORM = {"type": "json_schema", "json_schema": {"name": "emotions", "strict": True, "schema": ANSWER_SCHEMA}}
FORMATS: tuple[dict[str, Any], ...] = (
    {"response_format": SCHEMA_FORM},
    {"response_format": {"type": "json_object"}},
    {},
)
CHANCES: tuple[dict[str, Any], ...] = ({"logprobs": True, "top_logprobs": 5}, {})
# Qwen3 thinks unless its template disables it; OpenAI's own server rejects unknown fields.
QUIET: tuple[dict[str, Any], ...] = ({"chat_template_kwargs": {"enable_thinking": False}}, {})


@dataclass(frozen=True)
class AnswerForm:
    """The fields of a request for labels, and whether the server returns probabilities with its answers."""

    fields: Mapping[str, Any]
    graded: bool

    @property
    def prompt_version(self) -> str:
        """The version of the prompt; it tells answers with probabilities from plain ones."""
        return ANSWERING.version + ("" if self.graded else YES_NO)


def agree_on_form(server: Server) -> AnswerForm:
    """Return the best form that this server supports.

    Raises
    ------
    EngineError : if it supports no form; the message contains its last error
    """
    last = ""
    for format_ in FORMATS:
        for chances, quiet in product(CHANCES, QUIET):
            fields = {**format_, **chances, **quiet}
            try:
                reply = server.reply(messages(TRIAL), MAX_TOKENS, **fields)
            except RefusedError as error:
                last = str(error)
                continue
            try:
                return AnswerForm(fields, read_answers(reply)[1])
            except ReplyError as error:
                last = str(error)
                break  # its answer does not depend on the rest of the form
    raise EngineError(
        f"{server.address.model} does not give eleven answers: {last}; pass a larger or an Instruct model"
    )


def messages(text: str, prompt: LabelPrompt = ANSWERING) -> Chat:
    """Return the chat about one tweet."""
    return prompt.messages(fenced(text[:MAX_CHARACTERS]))
