"""Two real servers, started here: llama.cpp and `transformers serve`."""

import os
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from emoclf.engines import Engine, open_engine
from emoclf.errors import EngineError
from emoclf.labels import EMOTIONS
from emoclf.prompts import is_yes_no
from tests.browser import free_port
from tests.tiny_qwen import save_tiny_qwen

HERE = Path(__file__).parent
GLAD = "Best birthday ever, I can't stop smiling!! 😄🎉"


@contextmanager
def llama(gguf: Path) -> Iterator[str]:
    """The URI of the only model of a llama.cpp server."""
    command = [sys.executable, str(HERE / "llama_server.py"), str(gguf)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:
        assert server.stdout
        yield f"openai:{server.stdout.readline().strip()}/v1"
        server.kill()


@contextmanager
def transformers_serve(folder: Path, log: Path) -> Iterator[str]:
    """The URI of a checkpoint folder that `transformers serve` serves."""
    if find_spec("fastapi") is None:
        pytest.skip("transformers[serving] is not installed; it is in requirements-dev.txt")
    port = str(free_port())
    command = [sys.executable, "-m", "transformers.cli.transformers", "serve", str(folder), "--port", port]
    env = {**os.environ, "HF_HOME": str(log.parent), "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "2"}
    with log.open("wb") as output, subprocess.Popen(command, env=env, stdout=output, stderr=output) as server:
        wait_for(f"http://localhost:{port}/health", server, log)
        yield f"openai:http://localhost:{port}/v1#{folder}"
        server.kill()


def wait_for(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    """Ask until a server answers, for two minutes at the most."""
    pause = threading.Event()
    for _ in range(1200):
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except OSError:
            assert server.poll() is None, log.read_text()
            pause.wait(0.1)
    raise AssertionError(log.read_text())


def answer(engine: Engine) -> dict[str, float]:
    """What an engine says of one glad tweet, by emotion."""
    [result] = engine.score([GLAD])
    assert isinstance(result, np.ndarray), result
    return dict(zip(EMOTIONS.names, result, strict=True))


@pytest.mark.real_model
def test_a_llama_server_answers_by_schema_and_with_probabilities(qwen: Path) -> None:
    pytest.importorskip("xllamacpp", reason="xllamacpp is not installed; it is in requirements-dev.txt")
    gguf = qwen.with_name(f"{qwen.name}-q4_k_m.gguf")
    if not gguf.is_file():
        pytest.skip(f"no {gguf.name} beside the Qwen folder")
    with llama(gguf) as uri:
        engine = open_engine(uri)
        said = answer(engine)
    assert not is_yes_no(engine.prompt_version)
    assert said["joy"] > said["anger"]
    assert len({round(p, 4) for p in said.values()}) > 5


@pytest.mark.real_model
def test_transformers_serve_answers_yes_or_no(qwen: Path, tmp_path: Path) -> None:
    with transformers_serve(qwen, tmp_path / "log") as uri:
        engine = open_engine(uri)
        said = answer(engine)
    assert is_yes_no(engine.prompt_version)
    assert set(said.values()) <= {0.0, 1.0}


def test_a_model_that_writes_nonsense_is_found_out_before_the_first_tweet(tmp_path: Path) -> None:
    folder = save_tiny_qwen(tmp_path / "tiny-qwen")
    with (
        transformers_serve(folder, tmp_path / "log") as uri,
        pytest.raises(EngineError, match="tiny-qwen does not give eleven answers: the reply answers anger not"),
    ):
        open_engine(uri)
