"""Tests of exported runs: transformers alone gives the same predictions, and the model card states their origin."""

from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from db.runs import get_run
from db.store import Store
from db.tweets import add_tweets
from emoclf.backends.on_torch.network import from_base
from emoclf.errors import DataFileError, ModelError
from emoclf.export import model_card
from emoclf.export.plain_bert import plain_bert, save
from emoclf.labels import EMOTIONS
from emoclf.metrics.calibration import Calibration
from emoclf.progress import drain
from emoclf.text.cleaning import clean, clean_lightly
from emoclf.training.classifier import Classifier
from emoclf.tweets import Tweet
from jobs.files.export_run import export_run
from jobs.paths import run_folder
from jobs.review import review_card
from jobs.training import run_management
from tests.support.decisions import decide
from tests.support.models import KEYWORDS, tiny_bert
from tests.support.runs import add_run

pytestmark = pytest.mark.training

TWEETS = [f"@ana the train is {' '.join(KEYWORDS[n : n + 1 + n % 4])} again!! 🐶 #{n}" for n in range(11)] + [
    "",
    "a " * 90,
    "the cat [SEP] ate [MASK] a cake [CLS]",
]


@pytest.fixture(autouse=True)
def _in_float32(monkeypatch: pytest.MonkeyPatch) -> None:
    """As exported: the classifier may compute in bfloat16 on this machine."""
    monkeypatch.setattr("emoclf.backends.on_torch.backend.autocast", lambda device: nullcontext())


@pytest.fixture
def classifier(tmp_path: Path) -> Classifier:
    """A classifier of a tiny BERT whose head says a lot, and something else of each emotion."""
    network, tokenizer = from_base(tiny_bert(tmp_path / "base"), 11)
    with torch.no_grad():
        network.classifier.weight.normal_(0, 2.0)
        network.classifier.bias.normal_(0, 2.0)
    return Classifier(network, tokenizer, "packaged:x", np.linspace(0.1, 0.6, 11), max_length=32)


def probabilities(folder: Path, texts: list[str], batch: int = 4) -> np.ndarray:
    """What transformers alone makes of cleaned texts, in batches of unlike length."""
    model = AutoModelForSequenceClassification.from_pretrained(folder)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    found = []
    for start in range(0, len(texts), batch):
        pieces = tokenizer(texts[start : start + batch], truncation=True, padding=True, return_tensors="pt")
        with torch.inference_mode():
            found.append(torch.sigmoid(model(**pieces).logits).numpy())
    return np.concatenate(found)


def test_transformers_alone_gives_the_probabilities_of_the_classifier(classifier: Classifier, tmp_path: Path) -> None:
    save(classifier, None, tmp_path / "out")
    found = probabilities(tmp_path / "out", [clean(text) for text in TWEETS])
    expected = drain(classifier.probabilities(TWEETS))
    assert np.ptp(expected) > 0.8
    np.testing.assert_allclose(found, expected, atol=2e-6)


def test_with_the_input_that_its_card_describes_an_export_gives_the_classifiers_probabilities(
    classifier: Classifier, tmp_path: Path
) -> None:
    classifier.text_variant = "light"
    save(classifier, None, tmp_path / "out")
    light, cleaned = (
        probabilities(tmp_path / "out", [view(text) for text in TWEETS]) for view in (clean_lightly, clean)
    )
    assert np.abs(light - cleaned).max() > 0.05
    np.testing.assert_allclose(light, drain(classifier.probabilities(TWEETS)), atol=2e-6)


def test_an_export_contains_the_calibration_as_slope_and_intercept(classifier: Classifier, tmp_path: Path) -> None:
    with torch.no_grad():
        classifier.network.classifier.weight /= 4  # where log-odds are not cut off
    line = Calibration.independent(tuple(np.linspace(0.5, 1.5, 11)), tuple(np.linspace(-1, 1, 11)), (0.5,) * 11)
    save(classifier, line, tmp_path / "out")
    config = AutoModelForSequenceClassification.from_pretrained(tmp_path / "out").config
    slope, intercept = (np.array(list(config.calibration[name].values())) for name in ("slope", "intercept"))
    raw = probabilities(tmp_path / "out", [clean(text) for text in TWEETS]).astype(float)
    logits = np.log(raw / (1 - raw))
    expected = line.apply(drain(classifier.probabilities(TWEETS)))
    np.testing.assert_allclose(1 / (1 + np.exp(-(slope * logits + intercept))), expected, atol=1e-5)


