"""
Reads labels that stand in one cell: names, numbers, or a list with 0 or 1 for each emotion (multi-hot).

How the cells are read is decided once for a whole file. A list of 0 and 1 as long as the label set is multi-hot, and
numbers count emotions only where they cannot be that. Where two readings fit, the caller must choose.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from emoclf.errors import SettingError
from emoclf.files.label_cells import SEPARATORS, SHOWN, Atom, choices, names_only_some, shown
from emoclf.files.reading import Reading

__all__ = ["Atom", "LabelLists", "first_of"]

UNKNOWN = 10  # names that a note gives


def first_of(numbers: Iterable[int], n_emotions: int) -> int | None:
    """Return the number of the first emotion, if the numbers in use determine it.

    >>> first_of([0, 3], 8), first_of([1, 8], 8), first_of([2, 7], 8)
    (0, 1, None)
    """
    seen = set(numbers)
    if 0 in seen:
        return 0
    return 1 if max(seen, default=0) >= n_emotions else None


class LabelLists:
    """The label cells of one file: first `parse` each, then `settle` how all are read, then take their `positions`."""

    def __init__(self, emotions: Sequence[str], reading: Reading) -> None:
        self.emotions, self.reading = list(emotions), reading
        self.first: int | None = reading.first_number
        self.way = reading.labels_as  # how cells are read that can be read in two ways
        self.used: set[str] = set()
        self.numbers: set[int] = set()  # that stand for emotions, once settled
        self.known: dict[tuple[Any, ...], set[str]] = {}
        self.parsed: dict[str, list[Atom]] = {}
        self.placed: dict[tuple[Atom, ...], tuple[int, ...]] = {}  # once settled
        self.empty = 0  # cells that hold an empty list
        self.partial = False  # whether an object of labels does not name every emotion
        self.unknown: Counter[str] = Counter()  # rows by name that is none of the emotions

    def parse(self, cell: Any) -> list[Atom]:
        """Return the names and numbers in a cell; raise ValueError if it can be no labels of this label set."""
        if not isinstance(cell, str):
            return self._parse(cell)
        if cell not in self.parsed:  # a file has few different cells
            self.parsed[cell] = self._parse(cell)
        return self.parsed[cell]

    def _parse(self, cell: Any) -> list[Atom]:
        atoms = choices(cell, self.emotions)
        self.empty += not atoms and str(cell).strip() == "[]"
        self.partial = self.partial or names_only_some(cell, len(self.emotions))
        if unknown := [atom for atom in atoms if isinstance(atom, str) and atom not in self.emotions]:
            self.unknown.update(unknown)
            raise ValueError(
                f"{', '.join(unknown)!r} is not one of the emotions {' '.join(self.emotions)}"
                f"{self._separators(unknown)}"
            )
        if atoms and not self._ways(atoms):
            raise ValueError(self._misfit(atoms))
        return atoms

    def _separators(self, unknown: Sequence[str]) -> str:
        """Return how labels are separated, if a name that is unknown seems to hold several."""
        several = any(not one.isalnum() and any(name in one for name in self.emotions) for one in unknown)
        return f"; between several labels stands {SEPARATORS}" if several else ""

    def _ways(self, atoms: Sequence[Atom]) -> set[str]:
        """Return the ways in which a cell can be read, with an answer for each different cell kept."""
        key = (self.way, *atoms)
        if key not in self.known:
            self.known[key] = self._find_ways(atoms)
        return self.known[key]

    def _find_ways(self, atoms: Sequence[Atom]) -> set[str]:
        if any(isinstance(atom, str) for atom in atoms):
            return {"names"} if self.way in (None, "names") else set()
        ways = {"names"} if all(str(atom) in self.emotions for atom in atoms) else set()
        is_binary = set(atoms) <= {0, 1}
        if is_binary and len(atoms) == len(self.emotions):
            ways.add("multi-hot")
        if all(isinstance(atom, int) for atom in atoms) and (len(set(atoms)) == len(atoms) or not is_binary):
            ways.add("numbers")
        return ways if self.way is None else ways & {self.way}

    def _misfit(self, atoms: Sequence[Atom]) -> str:
        cell, k = shown(atoms), len(self.emotions)
        if self.way:
            return f"{cell} cannot be read as {self.way} of the {k} emotions"
        if set(atoms) <= {0, 1}:
            return f"{cell} has {len(atoms)} zeros and ones, and there are {k} emotions"
        return f"{cell} is neither names, nor whole numbers, nor 0 or 1 for each of the {k} emotions"

    def settle(self, name: str, cells: Sequence[Sequence[Atom]]) -> None:
        """Decide how the parsed cells of the file `name` are read.

        Raises
        ------
        SettingError : if the cells leave it open, or the number of the first emotion
        """
        cells = list({tuple(atoms): atoms for atoms in cells}.values())
        self.placed.clear()
        if not self.way:
            self._choose_way(name, [atoms for atoms in cells if atoms])
        numbers = {atom for atoms in cells if self._way(atoms) == "numbers" for atom in atoms if isinstance(atom, int)}
        self.numbers, self.used = numbers, {self._way(atoms) for atoms in cells if atoms}
        if self.first is None:
            self.first = first_of(numbers, len(self.emotions))
        if numbers and self.first is None:
            raise SettingError(
                f"{name} numbers its {len(self.emotions)} emotions from {min(numbers)} to {max(numbers)}, which "
                "does not tell whether the first is 0 or 1; pass --first-number 0 or --first-number 1"
            )

    def _choose_way(self, name: str, cells: Sequence[Sequence[Atom]]) -> None:
        fitting = [(atoms, self._ways(atoms)) for atoms in cells]
        certain = {way for _, ways in fitting for way in ways if len(ways) == 1}
        unclear = [(atoms, ways) for atoms, ways in fitting if len(ways) > 1]
        if not unclear:
            return
        if len(certain) == 1 and all(certain <= ways for _, ways in unclear):
            (self.way,) = certain
            return
        atoms, ways = unclear[0]
        readings = " or as ".join(sorted(ways))
        raise SettingError(
            f"the labels of {name}, such as {shown(atoms)}, can be read as {readings}; pass --labels-as names, "
            "--labels-as numbers or --labels-as multi-hot to say which"
        )

    def _way(self, atoms: Sequence[Atom]) -> str:
        ways = self._ways(atoms) if atoms else set()
        return self.way if self.way in ways else next(iter(ways), "")

    def positions(self, atoms: Sequence[Atom]) -> tuple[int, ...]:
        """Return the ascending positions of a cell's emotions; raise ValueError if a number is no emotion's."""
        key = tuple(atoms)
        if key not in self.placed:
            self.placed[key] = self._find_positions(atoms)
        return self.placed[key]

    def _find_positions(self, atoms: Sequence[Atom]) -> tuple[int, ...]:
        if not atoms:
            return ()
        way = self._way(atoms)
        if way == "multi-hot":
            return tuple(n for n, atom in enumerate(atoms) if atom == 1)
        if way == "names":
            return tuple(sorted({self.emotions.index(str(atom)) for atom in atoms}))
        return tuple(sorted({self._position(int(atom)) for atom in atoms}))

    def _position(self, number: int) -> int:
        first = self.first or 0
        if not 0 <= number - first < len(self.emotions):
            last = first + len(self.emotions) - 1
            raise ValueError(f"{number} is not an emotion: they are numbered from {first} to {last}")
        return number - first

    def notes(self) -> list[str]:
        """Return sentences on how the cells were read, where that depends on the order of the emotions."""
        order = f"{self.emotions[0]} … {self.emotions[-1]}"
        notes = []
        if self.unknown:
            named = ", ".join(f"{name[:SHOWN]!r} ({rows:,})" for name, rows in self.unknown.most_common(UNKNOWN))
            notes.append(
                f"Rows with labels that are not among the {len(self.emotions)} emotions were rejected: {named}."
            )
        if self.empty:
            lists = "1 empty list of labels was" if self.empty == 1 else f"{self.empty:,} empty lists of labels were"
            notes.append(f"{lists} read as no emotion.")
        if self.partial:
            notes.append("Objects of labels that do not name every emotion were read with 0 for the others.")
        if "multi-hot" in self.used:
            notes.append(f"Lists of 0 and 1 were read in the order {order}.")
        if "numbers" in self.used:
            first = self.first or 0
            last = first + len(self.emotions) - 1
            notes.append(f"Numbers were read as {first} for {self.emotions[0]} to {last} for {self.emotions[-1]}.")
        return notes
