"""
Public functions that read a file of tweets and clean a text.
"""

from collections.abc import Sequence
from os import PathLike
from pathlib import Path

from emoclf.files import tweet_files
from emoclf.files.reading import Reading
from emoclf.files.tweet_files import DataFile
from emoclf.text import cleaning


def read_tweets(
    path: str | PathLike[str],
    split: str | None = None,
    *,
    labels_as: str | None = None,
    first_number: int | None = None,
    blank_is_0: bool = False,
    encoding: str | None = None,
    unlabelled: bool = False,
    raters: str | None = None,
    emotions: Sequence[str] = (),
    confirm: bool = False,
) -> DataFile:
    """Read a file of tweets.

    The file name's ending tells the format: `.txt`, `.tsv` and `.csv` (separated text), `.jsonl` and `.json`,
    `.parquet` or `.xlsx`; a text file may be compressed (`.gz`). The delimiter, the quotes and the encoding of a text
    file are found out. The file needs a column `Tweet` (or `text`) and one column of 0 and 1 for each of the eleven
    emotions, in any order, or one column `labels` (or `label`, `emotions`, `emotion`) with their names. `ID` and
    `split` are optional; all other columns are kept in `Tweet.metadata`. A row that cannot be read is reported in
    `DataFile.rejects`; the other rows are still read. `DataFile.notes` says how the file was read. Exports of Label
    Studio, Argilla and doccano are read too; `DataFile.suggestions` has what models suggested there.

    Parameters
    ----------
    path : the file
    split : "train", "dev" or "test", for every tweet; None takes each row's own column `split`, or else a word in the
        file's name, such as "dev", "validation" or "test", or else "train"
    labels_as : how a column of labels is read: "names", "numbers" or "multi-hot"; None: as the file shows
    first_number : the number of the first emotion, 0 or 1, for numeric labels; None: as the numbers show
    blank_is_0 : read blank label cells as 0 instead of rejecting their rows
    encoding : the encoding of a text file; None: as its bytes show
    unlabelled : read tweets without labels, with `Tweet.original` None: a file without columns of labels, and rows
        whose labels are all blank. NONE in all eleven columns, as in the published E-c test file, says so by itself
    raters : where several rows have the same tweet with different labels: "majority" makes one tweet with the labels of
        more than half of them, "first" reads the first row and rejects the others
    emotions : what label numbers and multi-hot lists stand for, in order; empty: the eleven emotions
    confirm : read the file although its label numbers end before the last of the eleven emotions

    Returns
    -------
    A `DataFile` with the lists `tweets` and `rejects`.

    Raises
    ------
    DataFileError : if the file as a whole is not a file of tweets
    SettingError : if the file can be read in several ways, and one of the parameters must say which

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> import emoclf
    >>> header = ["ID", "Tweet", *emoclf.EMOTIONS.names]
    >>> row = ["1", "so happy today!!", *("1" if name == "joy" else "0" for name in emoclf.EMOTIONS.names)]
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "tweets.csv")
    ...     written = file.write_text(",".join(header) + "\\n" + ",".join(row))
    ...     tweets = emoclf.read_tweets(file).tweets
    >>> tweets[0].text, tweets[0].original, tweets[0].split
    ('so happy today!!', frozenset({'joy'}), 'train')
    """
    reading = Reading(
        labels_as,
        first_number,
        blank_is_0,
        encoding,
        confirm,
        unlabelled,
        raters=raters,
        label_names=tuple(name.strip().lower() for name in emotions),
    )
    return tweet_files.read_tweets(Path(path), split, reading)


def clean(text: str) -> str:
    """Clean a tweet: no links, mentions, numbers or special characters; emoji and hashtags as words; lower case.

    `train` and `predict` prepare texts themselves; give them tweets as they were written.

    Parameters
    ----------
    text : a tweet as it was written

    Returns
    -------
    The cleaned text.

    Examples
    --------
    >>> import emoclf
    >>> emoclf.clean("@ana I’m SO happy 😂 #BestDay https://t.co/abc")
    'i am so happy face with tears of joy best day'
    """
    return cleaning.clean(text)
