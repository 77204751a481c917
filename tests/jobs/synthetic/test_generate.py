"""Tests of generation: complete rounds, resuming without repetition, and separation from real data."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text as sql

from db import generations, summaries, synthetic, verdicts
from db.jobs import get_job
from db.predictions import unpredicted
from db.queue import next_items
from db.queue_items import first_items
from db.store import Store
from db.suggestions import unsuggested
from db.tweets import add_tweets, find_tweet, labelled_tweets, twin_count
from db.verdicts import NewVerdict, add_verdict
from emoclf.errors import EngineError, NotFoundError, SettingError, StoreError, TooLittleDataError
from emoclf.labels import EMOTIONS
from emoclf.llm.chat_model import Chat, Sampling
from emoclf.llm.scripted_model import ScriptedChatModel
from emoclf.progress import drain
from emoclf.review.filters import Filter
from emoclf.synthetic.prompting import WRITING
from emoclf.tweets import Tweet
from jobs import runner
from jobs.doubts import ranking
from jobs.files.exports import export
from jobs.files.imports import import_file
from jobs.settings.synthetic import GenerateSettings
from jobs.synthetic import generate
from jobs.training.data import read_data
from tests.support.paths import ROOT

pytestmark = pytest.mark.real_model  # the gates load the packaged encoder


def order(count: int = 20, **changes: Any) -> GenerateSettings:
    return GenerateSettings(**{"emotion": "trust", "count": count, "engine": "scripted:words", **changes})


def start(store: Store, wanted: GenerateSettings) -> int:
    return runner.queue_job(store, "generate", wanted)


def written(store: Store) -> list[synthetic.Synthetic]:
    with store.reading() as session:
        return synthetic.all_items(session)


class Stopping(ScriptedChatModel):
    """Fails while it writes its n-th round, like kill -9: nothing of the round is stored."""

    def __init__(self, rounds: int) -> None:
        super().__init__()
        self.left = rounds

    def generate(self, chats: Sequence[Chat], max_tokens: int, sampling: Sampling, seed: int) -> list[str]:
        if self.left == 0:
            raise KeyboardInterrupt
        self.left -= 1
        return super().generate(chats, max_tokens, sampling, seed)


class Babbling(ScriptedChatModel):
    """A model that answers nonsense."""

    def generate(self, chats: Sequence[Chat], max_tokens: int, sampling: Sampling, seed: int) -> list[str]:
        return ["As an AI I would rather talk about tea."] * len(chats)


def test_a_job_writes_as_many_tweets_as_requested_and_stores_the_gate_results(filled: Store) -> None:
    answer = runner.execute(filled, start(filled, order(24)))
    assert answer["generated"] == 24 == answer["kept"] + sum(answer["dropped"].values())
    tweets = written(filled)
    assert len(tweets) == 24
    assert {tweet.context for tweet in tweets if not tweet.dropped} == set(generate.CONTEXTS)
    for tweet in tweets:
        assert ("trust" in tweet.labels, tweet.engine, tweet.prompt_version) == (True, "scripted", WRITING.version)
        assert (tweet.state, bool(tweet.reason)) == (("dropped", True) if tweet.dropped else ("waiting", False))
        if tweet.state == "waiting":
            assert tweet.nearest in {text for _, text, _ in real(filled)}
            judged = next(result for result in tweet.gates if result.gate == "judge")
            assert judged.value == judged.details["probabilities"][EMOTIONS.names.index("trust")]


def real(store: Store) -> list[tuple[int, str, str]]:
    with store.reading() as session:
        return generations.real_texts(session)


def test_a_killed_generation_resumes_with_the_same_tweets_and_no_duplicates(
    filled: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    job = start(filled, order(60))
    monkeypatch.setattr(generate, "open_chat_model", lambda uri: Stopping(2))
    with pytest.raises(KeyboardInterrupt):
        runner.execute(filled, job)
    half = [tweet.text for tweet in written(filled)]
    assert len(half) == 40
    monkeypatch.undo()
    monkeypatch.setenv("EMOCLF_RUNS", str(tmp_path / "runs"))
    assert start(filled, order(60)) == job
    assert runner.execute(filled, job)["generated"] == 60
    whole = [(tweet.key, tweet.text) for tweet in written(filled)]
    assert [text for _, text in whole[:40]] == half
    assert len({key for key, _ in whole}) == 60
    kept = [tweet.text for tweet in written(filled) if not tweet.dropped]
    assert len(set(kept)) == len(kept)


@pytest.mark.parametrize("judge", [generate.SAME, "scripted:words"])
def test_a_model_that_judges_its_own_tweets_is_opened_once(
    filled: Store, monkeypatch: pytest.MonkeyPatch, judge: str
) -> None:
    opened = []
    monkeypatch.setattr(generate, "open_chat_model", lambda uri: opened.append(uri) or ScriptedChatModel())
    runner.execute(filled, start(filled, order(4, judge=judge)))
    assert opened == ["scripted:words"]


def test_the_same_request_again_gives_other_tweets(filled: Store) -> None:
    runner.execute(filled, start(filled, order(20)))
    runner.execute(filled, start(filled, order(20)))
    texts = [tweet.text for tweet in written(filled)]
    assert len(texts) == 40
    assert len(set(texts[:20]) & set(texts[20:])) < 5


def test_unreadable_replies_end_the_job_with_an_error(filled: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generate, "open_chat_model", lambda uri: Babbling())
    job = start(filled, order(1000, failures=6))
    with pytest.raises(
        EngineError, match=r"6 requests in a row gave no tweet that passes the gates; .* reason: the reply"
    ):
        runner.execute(filled, job)
    assert written(filled) == []
    with filled.reading() as session:
        assert generations.rounds(session, job) == 2
        assert get_job(session, job).state == "failed"


def test_without_train_tweets_or_with_invalid_settings_no_job_starts(store: Store) -> None:
    with pytest.raises(TooLittleDataError, match="no train tweets"):
        runner.execute(store, start(store, order()))
    with pytest.raises(SettingError, match="at least 1"):
        order(0)


def test_synthetic_tweets_never_appear_among_real_ones(filled: Store, tmp_path: Path) -> None:
    def seen() -> dict[str, Any]:
        with filled.reading() as session:
            return {
                "sizes": summaries.sizes(session),
                "counts": [summaries.counts(session, split) for split in ("train", "dev")],
                "queue": [item.tweet_id for item in next_items(session, Filter())],
                "first": [item.tweet_id for item in first_items(session, "train", 99)],
                "suggest": unsuggested(session, "e", "1", ("train", "dev", "test")),
                "predict": unpredicted(session, 1),
                "labelled": labelled_tweets(session, ("train", "dev", "test")),
                "twins": twin_count(session),
                "export": export(filled, tmp_path / "a.csv", "everything"),
            }

    before = seen()
    runner.execute(filled, start(filled, order(40)))
    ranking.refresh(filled)
    assert len(written(filled)) == 40
    assert seen() == before
    assert {tweet.tweet_id for tweet in read_data(filled, "approved").train} == {1, 2, 3}
    with filled.reading() as session, pytest.raises(NotFoundError):
        find_tweet(session, written(filled)[0].key)


def test_a_real_tweet_with_the_text_of_a_synthetic_one_can_still_be_imported(filled: Store, tmp_path: Path) -> None:
    runner.execute(filled, start(filled, order(8)))
    text = next(tweet.text for tweet in written(filled) if "," not in tweet.text)
    header = (ROOT / "datasets" / "sample-train.csv").read_text().splitlines()[0]
    (tmp_path / "new.csv").write_text(f"{header}\nx1,{text}{',0' * 11}\n")
    assert import_file(filled, tmp_path / "new.csv")["imported"] == 1


def test_verdicts_are_added_undone_and_never_changed(filled: Store) -> None:
    runner.execute(filled, start(filled, order(30)))
    first, second, *_ = [tweet.tweet_id for tweet in written(filled) if tweet.state == "waiting"]
    dropped = next(tweet.tweet_id for tweet in written(filled) if tweet.state == "dropped")
    with filled.writing() as session:
        add_verdict(
            session, NewVerdict("e1", first, "ana", "accept", labels=frozenset({"joy"}), text="edited words here")
        )
        add_verdict(session, NewVerdict("e1", first, "ana", "reject", reason="harmful"))  # sent twice: the first counts
        add_verdict(session, NewVerdict("e2", second, "ana", "reject", reason="unrealistic"))
        add_verdict(session, NewVerdict("e3", dropped, "ana", "restore"))
    with filled.reading() as session:
        assert [item.state for item in synthetic.items(session, [first, second, dropped])] == [
            "accepted",
            "rejected",
            "waiting",
        ]
        assert synthetic.reasons(session) == [("unrealistic", 1)]
        [taken] = synthetic.trainable(session, "accepted")
        assert (taken.text, taken.labels, taken.reviewer) == ("edited words here", {"joy"}, "ana")
        every = {tweet.tweet_id for tweet in synthetic.trainable(session, "all")}
        assert {first, dropped} <= every
        assert second not in every
        assert synthetic.items(session, [first])[0].text != "edited words here"
    with filled.writing() as session:
        verdicts.undo_verdict(session, "e4", "e2", "ana")
        verdicts.undo_verdict(session, "e5", "e3", "ana")
    with filled.reading() as session:
        assert [item.state for item in synthetic.items(session, [second, dropped])] == ["waiting", "dropped"]
        assert [verdict.event_id for verdict in verdicts.history(session, "ana")] == ["e1"]
    with pytest.raises(StoreError, match="only ever added"), filled.writing() as session:
        session.execute(sql("UPDATE synthetic_verdicts SET reviewer = 'eve'"))


def test_reviewer_verdicts_are_counted_by_emotion_context_prompt_and_model(filled: Store) -> None:
    runner.execute(filled, start(filled, order(20)))
    [waiting, *_] = [tweet for tweet in written(filled) if tweet.state == "waiting"]
    with filled.writing() as session:
        add_verdict(session, NewVerdict("e1", waiting.tweet_id, "ana", "accept", labels=waiting.labels))
    with filled.reading() as session:
        counted = synthetic.states(session)["trust"]
        assert sum(counted.values()) == 20
        assert counted["accepted"] == 1
        for by in ("context", "prompt_version", "engine"):
            assert sum(sum(found.values()) for found in synthetic.states(session, by).values()) == 20
        assert sum(synthetic.drops(session).values()) == counted["dropped"]


def test_a_stop_takes_effect_only_between_rounds(filled: Store) -> None:
    wanted, model = order(60), ScriptedChatModel()
    work = generate.generate(filled, start(filled, wanted), wanted, model, model)
    for step in work:
        if step.done >= 20:
            work.close()
            break
    assert len(written(filled)) % 20 == 0
    assert drain(generate.generate(filled, 1, wanted, model, model))["generated"] == 60


def test_embeddings_of_real_tweets_are_cached_until_the_tweets_change(filled: Store, tmp_path: Path) -> None:
    kept = tmp_path / "runs" / "vectors"
    runner.execute(filled, start(filled, order(4)))
    [first] = list(kept.iterdir())
    made = (first / "vectors.npy").stat().st_mtime_ns
    runner.execute(filled, start(filled, order(5)))
    assert (first / "vectors.npy").stat().st_mtime_ns == made
    with filled.writing() as session:
        add_tweets(session, [Tweet("t9", "the kettle is on", frozenset())])
    runner.execute(filled, start(filled, order(6)))
    [second] = list(kept.iterdir())
    assert second != first
