"""Tests of the first stage: an encoder trained on auxiliary corpora once and reused."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import cli
from commands.main import make_parser
from db.jobs import list_jobs, request_cancel
from db.runs import get_run
from db.store import Store
from db.tweets import add_tweets
from emoclf.backends.on_torch.network import from_base
from emoclf.backends.settings import EncoderSettings, TrainingSettings
from emoclf.errors import EmoclfError, ModelError, SettingError, TooLittleDataError
from emoclf.files.corpora import Corpus
from emoclf.labels import EMOTIONS
from emoclf.progress import Progress, drain
from emoclf.training import cross_validation, first_stage, fitting
from emoclf.training.classifier import Classifier
from emoclf.training.encoder_records import read_record
from emoclf.tweets import Tweet
from jobs import runner
from jobs.files import corpora
from jobs.paths import encoder_folder, run_folder, runs_folder
from jobs.training import first_stage as pretrain
from tests.support.jobs import job, wait_until
from tests.support.models import FILLERS, KEYWORDS, tiny_bert, toy_tweets
from tests.support.paths import ROOT

pytestmark = pytest.mark.usefixtures("one_thread")
MOODS = ("cross", "merry")


def toy_corpus(name: str = "moods", n: int = 128, words: tuple[str, str] = (KEYWORDS[0], KEYWORDS[4])) -> Corpus:
    """Invented texts that are cross where they hold the first word and merry where they hold the second."""
    random = np.random.default_rng(1)
    labels = np.array([[i % 2, (i // 2) % 2] for i in range(n)], dtype=np.int8)
    texts = []
    for row in labels:
        parts = random.choice(FILLERS, size=6).tolist() + [word for word, on in zip(words, row, strict=True) if on]
        texts.append(" ".join(parts))
    return Corpus(name, texts, labels, MOODS)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> str:
    return tiny_bert(tmp_path_factory.mktemp("base"))


@pytest.fixture
def quick(base: str, monkeypatch: pytest.MonkeyPatch) -> EncoderSettings:
    monkeypatch.setattr(first_stage, "BATCHES_PER_REPORT", 1)
    return EncoderSettings(base=base, max_length=32)


def keep(store: Store, corpus: Corpus, tmp_path: Path) -> None:
    """Import a corpus through a file, as a user does."""
    path = tmp_path / f"{corpus.name}.tsv"
    labels_as_text = [",".join(str(j) for j in np.flatnonzero(row)) for row in corpus.labels]
    rows = [f"{text}\t{labels}\t{i}" for i, (text, labels) in enumerate(zip(corpus.texts, labels_as_text, strict=True))]
    path.write_text("\n".join(rows) + "\n", "utf-8")
    corpora.import_corpus(store, path, corpus.name, corpus.emotions, licence="CC0")


@pytest.fixture
def stocked(store: Store, tmp_path: Path) -> Store:
    """A store with toy tweets to train on and a toy corpus."""
    tweets = toy_tweets(110)
    labels = EMOTIONS.decode(tweets.labels)
    with store.writing() as session:
        add_tweets(
            session,
            [
                Tweet(f"k{i}", text, on, split="train" if i < 88 else "dev")
                for i, (text, on) in enumerate(zip(tweets.texts, labels, strict=True))
            ],
        )
    keep(store, toy_corpus(), tmp_path)
    return store


def encoders(store: Store) -> list[str]:
    folder = runs_folder(store) / "encoders"
    return sorted(path.name for path in folder.glob("*") if path.is_dir())


def test_one_encoder_is_trained_on_all_corpora(quick: EncoderSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(first_stage, "RECENT", 4)
    both = [toy_corpus("moods"), toy_corpus("others", words=(KEYWORDS[9], KEYWORDS[10]))]
    longer = replace(quick, epochs=48, learning_rate=4e-3)
    steps: list[Progress] = []
    trained = drain(first_stage.train_encoder(both, longer), steps.append)
    assert all(loss < 0.3 for loss in trained.record["loss"].values()), trained.record["loss"]
    assert (trained.record["texts"], [c["name"] for c in trained.record["corpora"]]) == (256, ["moods", "others"])
    assert steps[-1].fraction == 1
    assert "loss moods" in steps[-1].message
    assert "others" in steps[-1].message


def test_the_same_seed_gives_the_same_encoder(quick: EncoderSettings) -> None:
    def weights(seed: int) -> torch.Tensor:
        encoder = drain(first_stage.train_encoder([toy_corpus()], replace(quick, seed=seed))).encoder
        return torch.cat([value.flatten() for value in encoder.state_dict().values()])

    assert torch.equal(weights(3), weights(3))
    assert not torch.equal(weights(3), weights(4))


def test_a_trained_encoder_is_an_ordinary_checkpoint_without_heads(quick: EncoderSettings, tmp_path: Path) -> None:
    trained = drain(first_stage.train_encoder([toy_corpus()], quick))
    trained.save(tmp_path / "encoder")
    network, _ = from_base(f"dir:{tmp_path / 'encoder'}", len(EMOTIONS))
    saved = trained.encoder.state_dict()
    assert all(torch.equal(value, saved[name]) for name, value in network.encoder.state_dict().items())
    config = json.loads((tmp_path / "encoder" / "config.json").read_text())
    assert not set(MOODS) & set(config.get("id2label", {}).values())
    record = read_record(tmp_path / "encoder")
    assert record is not None
    assert record["settings"]["batch_size"] == 32


def test_an_encoder_is_named_by_its_base_its_corpora_and_its_settings(
    quick: EncoderSettings, base: str, tmp_path: Path
) -> None:
    one, other = toy_corpus(), toy_corpus(n=130)
    name = first_stage.identity([one], quick)
    copy = tmp_path / "copy"
    copy.mkdir()
    for file in Path(base.removeprefix("dir:")).iterdir():
        (copy / file.name).write_bytes(file.read_bytes())
    assert first_stage.identity([replace(one, name="renamed")], replace(quick, base=f"dir:{copy}")) == name
    names = {name, first_stage.identity([other], quick), first_stage.identity([one, other], quick)}
    names.add(first_stage.identity([one], replace(quick, epochs=3)))
    assert len(names) == 4


def test_an_existing_encoder_is_not_trained_again(stocked: Store, quick: EncoderSettings, base: str) -> None:
    settings = {"base": base}
    first = runner.execute(stocked, runner.queue_job(stocked, "pretrain", settings))
    steps: list[Progress] = []
    again = runner.execute(stocked, runner.queue_job(stocked, "pretrain", settings), steps.append)
    assert first == again
    assert [step.message for step in steps] == ["reading the auxiliary corpora"]
    assert first["texts"] == 128
    assert first["encoder"] == f"dir:{encoder_folder(stocked, encoders(stocked)[0])}"


def test_texts_that_are_twins_of_a_tweet_are_left_out(stocked: Store, quick: EncoderSettings, tmp_path: Path) -> None:
    texts = toy_corpus().texts
    with stocked.writing() as session:
        add_tweets(session, [Tweet("twin", f"{texts[0]} #again", frozenset(), split="dev")])
    [read] = pretrain.read_corpora(stocked)
    assert texts[0] not in read.texts
    assert len(read.texts) == len(read.labels) == len(texts) - texts.count(texts[0])


def test_without_corpora_there_is_nothing_to_pretrain_on(filled: Store, base: str) -> None:
    with pytest.raises(TooLittleDataError, match=r"import one: `cli.py import FILE --auxiliary NAME"):
        runner.execute(filled, runner.queue_job(filled, "pretrain", {"base": base}))
    with pytest.raises(SettingError, match="epochs is 0"):
        EncoderSettings(epochs=0)


def test_a_loss_that_is_not_finite_stops_the_first_stage(stocked: Store, quick: EncoderSettings) -> None:
    with pytest.raises(EmoclfError, match="the loss became"):
        drain(pretrain.pretrain(stocked, replace(quick, learning_rate=1e30)))
    assert encoders(stocked) == []


def trained(store: Store, base: str, **more: Any) -> dict[str, Any]:
    job_id = runner.queue_job(store, "train", {"base": base, "epochs": 1, "labels": "approved", "name": None, **more})
    return runner.execute(store, job_id)


def test_a_training_begins_with_a_first_stage_and_reports_it(stocked: Store, quick: EncoderSettings, base: str) -> None:
    result = trained(stocked, base, auxiliary="auto")
    with stocked.reading() as session:
        record = get_run(session, result["run"])
    [name] = encoders(stocked)
    assert (record.base, record.settings["base"]) == (base, base)
    assert record.settings["first_stage"]["encoder"] == name
    [corpus] = record.settings["first_stage"]["corpora"]
    assert (corpus["name"], corpus["texts"], corpus["licence"]) == ("moods", 128, "CC0")
    saved = Classifier.load(run_folder(stocked, record.folder))
    assert (saved.base, saved.settings["first_stage"]["encoder"]) == (base, name)


def test_a_named_base_or_the_option_skips_the_first_stage(stocked: Store, quick: EncoderSettings, base: str) -> None:
    for more in ({}, {"auxiliary": "none"}):
        result = trained(stocked, base, seed=len(more), **more)
        with stocked.reading() as session:
            assert get_run(session, result["run"]).settings["first_stage"] is None
    assert encoders(stocked) == []


def test_a_training_without_corpora_has_no_first_stage(stocked: Store, base: str) -> None:
    corpora.remove(stocked, "moods")
    result = trained(stocked, base, auxiliary="auto")
    with stocked.reading() as session:
        assert get_run(session, result["run"]).settings["first_stage"] is None


def test_too_little_data_is_reported_before_the_first_stage(filled: Store, base: str) -> None:
    with pytest.raises(TooLittleDataError, match="3 training tweets"):
        trained(filled, base, auxiliary="auto")


def test_folds_start_from_the_first_stage_encoder_of_their_run(
    stocked: Store, quick: EncoderSettings, base: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = trained(stocked, base, auxiliary="auto")
    corpora.remove(stocked, "moods")  # the run's encoder stays
    begun: list[str] = []

    def noted(data: Any, held_out: Any, settings: TrainingSettings, *more: Any) -> Any:
        begun.append(settings.base)
        return fitting.fit(data, held_out, settings, *more)

    monkeypatch.setattr(cross_validation, "fit", noted)
    runner.execute(stocked, runner.queue_job(stocked, "predict", {"run": result["run"], "out_of_fold": 4}))
    assert begun == [f"dir:{encoder_folder(stocked, encoders(stocked)[0])}"] * 4


def test_a_deleted_encoder_is_named_in_the_error(stocked: Store, base: str) -> None:
    settings = TrainingSettings(base=base, first_stage={"encoder": "0123", "corpora": []})
    with pytest.raises(
        ModelError, match=r"encoders/0123, the encoder that this run started from, is missing; `cli.py pretrain`"
    ):
        pretrain.beginning(stocked, settings)


def test_a_stop_during_training_keeps_the_first_stage(
    stocked: Store, quick: EncoderSettings, base: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "REPORT_SECONDS", 0)
    settings = {"base": base, "epochs": 3, "labels": "approved", "name": None, "auxiliary": "auto"}
    job_id = runner.queue_job(stocked, "train", settings)

    def stop_when_training(step: Progress) -> None:
        if "epoch 1" in step.message:
            with stocked.writing() as session:
                request_cancel(session, job_id)

    with pytest.raises(runner.Cancelled):
        runner.execute(stocked, job_id, stop_when_training)
    assert len(encoders(stocked)) == 1
    steps: list[Progress] = []
    assert runner.queue_job(stocked, "train", settings) == job_id
    runner.execute(stocked, job_id, steps.append)
    assert not any("batch" in step.message for step in steps)
    assert job(stocked, job_id).state == "done"


def test_a_stop_during_the_first_stage_leaves_no_incomplete_encoder(
    stocked: Store, quick: EncoderSettings, base: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "REPORT_SECONDS", 0)
    job_id = runner.queue_job(stocked, "pretrain", {"base": base})

    def stop_in_the_middle(step: Progress) -> None:
        if step.done >= 2:
            with stocked.writing() as session:
                request_cancel(session, job_id)

    with pytest.raises(runner.Cancelled):
        runner.execute(stocked, job_id, stop_in_the_middle)
    assert (encoders(stocked), job(stocked, job_id).state) == ([], "cancelled")
    assert runner.queue_job(stocked, "pretrain", {"base": base}) == job_id
    assert runner.execute(stocked, job_id)["texts"] == 128


def test_a_stopped_first_stage_resumes_in_the_same_job_and_removes_its_checkpoint(
    stocked: Store, quick: EncoderSettings, base: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(first_stage, "CHECKPOINT_SECONDS", 0)
    work = pretrain.pretrain(stocked, quick)
    while next(work).done < 3:
        pass
    work.close()
    folder = runs_folder(stocked) / "encoders"
    assert [path.suffix for path in folder.iterdir()] == [pretrain.CHECKPOINT]
    steps: list[Progress] = []
    name = drain(pretrain.pretrain(stocked, quick), steps.append)
    assert next(step.done for step in steps if step.done) == 4
    assert [path.name for path in folder.iterdir()] == [name]


@pytest.mark.parametrize("damaged", [False, True])
def test_a_first_stage_resumes_with_the_same_result_as_without_a_stop(
    quick: EncoderSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damaged: bool
) -> None:
    monkeypatch.setattr(first_stage, "CHECKPOINT_SECONDS", 0)
    settings = replace(quick, epochs=3)
    whole = drain(first_stage.train_encoder([toy_corpus()], settings)).encoder.state_dict()
    work = first_stage.train_encoder([toy_corpus()], settings, tmp_path / "checkpoint")
    while next(work).done < 5:
        pass
    work.close()
    if damaged:
        (tmp_path / "checkpoint").write_bytes(b"not a checkpoint")
    steps: list[Progress] = []
    again = drain(first_stage.train_encoder([toy_corpus()], settings, tmp_path / "checkpoint"), steps.append)
    assert next(step.done for step in steps if step.done) == (1 if damaged else 6)
    assert steps[-1].done == steps[-1].total == 12
    assert all(torch.equal(value, whole[name]) for name, value in again.encoder.state_dict().items())


def test_a_first_stage_that_is_killed_can_be_started_again_from_the_command_line(stocked: Store, base: str) -> None:
    command = [sys.executable, str(ROOT / "cli.py"), "pretrain", "--base", base, "--json"]
    long = subprocess.Popen([*command, "--epochs", "500"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_until(lambda: _has_begun(stocked) or long.poll() is not None)
    long.send_signal(signal.SIGKILL)
    long.wait()
    runner.find_lost(stocked)
    assert job(stocked, 1).state == "lost"
    assert encoders(stocked) == []
    done = subprocess.run(command, env=os.environ, capture_output=True, text=True)
    answer = json.loads(done.stdout)
    assert Path(answer["encoder"].removeprefix("dir:")).name in encoders(stocked), done.stderr
    assert (set(answer), answer["texts"]) == ({"encoder", "texts", "seconds"}, 128)


def _has_begun(store: Store) -> bool:
    with store.reading() as session:
        return any(one.done > 0 for one in list_jobs(session))


def test_the_command_line_passes_on_what_to_begin_from(capsys: pytest.CaptureFixture[str]) -> None:
    chosen = make_parser().parse_args(["train", "--auxiliary", "none"])
    assert chosen.auxiliary == "none"
    assert cli.main(["pretrain", "--base", "dir:/no/such"]) == 2
    assert "there is no auxiliary corpus" in capsys.readouterr().err
