"""Tests of secrets: planted keys and passwords appear in no log, job, export, message or process list."""

import logging
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

import cli
from db.jobs import list_jobs
from db.store import Store
from db.urls import passwords, without_password
from emoclf.errors import EngineError, StoreError
from jobs import logs, runner
from jobs.paths import log_file, program_log

KEY, TABLE_KEY, TOKEN = "sk-canary-key", "sk-canary-table", "hf-canary-token"
USER_PART, IN_QUERY = "canary-user-part", "canary-in-query"
URLS = (
    f"postgresql://ana:{USER_PART}@localhost:1/base?password={IN_QUERY}&connect_timeout=1",
    f"postgresql+psycopg://ana:{USER_PART}%2F%40@localhost:1/base?sslpassword={IN_QUERY}",
    f"postgresql://ana:{USER_PART}#@localhost:port/base",
    f"postgresql://ana:{USER_PART}/x@localhost/base?password={IN_QUERY}",
    f"postgresql://localhost:1/base?passwd={IN_QUERY}&nosuchoption=1",
    f"nosuch://ana:{USER_PART}@localhost/base?password={IN_QUERY}",
)


@pytest.fixture(autouse=True)
def _planted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMOCLF_OPENAI_KEY", KEY)
    monkeypatch.setenv("EMOCLF_OPENAI_HOST", "https://api.example.org")
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    Path(".streamlit").mkdir()
    Path(".streamlit", "secrets.toml").write_text(f'[openai_keys]\n"https://b.example.org" = "{TABLE_KEY}"\n')


def is_clean(text: str) -> bool:
    """Whether no planted secret is in a text."""
    return "canary" not in text


@pytest.mark.parametrize("url", URLS)
@pytest.mark.parametrize("level", ["info", "debug"])
def test_no_message_or_log_repeats_a_password_of_the_database(
    url: str, level: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("EMOCLF_LOG", level)
    assert is_clean(without_password(url))
    assert cli.main(["jobs", "--db", url]) != 0
    assert is_clean(capsys.readouterr().err)
    logging.getLogger("db").error("cannot open %s", url)
    logs.sentence(RuntimeError(f"connection string {url} {KEY} {TABLE_KEY} {TOKEN}"), "a test")
    assert is_clean(capsys.readouterr().err)
    for file in (tmp_path / "runs").rglob("*"):
        assert file.is_dir() or is_clean(file.read_text())


def test_an_error_of_a_driver_that_quotes_its_url_is_shown_without_the_passwords(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    quoting = Store(URLS[0], store.engine, store.name)
    with pytest.raises(StoreError) as refused, quoting.reading():
        raise OperationalError("", {}, ValueError(f"invalid dsn: user=ana password={USER_PART} {IN_QUERY}"))
    assert "invalid dsn: user=ana password=*** ***" in str(refused.value)
    assert is_clean(str(refused.value))


def test_every_form_of_a_password_is_known() -> None:
    assert set(passwords("postgresql://a:p%40ss%2Fw@h/b?password=q%20w")) >= {"p%40ss%2Fw", "p@ss/w", "q w", "q%20w"}
    assert passwords("sqlite:///a.db") == []


def fails_with(words: str) -> Any:
    """A kind of job that ends with an error with these words."""

    def run(*_: Any) -> Any:
        yield from ()
        raise EngineError(words)

    return run


def test_the_message_of_a_job_has_no_secret(filled: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    said = f"the server repeats {KEY} and {TABLE_KEY} and {TOKEN} and postgresql://ana:{USER_PART}@host?pwd={IN_QUERY}"
    monkeypatch.setattr("jobs.llm.suggest.run", fails_with(said))
    job_id = runner.queue_job(filled, "suggest", {"engine": "scripted:words", "limit": None})
    with pytest.raises(EngineError):
        runner.execute(filled, job_id)
    with filled.reading() as session:
        assert "the server repeats ***" in list_jobs(session)[0].message
        assert is_clean(str(list_jobs(session)))


def test_the_last_words_of_a_lost_worker_are_shown_without_secrets(
    filled: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "START_SECONDS", -1)
    job_id = runner.queue_job(filled, "suggest", {"engine": "scripted:words", "limit": None})
    path = log_file(filled, job_id)
    path.parent.mkdir(parents=True)
    path.write_text(f"{runner.STARTED} {job_id}\nout of memory near {KEY}\n")
    runner.find_lost(filled)
    with filled.reading() as session:
        assert list_jobs(session)[0].message == "its process ended unexpectedly. out of memory near ***"


def test_a_worker_gets_the_url_and_the_keys_by_its_environment_and_not_by_its_command_line(
    filled: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The command line of a process can be read by every user of a machine, as in /proc/PID/cmdline."""
    started: list[tuple[list[str], dict[str, str]]] = []

    class Worker:
        pid = 1

        def wait(self) -> int:
            return 0

    def note(command: list[str], env: dict[str, str], **_: Any) -> Worker:
        started.append((command, env))
        return Worker()

    monkeypatch.setattr(subprocess, "Popen", note)
    secret = Store(URLS[0], filled.engine, filled.name)
    runner.start(secret, runner.queue_job(filled, "suggest", {"engine": "scripted:words", "limit": None}))
    [(command, env)] = started
    assert command[:3] == [sys.executable, "-m", "jobs.worker"]
    assert is_clean(" ".join(command))
    assert (env["EMOCLF_DB"], env["EMOCLF_OPENAI_KEY"]) == (URLS[0], KEY)


@pytest.mark.processes
def test_a_real_worker_has_no_secret_in_the_list_of_processes_its_log_or_its_job(
    filled: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = f"{filled.url}?timeout=30" if filled.url.startswith("sqlite") else filled.url
    secret = Store(url, filled.engine, filled.name, filled.file)
    seen: list[str] = []
    real = subprocess.Popen

    class Watched(real):  # type: ignore[misc, valid-type]
        def __init__(self, *given: Any, **options: Any) -> None:
            super().__init__(*given, **options)
            seen.append(Path(f"/proc/{self.pid}/cmdline").read_text())

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(subprocess, "Popen", Watched)
        job_id = runner.queue_job(secret, "suggest", {"engine": "scripted:words", "limit": 2})
        worker = runner._spawn(secret, job_id)
        assert worker.wait() == 0
    assert len(seen) == 1
    assert all(is_clean(line) for line in seen)
    assert cli.main(["export", str(tmp_path / "out.csv")]) == 0
    assert is_clean(capsys.readouterr().out)
    files = [tmp_path / "out.csv", *(path for path in (tmp_path / "runs").rglob("*") if path.is_file())]
    assert program_log(secret.url, "job").with_stem(program_log(secret.url, "job").stem + f"-{job_id}") in files
    assert all(is_clean(path.read_text(errors="replace")) for path in files)
    with filled.reading() as session:
        assert is_clean(str(list_jobs(session)))