@pytest.mark.parametrize("epsilon", [1e-12, 1e-6, 1e-5])
def test_the_plain_model_is_the_same_whatever_the_encoders_epsilon(classifier: Classifier, epsilon: float) -> None:
    network = classifier.network.eval()
    network.encoder.config.layer_norm_eps = epsilon
    for module in network.encoder.modules():
        if isinstance(module, torch.nn.LayerNorm):
            module.eps = epsilon
    ids = torch.tensor([[2, 7, 20, 21, 3, 0, 0], [2, 9, 9, 18, 30, 8, 3]])
    mask = (ids > 0).long()
    with torch.inference_mode():
        np.testing.assert_allclose(plain_bert(network)(ids, mask).logits, network(ids, mask), atol=2e-5)


@pytest.mark.real_model
def test_the_packaged_encoder_is_exported_without_a_difference() -> None:
    network, tokenizer = from_base("packaged:all-MiniLM-L6-v2", 11)
    with torch.no_grad():
        network.classifier.weight *= 30  # as far from 0 as a trained head's logits
    pieces = tokenizer([clean(text) for text in TWEETS], padding=True, truncation=True, return_tensors="pt")
    with torch.inference_mode():
        expected = network.eval()(pieces["input_ids"], pieces["attention_mask"])
        found = plain_bert(network)(**pieces).logits
    assert expected.abs().max() > 3
    np.testing.assert_allclose(found, expected, atol=2e-5)


def test_an_encoder_that_is_no_bert_is_refused_in_one_sentence(classifier: Classifier) -> None:
    classifier.network.encoder.config.model_type = "roberta"
    with pytest.raises(ModelError, match="only BERT encoders can be exported, and this one is roberta"):
        plain_bert(classifier.network)


@pytest.fixture
def exported(filled: Store, classifier: Classifier) -> tuple[Store, int]:
    """A store with a run that has the classifier's files, 2 SemEval tweets and a decision of ana's."""
    with filled.writing() as session:
        add_tweets(session, [Tweet(f"2017-En-{n}", f"wow number {n}", frozenset({"fear"})) for n in (1, 2)])
    review_card.save_events(filled, "ana", [decide("e1", 2, "anger")])
    seen = [(1, "train", frozenset({"joy", "love"})), (2, "train", frozenset({"anger"}))]
    seen += [(n, "train", frozenset({"fear"})) for n in (5, 6)] + [(4, "dev", frozenset({"sadness"}))]
    one = {"support": 1, "precision": 0.5, "recall": 0.25, "f1": 1 / 3, "f1_low": 0.1, "f1_high": 0.6, "accuracy": 0.5}
    figures = {"n": 886, "macro_f1": 0.6125, "micro_f1": 0.7, "jaccard": 0.58, "accuracy": 0.9}
    corpora = [{"name": "goemotions", "hash": "h", "texts": 43410, "emotions": 28, "licence": "CC BY 4.0"}]
    run_id = add_run(
        filled,
        tweets=seen,
        base="packaged:all-MiniLM-L6-v2",
        settings={
            "epochs": 4,
            "folds": 4,
            "views": ["light", "cleaned"],
            "first_stage": {"encoder": "abc", "corpora": corpora},
        },
        metrics={**figures, "per_emotion": dict.fromkeys(EMOTIONS.names, one)},
        thresholds=classifier.thresholds.tolist(),
    )
    with filled.reading() as session:
        classifier.save(run_folder(filled, get_run(session, run_id).folder))
    return filled, run_id


