"""Tests of chat models: one result per tweet in order; an unanswered tweet is a result, a failure an exception."""

import json
import os
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from safetensors.torch import load_file, save_file

from benchmarks.prompt_injection import INSTRUCTIONS
from emoclf.errors import EngineError, LabelError, ModelError
from emoclf.labels import EMOTIONS
from emoclf.llm import checkpoint
from emoclf.llm.chat_model import ChatModel, Unscored
from emoclf.llm.labelling import label
from emoclf.llm.one_pass import OnePassScorer
from emoclf.llm.opening import open_chat_model
from emoclf.llm.scripted_model import ScriptedChatModel
from emoclf.llm.torch_model import TorchChatModel
from tests.support.tiny_qwen import asked_alone, save_tiny_qwen

pytestmark = pytest.mark.training  # most load a small network

JOY, ANGER = EMOTIONS.names.index("joy"), EMOTIONS.names.index("anger")
TWEETS = ["so happy today!!", "no", "late again, what a truly awful week", "see you tomorrow :)"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return save_tiny_qwen(tmp_path_factory.mktemp("models") / "tiny-qwen")


@pytest.fixture(scope="module")
def model(folder):
    return open_chat_model(f"dir:{folder}")


class BrokenScorer:
    """A scorer with given answers, in place of a model."""

    def __init__(self, answer):
        self.answer = answer

    def log_odds(self, texts):
        if isinstance(self.answer, Exception):
            raise self.answer
        return np.array([self.answer[text] for text in texts])


def broken(answer, name="broken") -> ChatModel:
    """A model whose scorer gives this answer."""
    model = TorchChatModel(None, None, name)
    model.scorer = BrokenScorer(answer)
    return model


def test_each_tweet_gets_eleven_probabilities_in_the_order_given(model):
    results = list(label(model, TWEETS))
    assert [result.shape for result in results] == [(11,)] * 4
    assert all(((result > 0) & (result < 1)).all() for result in results)
    for tweet, result in zip(TWEETS, results, strict=True):
        [alone] = label(model, [tweet])
        np.testing.assert_allclose(result, alone, atol=0.02)  # bfloat16


def test_an_empty_tweet_is_reported_and_does_not_affect_others(model):
    first, empty, blank, last = label(model, [TWEETS[0], "", " \n", TWEETS[1]])
    assert isinstance(empty, Unscored)
    assert isinstance(blank, Unscored)
    np.testing.assert_allclose([first, last], list(label(model, TWEETS[:2])), atol=1e-9)


def test_a_tweet_without_a_finite_score_is_reported_and_does_not_affect_others():
    rows = {"good": [0.0] * 11, "bad": [np.nan] * 11, "endless": [np.inf] + [0.0] * 10}
    good, bad, endless = label(broken(rows), list(rows))
    np.testing.assert_allclose(good, 0.5)
    assert "not a number" in bad.reason
    assert "not a number" in endless.reason


def test_a_dead_model_is_an_exception_that_names_the_model():
    model = broken(RuntimeError("CUDA out of memory\nlong trace"), "big-model@0123abcd")
    with pytest.raises(EngineError, match="big-model@0123abcd stopped: CUDA out of memory; free memory"):
        list(label(model, ["good"]))


def test_results_come_before_the_last_tweet_is_scored():
    dies_late = {str(i): [0.0] * 11 for i in range(64)}
    results = label(broken(dies_late), [*dies_late, "unknown"])
    assert len(list(islice(results, 64))) == 64
    with pytest.raises(KeyError):
        next(results)


def test_overwhelming_log_odds_stay_inside_0_and_1():
    [result] = label(broken({"sure": [1e4] * 6 + [-1e4] * 5}), ["sure"])
    assert ((result > 0) & (result < 1)).all()


def test_the_engine_name_depends_on_the_weights_and_not_on_their_location(folder, tmp_path):
    copy = save_tiny_qwen(tmp_path / "tiny-qwen")
    assert checkpoint.name_of(f"dir:{copy}", copy) == checkpoint.name_of(f"dir:{folder}", folder)
    weights = load_file(copy / "model.safetensors")
    weights["model.norm.weight"] += 1
    save_file(weights, copy / "model.safetensors", metadata={"format": "pt"})
    assert checkpoint.fingerprint(copy) != checkpoint.fingerprint(folder)


def test_loading_and_scoring_print_nothing(folder, capfd):
    list(label(open_chat_model(f"dir:{folder}"), TWEETS))
    assert capfd.readouterr() == ("", "")


def test_the_number_of_threads_is_two_or_what_the_environment_says():
    import torch

    before = torch.get_num_threads()
    try:
        checkpoint.limit_threads({"EMOCLF_THREADS": "1"})
        assert torch.get_num_threads() == 1
        checkpoint.limit_threads({})
        assert torch.get_num_threads() == min(2, os.cpu_count())
        with pytest.raises(ModelError, match="EMOCLF_THREADS is 'many'"):
            checkpoint.limit_threads({"EMOCLF_THREADS": "many"})
    finally:
        torch.set_num_threads(before)


def test_a_folder_that_lacks_weights_is_refused(tmp_path):
    folder = save_tiny_qwen(tmp_path / "torn")
    weights = load_file(folder / "model.safetensors")
    del weights["model.layers.1.mlp.up_proj.weight"]
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ModelError, match=r"lacks 1 weights, model\.layers\.1\.mlp\.up_proj\.weight first"):
        open_chat_model(f"dir:{folder}")


