"""Generates damaged and odd data files from seeds: every format, with bytes changed or values replaced."""

import csv
import gzip
import io
import json
import random
import zipfile
from collections.abc import Callable, Sequence
from typing import Any
from xml.sax.saxutils import escape

import pyarrow
import pyarrow.parquet

from emoclf.labels import EMOTIONS

Rows = list[dict[str, Any]]
SHEETS = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"
ODD: list[Any] = [
    *(
        None,
        "",
        " ",
        "\0",
        "\ud83d",
        "\udc80",
        "nan",
        "-1",
        -1,
        2,
        0.5,
        1e308,
        10**30,
        True,
        "1e999",
        "9" * 5000,
        "=1+1",
    ),
    *([], {}, [[]], [None], [0, 3, "joy"], {"joy": 2}, {"choices": ["joy"]}, {"choices": None}, ["joy", "x"], [1.5]),
    *('"', '""', '"a\nb', "a,b\tc;d|e", "joy|love", "[", "{", "[1, ", "{'a'", "joy\u0301", "x" * 20_000, "1.29E+18"),
    *("sep=;", "\ufeff", "\u2028", "\x1a", "train", "validation", "synthetic", float("inf"), float("nan")),
]
NAMES = [
    *(
        "ID",
        "id",
        "Tweet",
        "text",
        "labels",
        "label",
        "emotion",
        "split",
        "origin",
        "label_origin",
        "rater_id",
        "joy",
        "",
    ),
    *(
        "data",
        "annotations",
        "fields",
        "responses",
        "suggestions",
        "metadata",
        "annotation_id",
        "annotator",
        "x.responses",
    ),
    *(
        "x.suggestion",
        "x-suggestion",
        "x.responses.users",
        "_server_id",
        "\ud83d",
        "a\0b",
        "anger",
        "key",
        "\n",
        "![x](y)",
    ),
]


def _plain(draw: random.Random) -> Rows:
    rows = []
    for n in range(draw.randint(1, 8)):
        on = {name: draw.choice([0, 1]) for name in EMOTIONS.names}
        rows.append({"ID": f"a{n}", "Tweet": f"day {n} so happy", **on, "lang": "en"})
    return rows


def _lists(draw: random.Random) -> Rows:
    cells: list[Any] = [["joy"], ["joy", "trust"], [4, 6], [0] * 11, "joy, trust", "3"]
    return [{"text": f"day {n} so happy", "labels": draw.choice(cells)} for n in range(draw.randint(1, 8))]


def _tasks(draw: random.Random) -> Rows:
    def result() -> dict[str, Any]:
        return {"type": "choices", "from_name": "e", "value": {"choices": draw.sample(EMOTIONS.names, 2)}}

    def answers() -> list[Any]:
        return [{"completed_by": n, "result": [result()], "score": 0.7} for n in range(draw.randint(0, 3))]

    return [
        {"id": n, "data": {"text": f"day {n} so happy"}, "annotations": answers(), "predictions": answers()}
        for n in range(draw.randint(1, 5))
    ]


def _records(draw: random.Random) -> Rows:
    return [
        {
            "id": f"r{n}",
            "text": f"day {n} so happy",
            "e.responses": [draw.sample(EMOTIONS.names, 2) for _ in range(draw.randint(0, 3))],
            "e.responses.users": ["u1", "u2"],
            "e.responses.status": ["submitted"] * 3,
            "e.suggestion": draw.sample(EMOTIONS.names, 2),
            "e.suggestion.score": [0.9, 0.8],
            "e.suggestion.agent": "m",
        }
        for n in range(draw.randint(1, 5))
    ]


KINDS: tuple[Callable[[random.Random], Rows], ...] = (_plain, _lists, _tasks, _records)


def _mutated(value: Any, draw: random.Random, chance: float) -> Any:
    """Return a value with parts of it, at any depth, replaced by odd ones."""
    if draw.random() < chance:
        return draw.choice(ODD)
    if isinstance(value, dict):
        named = {name if draw.random() > chance else draw.choice(NAMES): one for name, one in value.items()}
        return {name: _mutated(one, draw, chance) for name, one in named.items() if draw.random() > chance}
    if isinstance(value, list):
        return [_mutated(one, draw, chance) for one in value] * draw.choice([1] * 9 + [2])
    return value


def _header(rows: Sequence[Any]) -> list[str]:
    return list(dict.fromkeys(name for row in rows if isinstance(row, dict) for name in row))


