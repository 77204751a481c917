"""
Public functions that read a file of tweets and clean a text.
"""

from os import PathLike
from pathlib import Path

from emoclf.files import tweet_files
from emoclf.files.tweet_files import DataFile
from emoclf.text import cleaning


def read_tweets(path: str | PathLike[str], split: str | None = None) -> DataFile:
    """Read a file of labelled tweets.

    The file name's ending tells the format: `.txt` and `.tsv` (tab-separated), `.csv`, `.jsonl` or `.parquet`. The file
    needs a column `Tweet` (or `text`) and one column of 0 and 1 for each of the eleven emotions, in any order. `ID` and
    `split` are optional; all other columns are kept in `Tweet.metadata`. A row that cannot be read is reported in
    `DataFile.rejects`; the other rows are still read.

    Parameters
    ----------
    path : the file
    split : "train", "dev" or "test", for every tweet; None takes each row's own column `split`, or else the word "dev"
        or "test" in the file's name, or else "train"

    Returns
    -------
    A `DataFile` with the lists `tweets` and `rejects`.

    Raises
    ------
    DataFileError : if the file as a whole is not a file of tweets

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
    return tweet_files.read_tweets(Path(path), split)


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