def test_an_exported_run_is_a_folder_that_needs_none_of_our_code(
    exported: tuple[Store, int], classifier: Classifier, tmp_path: Path
) -> None:
    folder = tmp_path / "to" / "share"
    answer = export_run(*exported, folder)
    assert {"README.md", "config.json", "model.safetensors", "tokenizer.json"} <= set(answer["files"])
    assert list(folder.parent.iterdir()) == [folder]
    config = AutoModelForSequenceClassification.from_pretrained(folder).config
    assert config.problem_type == "multi_label_classification"
    assert tuple(config.id2label.values()) == EMOTIONS.names
    assert config.thresholds["trust"] == pytest.approx(0.6)
    assert config.model_type == "bert"
    assert "auto_map" not in (folder / "config.json").read_text()


def test_the_model_card_lists_data_figures_settings_licences_and_limits(
    exported: tuple[Store, int], tmp_path: Path
) -> None:
    export_run(*exported, tmp_path / "out")
    card = (tmp_path / "out" / "README.md").read_text(encoding="utf-8")
    for fact in (
        "4 training tweets, all of them by this model",
        "of 1 training tweets were decided by 1 reviewer; those of the other 3 are the ones",
        "| fear | 2 |",
        "macro-F1 0.613, micro-F1 0.700, Jaccard 0.580",
        "| anger | 1 | 0.500 | 0.250 | 0.333 | 0.100 to 0.600 |",
        "| epochs | 4 |",
        "trust 0.600",
        "all-MiniLM-L6-v2 (Apache-2.0; commercial use: yes)",
        "2 tweets are of SemEval-2018 Task 1 (E-c) (terms of the task; commercial use: no: research only, not to be",
        "43,410 texts of goemotions. GoEmotions (CC BY 4.0; commercial use: yes): Demszky et al. (2020)",
        "Where 3 tweets come from is not recorded",
        "## Feed the text lightly cleaned",
        "chosen on what up to\n4 other models",
        "## Intended use and limits",
    ):
        assert fact in card
    assert "ana" not in card.split("```")[0]
    assert "wow number" not in card


def test_a_model_card_without_figures_says_so_and_names_no_local_folder(
    exported: tuple[Store, int], tmp_path: Path
) -> None:
    store, run_id = exported
    with store.reading() as session:
        run = get_run(session, run_id)
    bare = {
        "name": "x",
        "created": "2026-11-23",
        "counts": {},
        "positives": {},
        "decided": 0,
        "reviewers": 0,
        "origins": {},
    }
    kept = {name: getattr(run, name) for name in ("code_version", "base", "seed", "seconds", "data_hash")}
    facts: dict[str, Any] = {
        **bare,
        **kept,
        "settings": {"base": "dir:/home/ana/encoder"},
        "thresholds": {},
        "metrics": {"n": 0},
        "calibration": {"n": 60, "ece_before": 0.25, "ece_after": 0.0625},
    }
    facts["base"] = "dir:/home/ana/encoder"
    card = model_card.model_card(model_card.CardFacts(**facts))
    assert "There were no dev tweets to score on." in card
    assert "The encoder dir:encoder has a licence of its own" in card
    assert "/home" not in card
    assert "on 60 training tweets" in card
    assert "went from 0.250 to 0.062" in card


def test_nothing_is_overwritten_and_a_failure_leaves_nothing_behind(
    exported: tuple[Store, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes").write_text("dear diary")
    with pytest.raises(DataFileError, match=r"mine is not an empty folder"):
        export_run(*exported, tmp_path / "mine")

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    before = sorted(tmp_path.iterdir())
    monkeypatch.setattr("emoclf.export.plain_bert.save", full)
    with pytest.raises(DataFileError, match=r"cannot write .*out \(No space left on device\)"):
        export_run(*exported, tmp_path / "out")
    assert sorted(tmp_path.iterdir()) == before


def test_a_run_without_files_cannot_be_exported(exported: tuple[Store, int], tmp_path: Path) -> None:
    store, run_id = exported
    run_management.delete_files(store, run_id)
    with pytest.raises(ModelError, match="were deleted"):
        export_run(store, run_id, tmp_path / "out")
