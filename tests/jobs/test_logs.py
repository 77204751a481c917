"""Tests of logging: an unexpected error is found by its id, and no tweet or secret reaches a log file."""

import logging
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

import cli
from db.jobs import get_job
from db.store import Store, open_store
from emoclf.environment import child_environment
from emoclf.errors import EmoclfError, SettingError, StoreError
from emoclf.llm.openai_client import Address, Server
from jobs import logs, runner
from jobs.paths import log_file, program_log
from jobs.review import review_card
from tests.support.databases import about_sqlite
from tests.support.paths import ROOT

TWEET = "the ferry sang all night and nobody slept"
KEY = "sk-live-0123456789"
SCRIPTED = {"engine": "scripted:words", "limit": None}
HIDDEN = (TWEET, "ferry", KEY, "pa55word")


@pytest.fixture
def log(store: Store) -> Path:
    """The log file of the app on the store."""
    logs.configure(store.url, "app")
    return program_log(store.url, "app")


def fails(error: BaseException) -> str:
    """The sentence shown for an error that was raised and caught."""
    try:
        raise error
    except type(error) as raised:
        return logs.sentence(raised, "a test")


def error_id(message: str) -> str:
    """The id in a sentence."""
    found = re.search(r"\(error ([0-9a-f]{6})\)", message)
    assert found, message
    return found[1]


def test_an_unexpected_error_is_logged_with_its_traceback_under_the_id_shown_to_the_user(log: Path) -> None:
    message = fails(KeyError(TWEET))
    assert (
        message
        == f"Something unexpected went wrong (error {error_id(message)}). The log file {log.absolute()} has the "
        "details."
    )
    written = log.read_text()
    assert f"ERROR jobs.logs: error {error_id(message)}: a test" in written
    assert f'File "{__file__}", line ' in written
    assert "in fails" in written
    assert "KeyError (message left out; set EMOCLF_LOG=debug to log it)" in written


def test_a_full_disk_is_named_in_the_sentence(log: Path) -> None:
    assert "): no space left on device. The log" in fails(OSError(28, "No space left on device"))


def test_one_error_has_one_id_however_many_layers_report_it(log: Path) -> None:
    error = KeyError("x")
    assert fails(error) == fails(error)
    assert log.read_text().count("ERROR") == 1


