"""
The environment variables that emoclf reads, and the only module that reads them.

Each function takes the environment as an argument, so that a test passes a dictionary. `docs/configuration.md` is
generated from the functions and from the two tables below them.
"""

import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from emoclf.errors import ModelError, SettingError

Env = Mapping[str, str]
CURRENT: Env = os.environ  # the environment of this process
ReadFunction = TypeVar("ReadFunction", bound=Callable[..., Any])

OPENAI_KEY, OPENAI_HOST, OPENAI_SERVERS = "EMOCLF_OPENAI_KEY", "EMOCLF_OPENAI_HOST", "EMOCLF_OPENAI_SERVERS"
SERVE_OTHERS = "EMOCLF_SERVE_OTHERS"
LOG_LEVELS = ("debug", "info")


@dataclass(frozen=True)
class Variable:
    """One environment variable."""

    name: str
    default: str  # the value if the variable is not set, in words
    meaning: str


VARIABLES: list[Variable] = []  # filled by `reads`


def reads(name: str, default: str) -> Callable[[ReadFunction], ReadFunction]:
    """Register a function that reads a variable; the first paragraph of its docstring describes the variable."""

    def register(reader: ReadFunction) -> ReadFunction:
        meaning = " ".join((reader.__doc__ or "").partition("\n\n")[0].split())
        VARIABLES.append(Variable(name, default, meaning))
        return reader

    return register


@reads("EMOCLF_DB", "`sqlite:///emoclf.db`, a file in the working folder")
def database_url(env: Env = CURRENT) -> str:
    """The URL of the database that the app, the command line and the workers open, for SQLite or PostgreSQL."""
    return env.get("EMOCLF_DB", "sqlite:///emoclf.db")


@reads("EMOCLF_RUNS", "`runs` next to a SQLite file; with PostgreSQL, `runs` in the working folder")
def runs_folder(env: Env = CURRENT) -> Path | None:
    """The folder of trained classifiers, trained encoders and log files."""
    return Path(env["EMOCLF_RUNS"]) if "EMOCLF_RUNS" in env else None


@reads("EMOCLF_LOG", "`info`")
def log_level(env: Env = CURRENT) -> str:
    """The log level of the log files: `info`, or `debug`, which also logs the messages of unexpected errors. These can
    contain the text of tweets; `info` never does.

    Raises
    ------
    SettingError : if it is neither
    """
    level = env.get("EMOCLF_LOG", "info").strip().lower()
    if level not in LOG_LEVELS:
        raise SettingError(f"EMOCLF_LOG is {level!r}; set it to info or debug")
    return level


@reads("EMOCLF_THREADS", "2")
def threads(env: Env = CURRENT) -> int:
    """The number of processor threads that a language model on this machine uses; a low number keeps the pages fast.

    Raises
    ------
    ModelError : if it is not an integer of at least 1
    """
    wanted = env.get("EMOCLF_THREADS", "2")
    if not wanted.isdecimal() or int(wanted) < 1:
        raise ModelError(f"EMOCLF_THREADS is {wanted!r}; give it a whole number from 1 up")
    return int(wanted)


@reads(OPENAI_KEY, "no key")
def openai_key(env: Env = CURRENT) -> str:
    """The key of the OpenAI-compatible server that `EMOCLF_OPENAI_HOST` names. It is sent to that server only, and
    never stored or logged. For several servers, see [Keys of servers](#keys-of-servers).
    """
    return env.get(OPENAI_KEY, "").strip()


@reads(OPENAI_HOST, "no server gets the key")
def openai_host(env: Env = CURRENT) -> str:
    """The server that `EMOCLF_OPENAI_KEY` belongs to, such as `https://api.openai.com`; scheme, host and port must
    match.
    """
    return env.get(OPENAI_HOST, "").strip()


@reads(OPENAI_SERVERS, "the usual ports of this machine, and servers with a key")
def openai_servers(env: Env = CURRENT) -> list[str] | None:
    """The OpenAI-compatible servers that may be used on the pages, separated by spaces, such as
    `http://localhost:8000/v1 https://api.openai.com/v1#gpt-4o-mini`. Empty: none. The command line takes any server.
    """
    return env[OPENAI_SERVERS].split() if OPENAI_SERVERS in env else None


@reads(SERVE_OTHERS, "0")
def serves_others(env: Env = CURRENT) -> bool:
    """With 1, the app also runs where other machines can reach it. It has no login of its own: whoever reaches it can
    read, change and delete everything, so put a login and encryption in front. See [security](security.md).
    """
    return env.get(SERVE_OTHERS, "").strip() == "1"


