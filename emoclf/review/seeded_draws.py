"""
Seeded random numbers from a tweet's ID, the same for every reviewer, and random tweets mixed into a queue.
"""

import hashlib
from collections.abc import Iterable, Sequence
from heapq import nsmallest
from typing import TypeVar

Item = TypeVar("Item")


def draw(key: str, purpose: str) -> float:
    """Return a number in [0, 1), always the same for a tweet and a purpose; different purposes are independent.

    >>> draw("2017-En-1", "order") == draw("2017-En-1", "order"), 0 <= draw("2017-En-1", "blind") < 1
    (True, True)
    """
    return int.from_bytes(hashlib.sha256(f"{purpose} {key}".encode()).digest()[:4]) / 2**32


def seeded_sample(keys: Iterable[str], purpose: str, n: int) -> list[str]:
    """Return at most n of the keys in a random order that depends only on the purpose.

    >>> seeded_sample(["a", "b", "c", "d"], "7f3a", 2) == seeded_sample(["d", "c", "b", "a"], "7f3a", 2)
    True
    """
    return nsmallest(n, keys, key=lambda key: (draw(key, purpose), key))


def mix(
    ordered: Sequence[Item], random_items: Sequence[Item], share: float, before: int, limit: int
) -> list[tuple[Item, bool]]:
    """Return at most `limit` items with a share of random ones, each with whether it is random; none twice.

    Parameters
    ----------
    share : the share of random items, in [0, 1]
    before : the number of items given out earlier; the share applies to earlier and new items together

    >>> mix("abcdef", "xayz", 0.5, before=0, limit=5)
    [('a', False), ('x', True), ('b', False), ('y', True), ('c', False)]
    """
    queues = {False: list(reversed(ordered)), True: list(reversed(random_items))}
    found: dict[Item, bool] = {}
    while len(found) < limit and (queues[False] or queues[True]):
        position = before + len(found)
        wanted = int((position + 1) * share) > int(position * share)
        is_random = wanted if queues[wanted] else not wanted
        item = queues[is_random].pop()
        found.setdefault(item, is_random)
    return list(found.items())
