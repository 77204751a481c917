"""
Decodes text files: UTF-8 with or without a byte order mark, UTF-16, and the older encodings that Excel still writes.

A file that is UTF-8 but for a few bytes stays UTF-8: those bytes become lone surrogates, and their rows are rejected.
"""

import codecs
import re

from emoclf.errors import DataFileError, SettingError

UTF_8 = "UTF-8"
MARKS = {  # byte order marks; UTF-32 first, since its mark begins with that of UTF-16
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
# Of equally plausible encodings the earlier one is taken: Windows code pages, as Excel and Notepad write them, first.
CANDIDATES = [
    *("cp1252", "cp1250", "cp1251", "cp1254", "cp1253", "cp1256", "cp1255", "cp1257"),
    *("gb18030", "cp949", "big5", "cp932", "euc_jp", "koi8_r", "mac_roman"),
]
SAMPLE = 1 << 16  # bytes with which an encoding is found out
TOLERANCE = 0.05  # difference in disorder below which two encodings are equally plausible
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f]")  # characters that no text file holds
_MULTIBYTE = re.compile(rb"[\xc3-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")


def decode(data: bytes, name: str, encoding: str | None = None) -> tuple[str, str]:
    """Return the text of a file and the name of its encoding.

    Parameters
    ----------
    name : the file's name, for messages
    encoding : the encoding that a person named, if any

    Raises
    ------
    DataFileError : if the bytes are not text
    SettingError : if there is no encoding of the given name
    """
    if encoding is not None:
        return _as_told(data, name, encoding)
    mark = next((one for one in MARKS if data.startswith(one)), b"")
    found = MARKS.get(mark) or _utf_16_without_mark(data) or "utf-8"
    try:
        text = data.decode(found)
    except UnicodeDecodeError as error:
        if mark or found != "utf-8":
            raise _not_text(name, error.object[error.start]) from error
        return _older(data, name, error)
    if found == "utf-16" and not text:
        raise _not_text(name, data[0])
    return text.lstrip("\ufeff") if mark else text, UTF_8 if found.startswith("utf-8") else found.upper()


def _as_told(data: bytes, name: str, encoding: str) -> tuple[str, str]:
    try:
        return data.decode(encoding).lstrip("\ufeff"), UTF_8 if codecs.lookup(encoding).name == "utf-8" else encoding
    except LookupError as error:
        raise SettingError(f"there is no encoding {encoding!r}; try utf-8, cp1252 or utf-16") from error
    except UnicodeError as error:
        raise DataFileError(f"{name} is not {encoding} text; leave the encoding open, or name another") from error


def _utf_16_without_mark(data: bytes) -> str:
    """Return the encoding of UTF-16 without a byte order mark, which shows in many zero bytes at every other place."""
    head = data[:1000]
    for start, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        zeros, others = head[start::2].count(0), head[1 - start :: 2].count(0)
        if len(head) >= 20 and zeros > 0.4 * len(head) / 2 and others == 0:
            return encoding
    return ""


def _older(data: bytes, name: str, error: UnicodeDecodeError) -> tuple[str, str]:
    """Decode bytes that are not all UTF-8."""
    text = data.decode("utf-8", errors="surrogateescape")
    wrong = sum("\udc80" <= character <= "\udcff" for character in text)
    if len(_MULTIBYTE.findall(data)) > 3 * wrong:
        return text, UTF_8
    found = guess(data)
    text = data.decode(found, errors="replace").removesuffix("\x1a") if found else ""
    if not text or _CONTROL.search(text):
        raise _not_text(name, error.object[error.start]) from error
    return text, found


def guess(data: bytes) -> str:
    """Return the most plausible older encoding of a text; empty if there is none.

    >>> guess("Café… “why”".encode("cp1252")), guess("Привет, как дела сегодня".encode("cp1251"))
    ('cp1252', 'cp1251')
    """
    from charset_normalizer import from_bytes  # only few files need it

    sample = b"\n".join(line for line in data.splitlines() if not line.isascii())[:SAMPLE]
    matches = from_bytes(sample, cp_isolation=CANDIDATES, preemptive_behaviour=False)
    found = {name: one for one in matches for name in (*one.could_be_from_charset, one.encoding) if name in CANDIDATES}
    if not found:
        return ""
    least = min(one.chaos for one in found.values())

    def plausible(name: str) -> tuple[float, float, int]:
        """The order: little disorder, much likeness to a language, and a frequent encoding."""
        language = found[name].coherence - (0.1 if name == "mac_roman" else 0)
        return -((found[name].chaos - least) // TOLERANCE), language, -CANDIDATES.index(name)

    return max(found, key=plausible)


def _not_text(name: str, byte: int) -> DataFileError:
    return DataFileError(f"{name} is not UTF-8 text (byte {byte:#04x} cannot be read); save it as UTF-8")
