"""
The formats of exports, each with its name, the label on the page and the function that writes it.

A table is written to one file, whose ending names the format unless a name is given. The formats for other programs
are folders, and hold labelled tweets only.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from emoclf.errors import SettingError
from emoclf.export import argilla_folder, datasets_folder, label_studio_folder
from emoclf.export.exported_tweets import ExportedTweet
from emoclf.export.licences import Licence
from emoclf.files import rows

TableWriter = Callable[[Path, Iterable[Mapping[str, Any]], Sequence[str], Mapping[str, type]], int]
FolderWriter = Callable[[Path, Iterable[ExportedTweet], Sequence[Licence]], int]


@dataclass(frozen=True)
class ExportFormat:
    """One format; exactly one of the two functions is given. Both return the number of rows."""

    name: str  # of the option --for
    label: str  # on the page
    ending: str = ""  # of the file; empty for a folder
    write_table: TableWriter | None = None
    write_folder: FolderWriter | None = None  # into an empty folder, with the licences of the models to credit
    has_models: bool = False  # whether the folder has the labels of models

    @property
    def is_folder(self) -> bool:
        """Whether the format is a folder of files."""
        return self.write_folder is not None


FORMATS: Mapping[str, ExportFormat] = {
    one.name: one
    for one in (
        ExportFormat("csv", "CSV", ".csv", write_table=rows.write),
        ExportFormat(
            "spreadsheet",
            "CSV for spreadsheets",
            ".csv",
            write_table=partial(rows.write, for_spreadsheet=True),
        ),
        ExportFormat("jsonl", "JSON Lines", ".jsonl", write_table=rows.write),
        ExportFormat("parquet", "Parquet", ".parquet", write_table=rows.write),
        ExportFormat("datasets", "Hugging Face datasets", write_folder=datasets_folder.write),
        ExportFormat("label-studio", "Label Studio", write_folder=label_studio_folder.write, has_models=True),
        ExportFormat("argilla", "Argilla", write_folder=argilla_folder.write, has_models=True),
    )
}


def format_of(path: Path, name: str | None = None) -> ExportFormat:
    """Return the format with this name, or by default the one that the ending of `path` names.

    Raises
    ------
    SettingError : if there is no such format, or the file's name has the ending of another one

    >>> format_of(Path("a.csv")).name, format_of(Path("a.csv"), "spreadsheet").name
    ('csv', 'spreadsheet')
    """
    if name is None:
        ending = path.suffix.lower()
        found = next((one for one in FORMATS.values() if one.ending == ending and ending), None)
        if found is None:
            endings = " ".join(dict.fromkeys(one.ending for one in FORMATS.values() if one.ending))
            folders = ", ".join(one.name for one in FORMATS.values() if one.is_folder)
            raise SettingError(
                f"{path.name}: the name must end in one of {endings} to tell the format, or --for must name one for "
                f"another program: {folders}"
            )
        return found
    if name not in FORMATS:
        raise SettingError(f"there is no format {name!r}; choose one of {', '.join(FORMATS)}")
    found = FORMATS[name]
    if found.ending and path.suffix.lower() != found.ending:
        raise SettingError(f"{path.name}: a file for {name} ends in {found.ending}")
    return found
