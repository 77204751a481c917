"""
Filters for the review queue, with the same syntax in a URL and on the command line.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from itertools import combinations
from urllib.parse import parse_qsl

from emoclf.errors import SettingError
from emoclf.labels import EMOTIONS
from emoclf.tweets import SPLITS

SOURCES = ("original", "suggestion", "prediction", "decision")
PAIRS = tuple(f"{one}-{other}" for one, other in combinations(SOURCES, 2))
DECIDED = ("no", "yes", "any")
CHOICES: dict[str, tuple[str, ...]] = {
    "split": SPLITS,
    "emotion": EMOTIONS.names,
    "source": SOURCES,
    "differ": PAIRS,
    "decided": DECIDED,
    "flagged": ("yes",),
    "outdated": EMOTIONS.names,
    "original": ("yes", "no"),
}

HELP = {  # of each field, for the command line
    "split": "default: train",
    "text": "only tweets that contain these words",
    "emotion": "only tweets to which a source gives this emotion",
    "source": "only tweets to which this source gives the emotion",
    "differ": "two sources that disagree, about the emotion if one is named",
    "doubt": "range of doubt, such as 0.3-1",
    "reviewer": "reviewer who decided it",
    "decided": "default: no, unless another option asks for decided tweets",
    "flagged": "only flagged tweets",
    "outdated": "decided under an older guideline for this emotion",
    "original": "only tweets with original labels (yes) or without them (no)",
    "batch": "accepted in the batch with this number",
    "sample": "in the sample of the batch with this number",
}


@dataclass(frozen=True)
class Filter:
    """The conditions for a tweet to be in the list; an empty field sets none.

    Raises
    ------
    SettingError : if a field has an invalid value
    """

    split: str = "train"
    text: str = ""  # words of the tweet, in any order; other characters, such as emoji, match literally
    emotion: str = ""  # that `source` gives, or any source if none is chosen
    source: str = ""
    differ: str = ""  # one of PAIRS: two sources that disagree (on the emotion, if one is chosen)
    doubt: str = ""  # "0.3-0.8", both ends included
    reviewer: str = ""  # who made the current decision
    decided: str = ""  # one of DECIDED; empty: no, unless the filter asks about decisions
    flagged: str = ""  # "yes"
    outdated: str = ""  # an emotion whose guideline has changed since the current decision
    original: str = ""  # "yes": it came with labels; "no": without
    batch: str = ""  # the number of the batch of the current decision
    sample: str = ""  # the number of a batch whose sample contains it

    def __post_init__(self) -> None:
        for name, choices in CHOICES.items():
            value = getattr(self, name)
            if value and value not in choices:
                raise SettingError(f"{name} is {value!r}; it can be {', '.join(choices)}")
        for name in ("batch", "sample"):
            if (number := getattr(self, name)) and not (number.isascii() and number.isdecimal() and len(number) < 10):
                raise SettingError(f"{name} is {number!r}; it is the number of a batch")
        if self.source and not self.emotion:
            raise SettingError(f"source is {self.source!r}, but no emotion is given; choose one")
        if self.text and not self.text.split():
            raise SettingError("the text to look for is blank; write a word, or leave it out")
        self.doubt_range  # noqa: B018 - raises if it is invalid

    @property
    def doubt_range(self) -> tuple[float, float]:
        """The smallest and the largest doubt.

        >>> Filter(doubt="0.25-1").doubt_range, Filter().doubt_range
        ((0.25, 1.0), (0.0, 1.0))
        """
        try:
            low, high = map(float, (self.doubt or "0-1").split("-"))
        except ValueError:
            low, high = 1.0, 0.0
        if not 0 <= low <= high <= 1:
            raise SettingError(f"doubt is {self.doubt!r}; it is two numbers from 0 to 1, the smaller first: 0.3-1")
        return low, high

    @property
    def state(self) -> str:
        """Which tweets are listed by decision: no (undecided), yes (decided) or any.

        >>> Filter().state, Filter(reviewer="ana").state, Filter(differ="original-decision").state
        ('no', 'yes', 'yes')
        """
        asks = self.reviewer or self.outdated or self.batch or "decision" in (self.source, *self.differ.split("-"))
        return self.decided or ("yes" if asks else "no")

    @property
    def keeps_decided(self) -> bool:
        """Whether a tweet stays in the list when it is decided again.

        >>> Filter().keeps_decided, Filter(reviewer="ana").keeps_decided, Filter(outdated="joy").keeps_decided
        (False, True, False)
        """
        return self.state != "no" and not self.outdated and not self.batch

    @property
    def is_plain(self) -> bool:
        """Whether the filter selects all undecided tweets of a split."""
        return self == Filter(self.split) or self == Filter(self.split, decided="no")

    @property
    def in_words(self) -> str:
        """The conditions other than the split.

        >>> Filter(emotion="joy", doubt="0-0.2").in_words, Filter(original="no").in_words
        ('emotion joy, doubt 0-0.2', 'without original labels')
        """
        values = {name: value for name, value in self.to_query().items() if name not in ("split", "original")}
        origin = {"": [], "yes": ["with original labels"], "no": ["without original labels"]}[self.original]
        return ", ".join([*(f"{name} {value}" for name, value in values.items()), *origin])

    def to_query(self) -> dict[str, str]:
        """Return the fields that are set, as URL parameters; `parse` reads them.

        >>> Filter("dev", emotion="joy", source="original").to_query()
        {'split': 'dev', 'emotion': 'joy', 'source': 'original'}
        """
        return {field.name: getattr(self, field.name) for field in fields(self) if getattr(self, field.name)}


def parse(query: Mapping[str, str]) -> Filter:
    """Parse the filter from a URL or a command line; blank fields count as not given.

    >>> parse({"text": "late bus", "doubt": "0.5-1"})
    Filter(split='train', text='late bus', emotion='', source='', differ='', doubt='0.5-1', reviewer='', decided='', \
flagged='', outdated='', original='', batch='', sample='')

    Raises
    ------
    SettingError : if a field is unknown or has a value that it cannot have
    """
    names = [field.name for field in fields(Filter)]
    if unknown := sorted(set(query) - set(names)):
        raise SettingError(f"a filter has no field {unknown[0]!r}; it has {', '.join(names)}")
    return Filter(**{name: value for name, value in query.items() if value.strip()})


def from_address(address: str) -> Filter:
    """Parse the filter from the URL of a review page, or from its query string.

    >>> from_address("http://localhost:8501/review?split=dev&emotion=joy&order=random").to_query()
    {'split': 'dev', 'emotion': 'joy'}

    Raises
    ------
    SettingError : as `parse`
    """
    query = dict(parse_qsl(address.rpartition("?")[2], keep_blank_values=True))
    query.pop("order", None)
    return parse(query)
