"""Tests of model URIs: models are found, or the error says what was looked for, where, and what would help."""

import hashlib
import http.server
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from emoclf.errors import ModelError
from emoclf.hub import uris
from emoclf.hub.uris import locate
from tests.support.paths import ROOT

FILES = {"config.json": b"{}", "model.safetensors": b"weights", "pytorch_model.bin": b"a pickle", "run.py": b"code"}
REVISION = "a" * 40


class Hub(http.server.BaseHTTPRequestHandler):
    """As much of the hub as a download asks for: the list of a model's files, and the files."""

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def _answer(self, with_body: bool) -> None:
        name = self.path.rpartition("/")[2]
        if self.path.startswith("/api/models/someone/small/revision/"):
            files = [{"rfilename": file} for file in FILES]
            self._send(json.dumps({"id": "someone/small", "sha": REVISION, "siblings": files}).encode(), with_body)
        elif self.path.startswith(f"/api/models/someone/small/tree/{REVISION}"):
            tree = [{"type": "file", "path": file, "size": len(body), "oid": "0" * 40} for file, body in FILES.items()]
            self._send(json.dumps(tree).encode(), with_body)
        elif self.path.startswith("/someone/small/resolve/") and name in FILES:
            self._send(FILES[name], with_body)
        else:
            self.send_error(404)

    def _send(self, body: bytes, with_body: bool) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("ETag", f'"{hashlib.sha256(body).hexdigest()}"')
        self.send_header("X-Repo-Commit", REVISION)
        self.end_headers()
        if with_body:
            self.wfile.write(body)

    def log_message(self, *_args: object) -> None: ...


@pytest.fixture
def hub() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def located(uri: str, home: Path, **env: str) -> str:
    """What `locate` answers in a process whose hub and cache are these: a folder, or the sentence of its error."""
    code = (
        "import sys; from emoclf.hub.uris import locate; from emoclf.errors import ModelError\n"
        "try: print(locate(sys.argv[1]))\n"
        "except ModelError as error: print(error)"
    )
    env = {**os.environ, "HF_HOME": str(home), "HF_HUB_DISABLE_XET": "1", **env}
    done = subprocess.run([sys.executable, "-c", code, uri], cwd=ROOT, env=env, capture_output=True, text=True)
    return done.stdout.strip()


def test_the_packaged_encoder_is_found_and_its_weights_have_the_published_hash() -> None:
    weights = locate("packaged:all-MiniLM-L6-v2") / "model.safetensors"
    assert hashlib.sha256(weights.read_bytes()).hexdigest().startswith("53aa5117")


def test_packaged_weights_with_another_hash_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    real = uris.PACKAGED["all-MiniLM-L6-v2"]
    monkeypatch.setitem(uris.PACKAGED, "all-MiniLM-L6-v2", uris.PackagedModel(real.package, real.folder, "0" * 64))
    with pytest.raises(ModelError, match=r"has SHA-256 53aa.*expected 0000"):
        locate("packaged:all-MiniLM-L6-v2")


def test_a_hub_model_is_downloaded_once_and_then_found_offline(hub: str, tmp_path: Path) -> None:
    online = located("hf:someone/small", tmp_path, HF_ENDPOINT=hub)
    assert sorted(file.name for file in Path(online).iterdir()) == ["config.json", "model.safetensors"]
    assert located("hf:someone/small", tmp_path, HF_HUB_OFFLINE="1") == online


def test_pickles_and_code_are_never_downloaded(hub: str, tmp_path: Path) -> None:
    located("hf:someone/small", tmp_path, HF_ENDPOINT=hub)
    assert not [*tmp_path.rglob("*.bin"), *tmp_path.rglob("*.py")]


@pytest.mark.parametrize(
    "env", [{"HF_HUB_OFFLINE": "1"}, {"HF_ENDPOINT": "http://127.0.0.1:9"}], ids=["offline", "dead"]
)
def test_a_missing_hub_model_gives_an_error_with_the_cache_and_a_remedy(tmp_path: Path, env: dict[str, str]) -> None:
    message = located("hf:someone/small", tmp_path, **env)
    assert message.startswith(f"hf:someone/small is neither in the cache {tmp_path}/hub nor reachable on the hub")
    assert message.endswith("pass dir:/path to a folder that holds it")
    assert "\n" not in message


def test_a_model_that_is_not_on_the_hub_gives_a_clear_error(hub: str, tmp_path: Path) -> None:
    assert "hf:someone/else is neither in the cache" in located("hf:someone/else", tmp_path, HF_ENDPOINT=hub)


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        (None, "there is no folder"),
        ([], "has no config.json"),
        (["config.json"], r"has no \*\.safetensors weights"),
        (["config.json", "pytorch_model.bin"], r"has no \*\.safetensors weights"),
    ],
)
def test_a_folder_without_a_checkpoint_gives_a_clear_error(
    tmp_path: Path, files: list[str] | None, sentence: str
) -> None:
    folder = tmp_path / "model"
    if files is not None:
        folder.mkdir()
        for name in files:
            (folder / name).write_bytes(FILES[name])
    with pytest.raises(ModelError, match=sentence):
        locate(f"dir:{folder}")


@pytest.mark.parametrize("uri", ["bert-base-uncased", "ftp:model", "hf:", "packaged:gpt", "openai:http://x#y"])
def test_a_uri_that_names_no_checkpoint_is_refused(uri: str) -> None:
    with pytest.raises(ModelError):
        locate(uri)