def _separated(rows: Sequence[Any], draw: random.Random) -> bytes:
    file, header = io.StringIO(), _header(rows)
    style = {"quoting": csv.QUOTE_NONE, "quotechar": None, "escapechar": "\\"} if draw.random() < 0.3 else {}
    writer = csv.writer(file, delimiter=draw.choice(",\t;|"), **style)  # type: ignore[arg-type]
    writer.writerow(header if any(header) else ["-"])
    for row in rows:
        cells = list(row.values()) if isinstance(row, dict) and draw.random() < 0.1 else []
        cells = cells or [row.get(name, "") if isinstance(row, dict) else row for name in header]
        writer.writerow(
            [*cells, "-"] if len(cells) < 2 else cells
        )  # csv cannot write a single blank cell without quotes
    encoding = draw.choice(["utf-8", "utf-8", "utf-8-sig", "utf-16", "cp1252"])
    return file.getvalue().encode(encoding, errors="surrogatepass" if encoding.startswith("utf") else "replace")


def _json(rows: Sequence[Any], draw: random.Random) -> bytes:
    if draw.random() < 0.5:
        return "\n".join(map(json.dumps, rows)).encode()
    return json.dumps(rows, indent=draw.choice([None, 1])).encode()


def _parquet(rows: Sequence[Any], draw: random.Random) -> bytes:
    file = io.BytesIO()
    try:
        pyarrow.parquet.write_table(pyarrow.Table.from_pylist([row for row in rows if isinstance(row, dict)]), file)
    except (pyarrow.ArrowException, ValueError, TypeError, OverflowError):  # values that Parquet cannot hold
        return _parquet([{"text": str(row).encode("ascii", "replace").decode()} for row in rows], draw)
    return file.getvalue()


def workbook(cells: Sequence[tuple[str, str]]) -> bytes:
    """Return a workbook with these texts in the cells of these references, such as "B2"."""
    rows: dict[str, str] = {}
    for reference, text in cells:
        row = reference.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
        kept = "".join(sign for sign in text if sign.isprintable())
        rows[row] = rows.get(row, "") + f'<c r="{reference}" t="inlineStr"><is><t>{escape(kept)}</t></is></c>'
    data = "".join(f'<row r="{row}">{inside}</row>' for row, inside in rows.items())
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" ContentType='
        '"application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{TYPES}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{TYPES}.worksheet+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{SHEETS}" xmlns:r="{RELATIONS}"><sheets>'
        '<sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{SHEETS}"><sheetData>{data}</sheetData></worksheet>',
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content.encode("utf-8", "replace"))
    return file.getvalue()


def _workbook(rows: Sequence[Any], draw: random.Random) -> bytes:
    header = _header(rows)[:26]
    lines = [
        header,
        *([str(row.get(name, "")) if isinstance(row, dict) else str(row) for name in header] for row in rows),
    ]
    cells = [(f"{chr(65 + n)}{line}", cell) for line, one in enumerate(lines, start=1) for n, cell in enumerate(one)]
    return workbook(cells)


FORMATS: dict[str, Callable[[Sequence[Any], random.Random], bytes]] = {
    "csv": _separated,
    "tsv": _separated,
    "txt": _separated,
    "json": _json,
    "jsonl": _json,
    "parquet": _parquet,
    "xlsx": _workbook,
}


def _damaged(data: bytes, draw: random.Random) -> bytes:
    """Return bytes with some of them changed, inserted, cut off or said twice."""
    changed = bytearray(data)
    for _ in range(draw.randint(1, 6)):
        at = draw.randrange(len(changed) + 1)
        size = draw.choice([1, 1, 4, 50])
        match draw.randrange(4):
            case 0:
                changed[at : at + size] = draw.randbytes(size)
            case 1:
                changed[at:at] = draw.choice(
                    [b"\0", b'"', b"\n", b"\r", b"\t", b",", b"[", b"{", b"\xff", b"\xed\xa0\xbd"]
                )
            case 2:
                del changed[at : at + size]
            case _:
                changed[at:at] = changed[at : at + size]
    return bytes(changed[: draw.randrange(len(changed) + 1)] if draw.random() < 0.15 else changed)


def odd_file(seed: int) -> tuple[str, bytes]:
    """Return the name and the content of an odd file."""
    draw = random.Random(seed)
    rows = draw.choice(KINDS)(draw)
    if draw.random() < 0.7:
        rows = [_mutated(row, draw, draw.choice([0.01, 0.05, 0.3])) for row in rows]
    ending = draw.choice(list(FORMATS))
    data = FORMATS[ending](rows, draw)
    if draw.random() < 0.5:
        data = _damaged(data, draw)
    if draw.random() < 0.1 and ending not in ("parquet", "xlsx"):
        return f"a.{ending}.gz", gzip.compress(data) if draw.random() < 0.7 else _damaged(gzip.compress(data), draw)
    return f"a.{draw.choice([*FORMATS, *[ending] * 30])}", data
