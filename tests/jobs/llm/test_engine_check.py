"""Tests of the engine check: availability, where tweets are sent, and expected duration."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from db.jobs import add_job, end_job, get_job
from db.store import Store
from db.suggestions import add_suggestions
from emoclf.environment import OPENAI_SERVERS
from emoclf.errors import EngineError, ModelError
from jobs.files import licences
from jobs.llm import engine_check, explain
from jobs.settings.llm import ExplainSettings, SuggestSettings, check_offered
from jobs.settings.synthetic import GenerateSettings
from tests.support.scripted_server import graded, plain, serving
from tests.support.tiny_qwen import save_tiny_qwen


def test_a_server_that_answers_can_be_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(graded) as server:
        monkeypatch.setenv(OPENAI_SERVERS, server.url)
        assert engine_check.check(f"openai:{server.url}").startswith("can be reached and answers in ")
    with serving(plain) as server:
        monkeypatch.setenv(OPENAI_SERVERS, server.url)
        assert engine_check.check(f"openai:{server.url}").endswith(" s, yes or no, without probabilities")


@pytest.mark.training
def test_a_missing_engine_gives_an_error_with_a_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(OPENAI_SERVERS, "http://127.0.0.1:9")
    with pytest.raises(EngineError, match="no server answers"):
        engine_check.check("openai:http://127.0.0.1:9/v1#x")
    with pytest.raises(ModelError, match="is not on this machine yet; it is downloaded when the job starts"):
        engine_check.check("hf:nobody/has-this-model")
    folder = save_tiny_qwen(tmp_path / "tiny")
    assert engine_check.check(f"dir:{folder}") == "is on this machine and needs about 0.0 GB of memory"


def test_the_check_says_who_can_see_the_tweets(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "no tweet leaves it" in engine_check.where_tweets_go("hf:Qwen/Qwen2.5-1.5B-Instruct")
    assert (
        engine_check.where_tweets_go("openai:http://localhost:8000/v1")
        == "Tweets are sent to localhost:8000, on this machine."
    )
    monkeypatch.setenv(OPENAI_SERVERS, "https://api.example.org/v1")
    assert engine_check.where_tweets_go("openai:https://api.example.org/v1#x").endswith(
        "api.example.org, another machine."
    )


OTHER = "openai:http://169.254.169.254/v1#m"


@pytest.mark.parametrize("settings", [SuggestSettings, ExplainSettings, partial(GenerateSettings, "joy", 5)])
def test_a_page_starts_no_job_on_a_server_that_is_not_listed(settings: Callable[..., object], store: Store) -> None:
    for wanted in (settings(engine=OTHER), vars(settings(engine=OTHER))):
        with pytest.raises(ModelError, match="not among the servers that may be used here"):
            check_offered(wanted)
    with pytest.raises(ModelError, match="not among the servers that may be used here"):
        check_offered(GenerateSettings("joy", 5, judge=OTHER))
    with pytest.raises(ModelError, match="not among the servers that may be used here"):
        explain.ask(store, 1, OTHER)
    assert "not among the servers" in engine_check.where_tweets_go(OTHER)


def test_the_rate_is_that_of_the_engines_newest_finished_job(store: Store) -> None:
    assert engine_check.rate_of(store, "scripted:words") is None
    for rate in (2.0, 3.5):
        with store.writing() as session:
            job = get_job(session, add_job(session, "suggest", {"engine": "scripted:words"}))
            end_job(session, job, "done", "done", {"tweets_per_second": rate})
    assert engine_check.rate_of(store, "scripted:words") == 3.5
    assert engine_check.duration(6838, 0.2) == "about 9.5 hours"


@pytest.mark.parametrize("settings", [SuggestSettings, ExplainSettings, partial(GenerateSettings, "joy", 5)])
def test_a_password_in_an_address_never_reaches_the_store(settings: Callable[..., object]) -> None:
    with pytest.raises(ModelError, match="put the key into EMOCLF_OPENAI_KEY"):
        settings(engine="openai:https://me:s3cret@api.example.org/v1#x")


def test_the_models_of_a_store_are_listed_once_with_what_credits_them(store: Store, filled: Store) -> None:
    pass

    with filled.writing() as session:
        for engine in ("Qwen/Qwen2.5-1.5B-Instruct@989aa798", "Qwen/Qwen2.5-1.5B-Instruct@11111111", "mystery@2"):
            add_suggestions(session, engine, "1", [(1, [0.5] * 11)])
    found = {licence.work: licence.licence for licence in licences.models_in_use(filled)}
    assert found == {"Qwen2.5-1.5B-Instruct": "Apache-2.0", "mystery@2": "not known here"}
    credits = [licence.attribution for licence in licences.models_in_use(filled)]
    assert credits == ["Qwen Team, Alibaba Cloud: Qwen2.5-1.5B-Instruct, Apache-2.0", ""]