def test_without_a_log_file_the_console_shows_more(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("EMOCLF_RUNS")
    logs.configure("no URL", "app")
    assert fails(KeyError(TWEET)).endswith("The console has the details.")
    message = capsys.readouterr().err
    assert "KeyError" in message
    assert TWEET not in message


def test_a_log_file_creates_no_folder_for_a_missing_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("EMOCLF_RUNS")
    logs.configure(f"sqlite:///{tmp_path / 'nowhere' / 'emoclf.db'}", "app")
    assert fails(KeyError("x")).endswith("The console has the details.")
    assert not (tmp_path / "nowhere").exists()
    assert "cannot be written" in capsys.readouterr().err


def test_configuring_again_changes_nothing(store: Store, log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = list(logging.root.handlers)
    for _ in range(3):
        logs.configure(store.url, "app")
    assert logging.root.handlers == before
    logging.getLogger("jobs.x").warning("only once")
    assert log.read_text().count("only once") == capsys.readouterr().err.count("only once") == 1


def test_logging_for_another_store_replaces_the_earlier_log_file(store: Store, log: Path, tmp_path: Path) -> None:
    other = f"sqlite:///{tmp_path / 'other.db'}"
    logs.configure(other, "app")
    logging.getLogger("jobs.x").warning("for the other")
    assert not log.exists()
    assert "for the other" in program_log(other, "app").read_text()


def test_warnings_go_to_the_console_and_the_rest_to_the_file_alone(
    log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    logger = logging.getLogger("jobs.x")
    logger.debug("quiet")
    logger.info("calm")
    logger.warning("loud")
    written, message = log.read_text(), capsys.readouterr().err
    assert [word in written for word in ("quiet", "calm", "loud")] == [False, True, True]
    assert [word in message for word in ("quiet", "calm", "loud")] == [False, False, True]


def test_a_large_log_file_is_renamed_and_only_a_few_are_kept(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    handler = next(one for one in logging.root.handlers if isinstance(one, logs.LogFile))
    monkeypatch.setattr(handler, "maxBytes", 100)
    for number in range(10):
        logging.getLogger("jobs.x").info("record %s %s", number, "x" * 80)
    assert len(list(log.parent.glob(f"{log.name}*"))) == 1 + logs.OLD_FILES
    assert "record 9" in log.read_text()


@about_sqlite
@pytest.mark.parametrize("statement", ["INSERT INTO tweets (text) VALUES (:text)", "SELECT :text FROM nowhere"])
def test_a_statement_that_fails_leaves_no_text_of_a_tweet_in_the_log(store: Store, log: Path, statement: str) -> None:
    with pytest.raises(StoreError) as failed, store.writing() as session:
        session.execute(text(statement), {"text": TWEET})
    fails(failed.value)
    written = log.read_text()
    assert "db.store: the database cannot do what was asked" in written
    assert "Error (SQLITE_" in written
    assert not any(word in written for word in HIDDEN)


def test_row_values_in_database_errors_are_not_logged(log: Path) -> None:
    class NotNullError(Exception):
        sqlstate = "23502"

    fails(NotNullError(f"null value in column\nDETAIL:  Failing row contains (1, t1, {TWEET})."))
    assert "NotNullError (23502)" in log.read_text()
    assert TWEET not in log.read_text()


def test_the_errors_that_led_to_one_are_logged_without_their_messages(log: Path) -> None:
    try:
        try:
            int(TWEET)
        except ValueError as cause:
            raise RuntimeError(TWEET) from cause
    except RuntimeError as error:
        group = ExceptionGroup(TWEET, [error, KeyError(TWEET)])
        group.add_note(TWEET)
        fails(group)
    written = log.read_text()
    assert all(name in written for name in ("ValueError (", "RuntimeError (", "KeyError (", "ExceptionGroup ("))
    assert written.index("ValueError (") < written.index("RuntimeError (") < written.index("ExceptionGroup (")
    assert TWEET not in written


def test_log_records_of_libraries_keep_their_location_but_not_their_message(log: Path) -> None:
    logging.getLogger("asyncio").error("Task exception was never retrieved: ValueError(%r)", TWEET)
    assert "ERROR asyncio: (message left out" in log.read_text()
    assert TWEET not in log.read_text()


def test_only_a_setting_lets_messages_into_the_log_and_never_a_secret(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EMOCLF_LOG", "debug")
    monkeypatch.setenv("EMOCLF_OPENAI_KEY", KEY)
    logs.configure(store.url, "app")
    fails(ValueError(f"{TWEET} {KEY}"))
    written = program_log(store.url, "app").read_text()
    assert f"ValueError: {TWEET} ***" in written
    monkeypatch.setenv("EMOCLF_LOG", "loud")
    with pytest.raises(SettingError, match="EMOCLF_LOG is 'loud'"):
        logs.configure(store.url, "app")


@pytest.mark.parametrize("level", ["info", "debug"])
def test_the_key_of_a_server_is_in_no_log(
    store: Store, monkeypatch: pytest.MonkeyPatch, level: str, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("EMOCLF_LOG", level)
    monkeypatch.setenv("EMOCLF_OPENAI_KEY", KEY)
    monkeypatch.setenv("EMOCLF_OPENAI_HOST", "http://127.0.0.1:9")
    logs.configure(store.url, "app")
    server = Server(Address.of("openai:http://127.0.0.1:9/v1#m"))
    with pytest.raises(EmoclfError) as refused:
        server.models()
    request = f"request headers {dict(server._client.headers)}"
    fails(RuntimeError(request))
    fails(refused.value)
    logging.getLogger("emoclf.llm").warning("%s", request)
    logging.getLogger("httpx2").warning("%s", request)
    written = program_log(store.url, "app").read_text() + capsys.readouterr().err
    assert "Bearer ***" in written
    assert KEY not in written


@pytest.mark.parametrize("level", ["info", "debug"])
def test_the_password_of_a_database_is_in_no_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, level: str, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("EMOCLF_LOG", level)
    url = "postgresql://ana:pa55word%2F%40x@localhost/base"
    logs.configure(url, "app")
    for quoted in (url, "pa55word/@x", "host=localhost password=pa55word"):
        logging.getLogger("db").warning("cannot open %s", quoted)
        fails(RuntimeError(quoted))
    written = program_log(url, "app").read_text() + capsys.readouterr().err
    assert "cannot open postgresql://ana:***@localhost/base" in written
    assert "pa55word" not in written


def test_a_store_on_a_server_has_its_logs_in_the_folder_of_the_runs() -> None:
    assert program_log("postgresql://localhost/base", "app", {}).parent == Path("runs/logs")
    assert program_log("sqlite:///some/where.db", "app", {}).parent == Path("some/runs/logs")


def test_a_job_that_fails_unexpectedly_shows_the_id_and_its_log_the_traceback(
    filled: Store, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def work(*_: Any) -> Iterator[Any]:
        yield from ()
        raise KeyError(TWEET)

    monkeypatch.setattr("jobs.llm.suggest.run", work)
    job_id = runner.queue_job(filled, "suggest", SCRIPTED)
    with pytest.raises(KeyError):
        runner.execute(filled, job_id)
    with filled.reading() as session:
        job = get_job(session, job_id)
    assert job.state == "failed"
    assert job.message.startswith("Something unexpected went wrong (error ")
    written = log.read_text()
    assert f"error {error_id(job.message)}: job {job_id} (suggest)" in written
    assert "in work" in written
    assert TWEET not in written


@pytest.mark.processes
def test_the_log_of_a_worker_has_its_traceback_and_no_tweet_also_after_it_started_again(
    filled: Store, tmp_path: Path
) -> None:
    """A job kind that fails is put in place of one, in a process of its own as the app starts it."""
    job_id = runner.queue_job(filled, "suggest", SCRIPTED)
    (tmp_path / "broken.py").write_text(
        "import sys\nfrom dataclasses import replace\n\nfrom jobs import registry, worker\n"
        f"def run(store, job, settings):\n    yield from ()\n    raise KeyError(' '.join({TWEET.split()!r}))\n"
        "registry.KINDS['suggest'] = replace(registry.KINDS['suggest'], module='broken')\n"
        "if __name__ == '__main__':\n    sys.exit(worker.main(int(sys.argv[1])))\n"
    )
    file = log_file(filled, job_id)
    file.parent.mkdir(parents=True)
    for _ in range(2):
        with file.open("a") as output:
            command = [sys.executable, str(tmp_path / "broken.py"), str(job_id)]
            env = child_environment({"EMOCLF_DB": filled.url}, str(ROOT))
            done = subprocess.run(command, env=env, stdout=output, stderr=output)
        assert done.returncode == 1
        assert runner.queue_job(filled, "suggest", SCRIPTED) == job_id
    written = file.read_text()
    assert written.count("KeyError (message left out") == 2
    assert TWEET not in written


def test_a_job_that_starts_again_keeps_its_log_and_renames_a_large_one(
    filled: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    job_id = runner.queue_job(filled, "suggest", SCRIPTED)
    file = log_file(filled, job_id)
    file.parent.mkdir(parents=True)
    file.write_text("earlier\n")
    runner.start(filled, job_id)
    assert file.read_text() == f"earlier\n{runner.STARTED} {job_id}\n"
    monkeypatch.setattr(logs, "FILE_BYTES", 10)
    runner.start(filled, job_id)
    assert file.read_text() == f"{runner.STARTED} {job_id}\n"
    assert file.with_suffix(".log.1").read_text().startswith("earlier\n")


def test_a_lost_job_shows_what_its_newest_process_wrote_and_not_an_earlier_one(filled: Store) -> None:
    job_id = runner.queue_job(filled, "suggest", SCRIPTED)
    file = log_file(filled, job_id)
    file.parent.mkdir(parents=True)
    file.write_text(f"{runner.STARTED} {job_id}\nearlier\n{runner.STARTED} {job_id}\nout of memory\n")
    with filled.reading() as session:
        assert runner.last_lines(filled, get_job(session, job_id)) == "out of memory"


def test_an_event_that_cannot_be_saved_tells_the_card_the_id_in_the_log(
    filled: Store, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError(TWEET)

    monkeypatch.setattr("jobs.review.review_card.add_undo", fail)
    event = {"event_id": "u1", "kind": "undo", "tweet_id": 1, "undoes": "e1"}
    saved = review_card.save_events(filled, "ana", [event])
    assert f"error {error_id(saved.waiting)}: saving event 'u1'" in log.read_text()
    assert TWEET not in log.read_text()


def test_a_command_that_fails_unexpectedly_shows_the_id_and_no_traceback(
    filled: Store, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError(TWEET)

    monkeypatch.setattr("commands.jobs.list_jobs", fail)
    assert cli.main(["jobs"]) == 1
    message = capsys.readouterr().err
    assert "Traceback" not in message
    assert "File " not in message
    assert TWEET not in message
    last = message.splitlines()[-1]
    log = program_log(filled.url, "cli")
    assert (
        last
        == f"Something unexpected went wrong (error {error_id(last)}). The log file {log.absolute()} has the details."
    )
    assert "in fail" in log.read_text()
    assert TWEET not in log.read_text()


def test_a_user_error_is_not_logged(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["jobs", "--db", "sqlite:////no/such/folder/emoclf.db"]) == 2
    assert "cannot open" in capsys.readouterr().err
    assert not program_log(store.url, "cli").exists()


def test_an_opened_store_hides_the_values_of_statements_in_its_errors(tmp_path: Path) -> None:
    opened = open_store(f"sqlite:///{tmp_path / 'a.db'}")
    try:
        assert opened.engine.hide_parameters
    finally:
        opened.close()
