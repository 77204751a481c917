"""
Finds pairs of emotions that rarely occur together, and tweets that have both nevertheless.

Rules are learned from the labels, never written by hand: a pair becomes a rule if it occurs in far fewer tweets than
expected by chance. A tweet that contradicts a rule is not necessarily wrong, but it deserves a review.
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from emoclf.labels import EMOTIONS

ALPHA = 0.001  # the probability of any false rule among all pairs (Holm 1979)
MAX_RATIO = 1 / 3  # of the expected count: rarer pairs become rules


@dataclass(frozen=True)
class Rule:
    """Two emotions that rarely occur together."""

    first: str  # the rarer of the two
    second: str
    together: int  # tweets with both
    with_first: int  # tweets with `first`
    expected: float  # expected number of tweets with both under independence
    p_value: float  # of so few or fewer, one-sided Fisher test (hypergeometric)

    @property
    def words(self) -> str:
        """The rule as a sentence.

        >>> Rule("sadness", "joy", 12, 1000, 90.0, 1e-30).words
        'joy and sadness together occur in 1.2 % of tweets with sadness, expected 9.0 %'
        """
        names = " and ".join(EMOTIONS.ordered({self.first, self.second}))
        seen, expected = 100 * self.together / self.with_first, 100 * self.expected / self.with_first
        return f"{names} together occur in {seen:.1f} % of tweets with {self.first}, expected {expected:.1f} %"


def learn_rules(
    labels: np.ndarray, groups: Sequence[Hashable] | None = None, weights: np.ndarray | None = None
) -> list[Rule]:
    """Return the pairs of emotions that occur together far less often than expected by chance, the rarest pair first.

    A pair becomes a rule if a one-sided Fisher test with Holm's correction over all pairs rejects independence at
    `ALPHA`, and its count is less than `MAX_RATIO` of the expected one.

    Parameters
    ----------
    labels : 0 or 1, shape (n, 11); original labels of train tweets
    groups : the twin group of each tweet, length n; a group counts once, with equal weights for its tweets
    weights : the weight of each row, shape (n,), in place of `groups`; None: 1

    >>> joy, sadness = EMOTIONS.encode([{"joy"}])[0], EMOTIONS.encode([{"sadness"}])[0]
    >>> [(rule.first, rule.second, rule.together) for rule in learn_rules(np.array([joy, sadness] * 50))]
    [('joy', 'sadness', 0)]
    """
    if weights is None:
        weights = np.ones(len(labels)) if groups is None else _group_weights(groups)
    pairs = [_count(labels, weights, i, j) for i, j in combinations(range(len(EMOTIONS)), 2)]
    pairs.sort(key=lambda rule: rule.p_value)
    rules = []
    for rank, rule in enumerate(pairs):
        if rule.p_value > ALPHA / (len(pairs) - rank):
            break
        if rule.together < MAX_RATIO * rule.expected:
            rules.append(rule)
    return sorted(rules, key=lambda rule: rule.together / rule.expected)


def _group_weights(groups: Sequence[Hashable]) -> np.ndarray:
    """Return the weight of each tweet, shape (n,), so that every group counts once."""
    size = Counter(groups)
    return np.array([1 / size[group] for group in groups])


def _count(labels: np.ndarray, weights: np.ndarray, i: int, j: int) -> Rule:
    from scipy.stats import hypergeom

    if weights @ labels[:, i] > weights @ labels[:, j]:
        i, j = j, i
    n, first, second, together = (
        round(float(total))
        for total in (
            weights.sum(),
            weights @ labels[:, i],
            weights @ labels[:, j],
            weights @ (labels[:, i] * labels[:, j]),
        )
    )
    p_value = float(hypergeom.cdf(together, n, first, second)) if n else 1.0
    names = EMOTIONS.names
    return Rule(names[i], names[j], together, first, first * second / n if n else 0.0, p_value)


def contradictions(labels: Iterable[str], rules: Sequence[Rule]) -> list[Rule]:
    """Return the rules that a set of labels contradicts, the rarest pair first.

    >>> rule = Rule("sadness", "joy", 12, 1000, 90.0, 1e-30)
    >>> contradictions({"joy", "sadness"}, [rule]) == [rule], contradictions({"joy"}, [rule])
    (True, [])
    """
    chosen = EMOTIONS.check(labels)
    return [rule for rule in rules if {rule.first, rule.second} <= chosen]


def in_words(labels: Iterable[str], rules: Sequence[Rule]) -> str:
    """Return the first contradicted rule as a sentence; empty if there is none."""
    found = contradictions(labels, rules)
    return found[0].words if found else ""
