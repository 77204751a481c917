"""Tests of downloads from TensorFlow Hub: known hosts only, and archives of files only; without a network."""

import io
import tarfile
import urllib.request
from pathlib import Path
from typing import IO

import pytest

from emoclf.errors import ModelError
from emoclf.hub import downloads, handles
from emoclf.hub.downloads import check_host, unpack

BERT = "https://tfhub.dev/tensorflow/bert_en_uncased_L-12_H-768_A-12/4"
FILES = {"saved_model.pb": b"graph", "variables/variables.index": b"i", "variables/variables.data-00000-of-00001": b"d"}


def member(name: str, kind: bytes = tarfile.REGTYPE, size: int = 0) -> tarfile.TarInfo:
    found = tarfile.TarInfo(name)
    found.type, found.size, found.linkname = kind, size, "/etc/passwd"
    return found


def archive(*members: tarfile.TarInfo) -> IO[bytes]:
    """A compressed archive with these members, whose files contain zeros."""
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w:gz") as file:
        for one in members:
            file.addfile(one, io.BytesIO(bytes(one.size)))
    return io.BytesIO(written.getvalue())


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """The addresses that were asked; each is answered with the archive of a model."""
    monkeypatch.setenv("TFHUB_CACHE_DIR", str(tmp_path / "cache"))
    found: list[str] = []

    def answer(url: str) -> IO[bytes]:
        found.append(url)
        return archive(member("./", tarfile.DIRTYPE), *(member(name, size=len(FILES[name])) for name in FILES))

    monkeypatch.setattr(downloads, "opened", answer)
    return found


def test_a_published_model_is_downloaded_once_into_the_cache_of_tensorflow_hub(asked: list[str]) -> None:
    folder = handles.resolve(BERT)
    assert folder == handles.cached(BERT) == handles.resolve(BERT)
    assert asked == [f"{BERT}?tf-hub-format=compressed"]
    assert {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} == FILES.keys()
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


@pytest.mark.parametrize(
    "handle",
    [
        "http://tfhub.dev/a/1",
        "https://tfhub.dev.evil.example/a/1",
        "https://tfhub.dev@evil.example/a/1",
        "https://tfhub.dev:8443/a/1",
        "https://storage.googleapis.com/anyone/model.tar.gz",
        "https://192.168.0.1/a/1",
    ],
)
def test_an_address_of_another_host_or_without_encryption_is_never_asked(asked: list[str], handle: str) -> None:
    with pytest.raises(
        ModelError, match=r"models are downloaded only with https from kaggle\.com, .*EMOCLF_TFHUB_HOSTS"
    ):
        handles.resolve(handle)
    assert asked == []


def test_the_owner_may_add_hosts(asked: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMOCLF_TFHUB_HOSTS", "models.example:8443, Mirror.example")
    for handle in ("https://models.example:8443/a/1", "https://mirror.example/a/1"):
        assert handles.resolve(handle).is_dir()
    assert len(asked) == 2


def test_a_redirect_is_followed_to_known_storage_only() -> None:
    check_host("https://storage.googleapis.com/kaggle-models-data/1", is_redirect=True)
    request, redirects = urllib.request.Request(BERT), downloads._Redirects()
    for url in ("https://evil.example/a", "http://www.kaggle.com/a", "file:///etc/passwd", "https://127.0.0.1/a"):
        with pytest.raises(ModelError, match="the address of the model was redirected to"):
            redirects.redirect_request(request, None, 302, "Found", {}, url)


@pytest.mark.parametrize(
    "harmful",
    [
        member("../outside"),
        member("/etc/outside"),
        member("a/../../outside"),
        member("C:\\outside"),
        member("link", tarfile.SYMTYPE),
        member("link", tarfile.LNKTYPE),
        member("device", tarfile.CHRTYPE),
        member("pipe", tarfile.FIFOTYPE),
    ],
    ids=lambda one: f"{one.name} of type {one.type.decode()}",
)
def test_an_archive_with_a_link_a_device_or_a_path_outside_is_refused(tmp_path: Path, harmful: tarfile.TarInfo) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    with pytest.raises(ModelError, match=r"the archive of x contains .*, so it is not unpacked"):
        unpack(archive(member("file"), harmful), folder, "x")
    assert [path.name for path in tmp_path.rglob("*")] == ["folder", "file"]


def test_an_archive_with_too_many_or_too_large_files_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(downloads, "MOST_BYTES", 100)
    monkeypatch.setattr(downloads, "MOST_MEMBERS", 3)
    for number, members in enumerate(([member("a", size=101)], [member(str(n)) for n in range(4)])):
        (tmp_path / str(number)).mkdir()
        with pytest.raises(ModelError, match="has more than 3 files or"):
            unpack(archive(*members), tmp_path / str(number), "x")
    assert not (tmp_path / "0" / "a").exists()


def test_a_member_with_a_name_of_megabytes_and_a_damaged_archive_are_refused_in_words(
    asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for answer in (
        archive(member("a" * 2_000_000)),
        io.BytesIO(b"<html>"),
        io.BytesIO(archive(member("a")).read()[:20]),
    ):
        monkeypatch.setattr(downloads, "opened", lambda url, answer=answer: answer)
        with pytest.raises(ModelError, match=r"is neither in the cache folder .* nor can it be downloaded"):
            handles.resolve(BERT)
        assert not handles.cached(BERT).exists()
