"""
Downloads SavedModels from TensorFlow Hub and Kaggle into the cache of TensorFlow Hub.

Only https addresses of known hosts are asked, also after a redirect. The archive that arrives is unpacked as it comes,
file by file: a member outside the folder, a link or a device is refused, and the bytes and members are limited. The
cache folder appears only when it is complete.
"""

import shutil
import tarfile
import urllib.error
import urllib.request
import uuid
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path, PurePosixPath
from typing import IO, Any
from urllib.parse import urlsplit

from emoclf import environment
from emoclf.errors import ModelError

HOSTS = frozenset(("tfhub.dev", "www.tfhub.dev", "kaggle.com", "www.kaggle.com"))
STORAGE_HOSTS = frozenset(("api.kaggle.com", "storage.googleapis.com"))  # only as the target of a redirect
COMPRESSED = "tf-hub-format=compressed"  # asks TensorFlow Hub and Kaggle for an archive in place of a page
TIMEOUT_SECONDS = 60.0
MOST_BYTES = 16 << 30  # unpacked; a BERT with 24 layers has 1.3 GB
MOST_MEMBERS = 2_000
MOST_NAME_BYTES = 1 << 16  # of a member's name and attributes, which tarfile reads as a whole
FAULTS = (OSError, HTTPException, tarfile.TarError, zlib.error, EOFError, ValueError)


def download(handle: str, folder: Path) -> None:
    """Download the model with this address into `folder`, a new folder.

    Raises
    ------
    ModelError : if the host is not known, or the archive contains more than files of limited size
    OSError, HTTPException, TarError, zlib.error, EOFError, ValueError : see `FAULTS`; if it cannot be downloaded
    """
    check_host(handle)
    unfinished = folder.with_name(f".{folder.name}.{uuid.uuid4().hex[:6]}.unfinished")
    try:
        unfinished.mkdir(parents=True)
        with opened(f"{handle}{'&' if urlsplit(handle).query else '?'}{COMPRESSED}") as answer:
            unpack(answer, unfinished, handle)
        if not folder.is_dir():  # another process may have been faster
            unfinished.rename(folder)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def check_host(url: str, is_redirect: bool = False) -> None:
    """Raise ModelError unless this address may be asked for a model.

    >>> check_host("https://tfhub.dev/google/electra_small/2")
    """
    parts, added = urlsplit(url), environment.tfhub_hosts()
    known = HOSTS | added | (STORAGE_HOSTS if is_redirect else frozenset())
    if parts.scheme != "https" or parts.netloc.lower() not in known:
        source = "was redirected to" if is_redirect else "is"
        raise ModelError(
            f"the address of the model {source} {parts.scheme}://{parts.hostname or ''}, and models are downloaded "
            f"only with https from {', '.join(sorted(HOSTS | added))}; add a host that you trust to "
            "EMOCLF_TFHUB_HOSTS, or download the model yourself and name its folder"
        )


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows a redirect only to a known host."""

    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
        check_host(newurl, is_redirect=True)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


@contextmanager
def opened(url: str) -> Iterator[IO[bytes]]:
    """Yield the body of the answer to a request for a URL."""
    with urllib.request.build_opener(_Redirects).open(url, timeout=TIMEOUT_SECONDS) as answer:
        yield answer


class _Member(tarfile.TarInfo):
    """A member whose name and attributes are short."""

    def _proc_member(self, tar: Any) -> Any:
        is_long = self.type in (tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK)
        if (is_long or self.type in (tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE)) and (
            self.size > MOST_NAME_BYTES
        ):
            raise tarfile.ReadError(f"a member's name has {self.size:,} bytes")
        return super()._proc_member(tar)  # type: ignore[misc]


def unpack(archive: IO[bytes], folder: Path, name: str) -> None:
    """Unpack a tar archive, compressed or not, into an existing folder; `name` is for error messages.

    Raises
    ------
    ModelError : if a member is no file or folder, lies outside the folder, or there are too many of them or too large
    TarError, zlib.error, EOFError : if it is damaged
    """
    left = MOST_BYTES
    with tarfile.open(fileobj=archive, mode="r|*", tarinfo=_Member) as members:
        for count, member in enumerate(members, start=1):
            left -= member.size
            if count > MOST_MEMBERS or left < 0:
                raise ModelError(
                    f"the archive of {name} has more than {MOST_MEMBERS:,} files or {MOST_BYTES / 1e9:.0f} GB; "
                    "download and unpack it yourself if you trust it, and name its folder"
                )
            target = _target(folder, member, name)
            if member.isdir():
                target.mkdir(parents=True, exist_ok=True)
            elif (content := members.extractfile(member)) is not None:
                target.parent.mkdir(parents=True, exist_ok=True)
                with target.open("xb") as file:
                    shutil.copyfileobj(content, file)


def _target(folder: Path, member: tarfile.TarInfo, name: str) -> Path:
    """Return where a member is written: below the folder."""
    path = PurePosixPath(member.name)
    is_inside = not path.is_absolute() and ".." not in path.parts and "\\" not in member.name and ":" not in member.name
    if not is_inside or not (member.isreg() or member.isdir()):
        kind = "a link or a device" if is_inside else "outside its folder"
        raise ModelError(
            f"the archive of {name} contains {member.name!r}, which is {kind}, so it is not unpacked; choose another "
            "model"
        )
    return folder / path
