"""Tests with two real servers, llama.cpp and `transformers serve`."""

import os
import signal
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from emoclf.errors import EngineError
from emoclf.labels import EMOTIONS
from emoclf.llm import answer_form
from emoclf.llm.answer_form import FORMATS, agree_on_form
from emoclf.llm.remote_model import RemoteChatModel, open_server
from tests.support.browser import free_port
from tests.support.paths import ROOT
from tests.support.timeouts import TIMEOUT_SECONDS
from tests.support.tiny_qwen import save_tiny_qwen

pytestmark = pytest.mark.real_model
START_SECONDS = 120
GLAD = "Best birthday ever, I can't stop smiling!! 😄🎉"


@contextmanager
def process(command: list[str], **settings: Any) -> Iterator[subprocess.Popen[bytes]]:
    """A program in a process group of its own, all of which is ended when the block is left, however it is left."""
    with subprocess.Popen([sys.executable, *command], start_new_session=True, **settings) as started:
        try:
            yield started
        finally:
            os.killpg(started.pid, signal.SIGKILL)


@contextmanager
def llama(gguf: Path) -> Iterator[str]:
    """The URI of the only model of a llama.cpp server."""
    command = [str(ROOT / "tests" / "support" / "llama_server.py"), str(gguf)]
    pipe = subprocess.PIPE
    with process(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL) as server:
        assert server.stdout
        deadline = threading.Timer(START_SECONDS, server.kill)  # or the line below would wait for ever
        deadline.start()
        address = server.stdout.readline().decode().strip()
        deadline.cancel()
        assert address, f"the llama.cpp server gave no address within {START_SECONDS} seconds"
        yield f"openai:{address}/v1"


@pytest.fixture(scope="module")
def transformers_serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URI of a `transformers serve`, which loads any checkpoint folder that it is asked for behind the #."""
    if find_spec("fastapi") is None:
        pytest.skip("transformers[serving] is not installed; it is in requirements-dev.txt")
    folder, port = tmp_path_factory.mktemp("serve"), str(free_port())
    # One thread: where another program takes a core, two threads wait for one another at every layer.
    env = {**os.environ, "HF_HOME": str(folder), "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    command = ["-m", "transformers.cli.transformers", "serve", "--port", port]
    log = folder / "log"
    with log.open("wb") as output, process(command, env=env, stdout=output, stderr=output) as server:
        wait_for(f"http://localhost:{port}/health", server, log)
        yield f"openai:http://localhost:{port}/v1"


def wait_for(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    """Ask until a server answers."""
    pause = threading.Event()
    for _ in range(10 * TIMEOUT_SECONDS):
        try:
            urllib.request.urlopen(url, timeout=TIMEOUT_SECONDS).close()
            return
        except OSError:
            assert server.poll() is None, log.read_text()
            pause.wait(0.1)
    raise AssertionError(log.read_text())


def test_a_llama_server_answers_by_schema_and_with_probabilities(qwen: Path) -> None:
    pytest.importorskip("xllamacpp", reason="xllamacpp is not installed; it is in requirements-dev.txt")
    gguf = qwen.with_name(f"{qwen.name}-q4_k_m.gguf")
    if not gguf.is_file():
        pytest.skip(f"no {gguf.name} beside the Qwen folder")
    with llama(gguf) as uri:
        model = RemoteChatModel(open_server(uri))
        [probabilities] = model.score([GLAD])
    found = dict(zip(EMOTIONS.names, probabilities, strict=True))
    assert model.form.graded
    assert model.form.fields["response_format"] == FORMATS[0]["response_format"]
    assert found["joy"] > found["anger"]
    assert len({round(p, 4) for p in found.values()}) > 5


def test_transformers_serve_gives_eleven_answers_without_probabilities(transformers_serve: str, qwen: Path) -> None:
    form = agree_on_form(open_server(f"{transformers_serve}#{qwen}"))  # raises unless all eleven are answered
    assert not form.graded


def test_a_model_that_writes_nonsense_is_refused_before_the_first_tweet(
    transformers_serve: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = save_tiny_qwen(tmp_path / "tiny-qwen")
    monkeypatch.setattr(answer_form, "MAX_TOKENS", 40)  # it would go on for ever
    with pytest.raises(EngineError, match="tiny-qwen does not give eleven answers: the reply answers anger not"):
        agree_on_form(open_server(f"{transformers_serve}#{folder}"))
