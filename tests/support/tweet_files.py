"""Creates rows of tweet files, and files of such rows in every format."""

from pathlib import Path

from emoclf.files import rows
from emoclf.labels import EMOTIONS

HEADER = ["ID", "Tweet", *EMOTIONS.names]


def record(text: str = "what a day", labels: str = "joy", key: str = "a1", **more: object) -> dict[str, object]:
    """One row of a tweet file with 0 or 1 per emotion."""
    return {"ID": key, "Tweet": text, **{name: int(name in labels.split()) for name in EMOTIONS.names}, **more}


def write(path: Path, *records: dict[str, object], header: list[str] | None = None) -> Path:
    """Write the rows in the format of the file name; return the path."""
    header = header or list(records[0])
    if path.suffix in (".txt", ".tsv"):
        lines = ["\t".join(header)] + ["\t".join(str(one[name]) for name in header) for one in records]
        path.write_text("\r\n".join(lines) + "\r\n", encoding="utf-8", newline="")
    else:
        rows.write(path, records, header)
    return path
