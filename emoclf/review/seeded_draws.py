"""
Chance: numbers drawn by a tweet's ID, so that everybody draws the same without asking, and tweets mixed in by them.
"""

import hashlib
from collections.abc import Iterable, Sequence
from heapq import nsmallest
from typing import TypeVar

Item = TypeVar("Item")


def draw(key: str, purpose: str) -> float:
    """A number in [0, 1), always the same for a tweet and a purpose; different purposes know nothing of each other.

    >>> draw("2017-En-1", "order") == draw("2017-En-1", "order"), 0 <= draw("2017-En-1", "blind") < 1
    (True, True)
    """
    return int.from_bytes(hashlib.sha256(f"{purpose} {key}".encode()).digest()[:4]) / 2**32


def first_drawn(keys: Iterable[str], purpose: str, n: int) -> list[str]:
    """At most n of the keys, as chance draws them for this purpose.

    >>> first_drawn(["a", "b", "c", "d"], "7f3a", 2) == first_drawn(["d", "c", "b", "a"], "7f3a", 2)
    True
    """
    return nsmallest(n, keys, key=lambda key: (draw(key, purpose), key))


def mix(
    ordered: Sequence[Item], by_chance: Sequence[Item], share: float, before: int, limit: int
) -> list[tuple[Item, bool]]:
    """At most `limit` items, a share of them by chance, each with whether it is; none twice.

    Parameters
    ----------
    share : of the places that go to chance, in [0, 1]
    before : how many places there were before these; the share is kept over all of them

    >>> mix("abcdef", "xayz", 0.5, before=0, limit=5)
    [('a', False), ('x', True), ('b', False), ('y', True), ('c', False)]
    """
    queues = {False: list(reversed(ordered)), True: list(reversed(by_chance))}
    found: dict[Item, bool] = {}
    while len(found) < limit and (queues[False] or queues[True]):
        place = before + len(found)
        wanted = int((place + 1) * share) > int(place * share)
        is_chance = wanted if queues[wanted] else not wanted
        item = queues[is_chance].pop()
        found.setdefault(item, is_chance)
    return list(found.items())
