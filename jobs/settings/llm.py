"""
The settings of the jobs of language models: suggest labels, and write rationales.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from emoclf.environment import CURRENT, Env
from emoclf.errors import SettingError
from emoclf.hub.uris import is_remote
from emoclf.llm import servers
from emoclf.review.filters import Filter, parse
from emoclf.tweets import SPLITS
from jobs.settings.conversion import one_of

ENGINES = {  # suggested engines on this machine and their requirements; any other model URI is possible
    "hf:Qwen/Qwen2.5-1.5B-Instruct": "in this process, 3 GB of memory; the default without a GPU",
    "hf:Qwen/Qwen2.5-7B-Instruct": "in this process, 15 GB of GPU memory; the default with a GPU",
    "hf:Qwen/Qwen3-8B": "in this process, 16 GB of GPU memory; its thinking is switched off",
}
DEFAULT_ENGINE = next(iter(ENGINES))


def offered_engines(env: Env = CURRENT) -> dict[str, str]:
    """Return the engines that a page suggests, with their requirements: models on this machine, and servers."""
    return {**ENGINES, **servers.offered_servers(env)}


def check_offered(settings: Any, env: Env = CURRENT) -> None:
    """Check that a page may start a job with these settings: its engines are on servers that the pages offer.

    Raises
    ------
    ModelError : if one is on another server
    """
    given = settings if isinstance(settings, Mapping) else vars(settings)
    for uri in (given.get("engine"), given.get("judge")):
        if isinstance(uri, str) and is_remote(uri):
            servers.check_offered(uri, env)


def check_address(uri: str) -> None:
    """Check the address of an engine on a server, because it is stored with the job.

    Raises
    ------
    ModelError : if it is invalid or contains a password
    """
    if is_remote(uri):
        from emoclf.llm.openai_client import Address

        Address.of(uri)


@dataclass(frozen=True)
class SuggestSettings:
    """Suggestions of labels for tweets without one of this engine, the most doubtful first."""

    engine: str = DEFAULT_ENGINE  # a model URI
    limit: int | None = None  # tweets; None: all
    split: str | None = field(default=None, metadata=one_of(SPLITS))  # None: all splits
    filter: Mapping[str, str] | None = None  # the fields of a `Filter`: only the tweets that the review shows with it

    def __post_init__(self) -> None:
        check_address(self.engine)
        if self.limit is not None and self.limit < 1:
            raise SettingError(f"the limit is {self.limit}; set it to at least 1 tweet, or leave it out for all tweets")
        self.wanted  # noqa: B018 - raises if it is invalid

    @property
    def splits(self) -> tuple[str, ...]:
        """The splits of the tweets."""
        return (self.split,) if self.split else SPLITS

    @property
    def wanted(self) -> Filter | None:
        """The filter of the tweets, if any."""
        return None if self.filter is None else parse(self.filter)


@dataclass(frozen=True)
class ExplainSettings:
    """Rationales for some tweets."""

    engine: str = DEFAULT_ENGINE  # a model URI
    tweets: tuple[int, ...] | None = None  # ids; None: the most doubtful tweets without a rationale
    limit: int = 20  # number of the most doubtful tweets

    def __post_init__(self) -> None:
        check_address(self.engine)
        if self.limit < 1:
            raise SettingError(f"the limit is {self.limit}; set it to at least 1 tweet")
