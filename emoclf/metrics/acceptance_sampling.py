"""
Bounds the number of wrong tweets in a list from a checked random sample (acceptance sampling).

A bound holds only if the sample size was fixed in advance. Drawing samples until one looks good would give a wrong
bound far more often than in 5 % of cases, so the bound of the k-th sample may be too low with a probability of 5 % / (k
(k + 1)). These terms sum to 5 %, so by Boole's inequality all bounds of a list hold together with 95 % confidence
(alpha spending). Samples are not pooled, because a list changes between two samples in ways that are not random.
"""

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from emoclf.labels import EMOTIONS

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Sample:
    """The result of checking a random sample of a list."""

    tweets: int  # tweets in the list, including the sample
    checked: int
    wrong: int  # wrong tweets among those checked
    nth: int = 1  # the number of this sample of its list, from 1

    @property
    def error(self) -> float:
        """The probability that the bound of this sample is too low.

        >>> [round(Sample(1234, 30, 0, nth).error, 4) for nth in (1, 2, 3)]
        [0.025, 0.0083, 0.0042]
        """
        return (1 - CONFIDENCE) / (self.nth * (self.nth + 1))

    @property
    def rest(self) -> int:
        """The number of tweets in the list that nobody has checked."""
        return self.tweets - self.checked

    @property
    def max_wrong(self) -> int:
        """The upper bound on the wrong tweets among the rest, with 95 % confidence over all samples of the list.

        This is the exact upper bound of Clopper and Pearson (1934) for a finite list, so hypergeometric instead of
        binomial (Buonaccorsi 1987): with more wrong tweets, a sample would show so few with a probability of at most
        `error`.

        >>> Sample(1234, 30, 0).max_wrong, Sample(1234, 30, 2).max_wrong, Sample(10, 9, 0).max_wrong
        (141, 268, 1)
        >>> Sample(1234, 30, 0, nth=3).max_wrong
        203
        """
        low, high = self.wrong, self.wrong + self.rest
        while low < high:
            middle = (low + high + 1) // 2
            if _probability_of_so_few(self, middle) > self.error:
                low = middle
            else:
                high = middle - 1
        return low - self.wrong

    @property
    def max_wrong_share(self) -> float:
        """The same bound as a share of the rest, in [0, 1]; 0 if nothing is left.

        >>> round(Sample(1234, 30, 0).max_wrong_share, 3), round(Sample(10**6, 30, 0).max_wrong_share, 3)
        (0.117, 0.116)
        """
        return self.max_wrong / self.rest if self.rest else 0.0

    @property
    def in_words(self) -> str:
        """The result of the sample and the bound, in words.

        >>> Sample(1234, 30, 0).in_words
        '0 of the 30 checked tweets were wrong. With 95 % confidence, at most 141 of the remaining 1,204 tweets (11.8 \
%) are wrong.'
        >>> Sample(31, 30, 1).in_words
        '1 of the 30 checked tweets was wrong. With 95 % confidence, at most 1 of the remaining 1 tweet (100 %) \
is wrong.'
        """
        return f"{self.wrong:,} of the {self.checked:,} checked tweets {_was_wrong(self.wrong)}. W{self._bound[1:]}."

    @property
    def in_words_if_none_wrong(self) -> str:
        """The bound that a sample would give if none of its tweets were wrong.

        >>> Sample(1234, 30, 0).in_words_if_none_wrong
        'If none of the 30 is wrong: with 95 % confidence, at most 141 of the remaining 1,204 tweets (11.8 %) \
are wrong.'
        """
        return f"If none of the {self.checked:,} is wrong: {self._bound}."

    @property
    def multiple_samples_note(self) -> str:
        """The reason why the bound is larger than that of a first sample; empty for a first sample.

        >>> Sample(1234, 30, 0, nth=3).multiple_samples_note
        'This is sample 3 of this list, so its bound is larger than that of a first sample: when samples are drawn \
until one looks good, that one may look good by luck.'
        """
        if self.nth == 1:
            return ""
        return (
            f"This is sample {self.nth} of this list, so its bound is larger than that of a first sample: when samples "
            "are drawn until one looks good, that one may look good by luck."
        )

    @property
    def _bound(self) -> str:
        tenths = math.ceil(1000 * self.max_wrong_share - 1e-9)  # a bound is never rounded down
        tweets, verb = "tweet" if self.rest == 1 else "tweets", "is" if self.max_wrong == 1 else "are"
        at_most = f"at most {self.max_wrong:,} of the remaining {self.rest:,} {tweets} ({tenths / 10:g} %) {verb} wrong"
        return f"with {100 * CONFIDENCE:g} % confidence, {at_most}"


def _was_wrong(n: int) -> str:
    return "was wrong" if n == 1 else "were wrong"


def _probability_of_so_few(sample: Sample, wrong_in_list: int) -> float:
    """Return the probability of at most `sample.wrong` wrong tweets in the sample, if the list has `wrong_in_list`."""
    fewest = max(0, sample.checked - (sample.tweets - wrong_in_list))
    log_total = _log_choices(sample.tweets, sample.checked)
    return math.fsum(
        math.exp(
            _log_choices(wrong_in_list, k) + _log_choices(sample.tweets - wrong_in_list, sample.checked - k) - log_total
        )
        for k in range(fewest, sample.wrong + 1)
    )


def _log_choices(n: int, k: int) -> float:
    """Return the logarithm of the binomial coefficient n over k."""
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)


def disagreements(pairs: Iterable[tuple[frozenset[str], frozenset[str]]]) -> dict[str, tuple[int, int]]:
    """Count by emotion how often it was (suggested and not decided, decided and not suggested); omit emotions with
    none.

    >>> joy, both = frozenset({"joy"}), frozenset({"anger", "joy"})
    >>> disagreements([(joy, both), (joy, frozenset()), (both, both)])
    {'anger': (0, 1), 'joy': (1, 0)}
    """
    seen = list(pairs)
    surplus = Counter(emotion for suggested, decided in seen for emotion in suggested - decided)
    missing = Counter(emotion for suggested, decided in seen for emotion in decided - suggested)
    named = [emotion for emotion in EMOTIONS.names if surplus[emotion] or missing[emotion]]
    return {emotion: (surplus[emotion], missing[emotion]) for emotion in named}