@reads("EMOCLF_OPENAI_AT_ONCE", "8")
def openai_requests_at_once(env: Env = CURRENT) -> int:
    """The largest number of simultaneous requests to the OpenAI-compatible server, from 1 to 256.

    Raises
    ------
    ModelError : if it is not such a number
    """
    wanted = env.get("EMOCLF_OPENAI_AT_ONCE", "8")
    if not wanted.isdecimal() or not 1 <= int(wanted) <= 256:
        raise ModelError(f"EMOCLF_OPENAI_AT_ONCE is {wanted!r}; give it a whole number from 1 to 256")
    return int(wanted)


@reads("TFHUB_CACHE_DIR", "`tfhub_modules` in the folder for temporary files")
def tfhub_cache(env: Env = CURRENT) -> Path:
    """The folder in which TensorFlow Hub caches downloaded models."""
    return Path(env.get("TFHUB_CACHE_DIR") or Path(tempfile.gettempdir()) / "tfhub_modules")


@reads("EMOCLF_TFHUB_HOSTS", "none")
def tfhub_hosts(env: Env = CURRENT) -> frozenset[str]:
    """Hosts, separated by commas, from which `tfhub:` addresses may be downloaded besides tfhub.dev and kaggle.com."""
    return frozenset(host.strip().lower() for host in env.get("EMOCLF_TFHUB_HOSTS", "").split(",") if host.strip())


@reads("EMOCLF_MODEL_FOLDERS", "any folder; none if the app serves other machines")
def model_folders(env: Env = CURRENT) -> list[Path] | None:
    """The folders from which the pages may load models with `dir:` and `tfhub:`, separated like those of PATH. The
    folder of the runs and the caches of downloaded models are always allowed, and so is everything on the command line.
    """
    return _folders(env, "EMOCLF_MODEL_FOLDERS")


@reads("EMOCLF_EXPORT_FOLDERS", "any folder; none if the app serves other machines")
def export_folders(env: Env = CURRENT) -> list[Path] | None:
    """The folders into which the pages may export runs, separated like those of PATH. The folder of the runs is always
    allowed, and so is everything on the command line.
    """
    return _folders(env, "EMOCLF_EXPORT_FOLDERS")


def _folders(env: Env, name: str) -> list[Path] | None:
    """The folders of a variable; None if it is not set."""
    return [Path(folder) for folder in env[name].split(os.pathsep) if folder] if name in env else None


LIBRARY_VARIABLES = [  # read by libraries, not by this module
    Variable("HF_HOME", "`~/.cache/huggingface`", "The folder in which Hugging Face keeps downloaded models."),
    Variable("HF_HUB_OFFLINE", "0", "With 1, models come from the cache alone and nothing is downloaded."),
    Variable("HF_TOKEN", "no token", "The token that opens gated models of the Hugging Face hub."),
    Variable("OMP_NUM_THREADS", "all cores", "How many processor threads the numerical libraries use."),
]

DEVELOPER_VARIABLES = [  # read by the tests and benchmarks
    Variable("EMOCLF_DATA", "`../shared/data`", "The folder with `semeval2018` and the auxiliary corpora."),
    Variable("EMOCLF_QWEN", "a folder in `~/.cache/emoclf-dev-models`", "The folder with the weights of a Qwen model."),
    Variable("EMOCLF_TEST_DB", "SQLite files", "The URL of a PostgreSQL server in which the tests may make databases."),
]


def child_environment(added: Env, python_path: str, env: Env = CURRENT) -> dict[str, str]:
    """Return the environment for a child process: this one's, the added variables, and `python_path` first in
    PYTHONPATH.
    """
    path = os.pathsep.join(folder for folder in (python_path, env.get("PYTHONPATH", "")) if folder)
    return {**env, **added, "PYTHONPATH": path}


def secrets(env: Env = CURRENT) -> list[str]:
    """Return the keys and tokens that are set; they must never be logged or stored."""
    return [value for value in (openai_key(env), env.get("HF_TOKEN", "").strip()) if value]


def table(variables: list[Variable]) -> str:
    """Format variables as a Markdown table."""
    rows = [f"| `{one.name}` | {one.meaning} | {one.default} |" for one in variables]
    return "\n".join(["| variable | what it does | where it is not set |", "|---|---|---|", *rows])