def test_a_file_of_weights_cut_short_is_refused(tmp_path):
    folder = save_tiny_qwen(tmp_path / "cut")
    whole = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ModelError, match=r"cannot be loaded .* download the model again"):
        open_chat_model(f"dir:{folder}")


@pytest.mark.parametrize(
    ("uri", "sentence"),
    [
        ("packaged:all-MiniLM-L6-v2", "cannot serve as a chat model; pass one of dir:…, hf:…, openai:…, scripted:…"),
        ("hf:Qwen/Qwen-7B-Chat", r"such code is never run here; serve it with vLLM and pass openai:http://localhost"),
        ("nonsense", "does not name a model"),
        ("dir:/no/such/folder", "there is no folder"),
    ],
)
def test_a_uri_of_no_chat_model_gets_one_clear_sentence(uri, sentence):
    with pytest.raises(ModelError, match=sentence):
        open_chat_model(uri)


def test_an_encoder_cannot_suggest(tmp_path):
    folder = save_tiny_qwen(tmp_path / "encoder")
    config = (folder / "config.json").read_text().replace("Qwen2ForCausalLM", "BertModel")
    (folder / "config.json").write_text(config)
    with pytest.raises(ModelError, match="is a BertModel, which cannot suggest labels; pass a chat model"):
        open_chat_model(f"dir:{folder}")


def test_a_model_with_its_own_code_is_refused_with_an_alternative(tmp_path):
    folder = save_tiny_qwen(tmp_path / "old")
    config = json.loads((folder / "config.json").read_text())
    config |= {"model_type": "qwen", "auto_map": {"AutoModelForCausalLM": "modeling_qwen.QWenLMHeadModel"}}
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(ModelError, match="needs Python code that comes with it, and such code is never run here"):
        open_chat_model(f"dir:{folder}")


def test_the_scripted_model_looks_texts_up_in_its_table():
    model = ScriptedChatModel({"hm": {"joy": 0.8}, "unreadable": None})
    hm, unreadable, words = label(model, ["hm", "unreadable", "so angry"])
    assert (hm[JOY], hm[ANGER]) == (0.8, 0.05)
    assert isinstance(unreadable, Unscored)
    assert words[ANGER] == 0.9


def test_the_scripted_model_knows_the_labels():
    with pytest.raises(LabelError, match="'joie' is not a label"):
        ScriptedChatModel({"hm": {"joie": 0.8}})


def test_the_scripted_model_opens_by_uri_and_needs_no_weights():
    model = open_chat_model("scripted:words")
    [result] = label(model, ["what a joyful day"])
    assert (model.name, model.prompt_version) == ("scripted", "scripted-1")
    assert result.argmax() == JOY


def real_qwen() -> Path:
    """The folder in EMOCLF_QWEN, else where the development model is kept."""
    kept = Path("~/.cache/emoclf-dev-models/qwen2.5-coder-0.5b-instruct").expanduser()
    folder = Path(os.environ.get("EMOCLF_QWEN") or kept)
    if not (folder / "config.json").is_file():
        pytest.skip(f"no Qwen checkpoint in {folder}; set EMOCLF_QWEN to a folder with one")
    return folder


@pytest.mark.real_model
def test_a_real_qwen_reads_joy_and_anger():
    model = open_chat_model(f"dir:{real_qwen()}")
    happy = "Best birthday ever, I can't stop smiling!! 😄🎉"
    glad, cross = label(model, [happy, "So furious right now, they lied to my face AGAIN 😡"])
    assert glad[JOY] > glad[ANGER]
    assert glad[JOY] > cross[JOY]
    assert cross[ANGER] > glad[ANGER]


@pytest.mark.real_model
def test_a_real_qwen_answers_in_one_pass_as_it_answers_alone():
    model, tokenizer = checkpoint.load(real_qwen(), "dir:qwen")
    scorer = OnePassScorer(model, tokenizer)
    alone = asked_alone(model, scorer, TWEETS[2], scorer.tokens.questions[3:6])
    np.testing.assert_allclose(scorer.log_odds(TWEETS)[2, 3:6], alone, atol=0.5)  # bfloat16 logits near 20 step by 1/8


@pytest.mark.real_model
def test_an_order_in_a_tweet_changes_a_real_qwens_answers_to_no_other_tweet_and_is_answered_in_full_itself():
    model, told = open_chat_model(f"dir:{real_qwen()}"), [order.format("anger") for order in INSTRUCTIONS]
    *others, one, two, three, four = label(model, [*TWEETS, *told])
    assert {row.shape for row in (one, two, three, four)} == {(11,)}
    np.testing.assert_allclose(others, list(label(model, TWEETS)), atol=0.05)  # bfloat16, in batches of other sizes
