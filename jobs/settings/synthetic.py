"""
The settings of the job that generates synthetic tweets.
"""

from dataclasses import dataclass

from emoclf.errors import SettingError
from emoclf.labels import EMOTIONS
from emoclf.llm.chat_model import Sampling
from jobs.settings.llm import DEFAULT_ENGINE, check_address

SAME, NONE = "same", "none"  # the judge: the generating model, or none


@dataclass(frozen=True)
class GenerateSettings:
    """Synthetic tweets for one emotion."""

    emotion: str
    count: int  # tweets to generate, whether or not they pass the gates
    engine: str = DEFAULT_ENGINE  # a model URI
    seed: int = 13
    temperature: float = Sampling.temperature
    top_p: float = Sampling.top_p
    judge: str = SAME  # a model URI, "same" or "none"
    rules: tuple[str, ...] = ()  # added to the prompt
    failures: int = 12  # consecutive requests without an accepted tweet before the job fails

    def __post_init__(self) -> None:
        EMOTIONS.check([self.emotion])
        if self.count < 1 or self.failures < 1:
            raise SettingError(f"count is {self.count} and failures is {self.failures}; both must be at least 1")
        self.sampling  # noqa: B018 - raises if it is invalid
        for uri in (self.engine, self.judge):
            check_address(uri)

    @property
    def sampling(self) -> Sampling:
        """The sampling parameters of the model."""
        return Sampling(self.temperature, self.top_p)
