"""Tests of TensorFlow Hub handles: found in the cache or a folder, with their preprocessing, without TensorFlow."""

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

from emoclf.errors import ModelError
from emoclf.hub import handles
from emoclf.hub.handles import find, preprocessing_handles
from emoclf.hub.uris import locate, names_saved_model
from tests.support.paths import ROOT

BERT = "https://tfhub.dev/tensorflow/bert_en_uncased_L-12_H-768_A-12/4"
BERT_AT = "d760773f85f64fc84ae0b47310f7cfe3bcec4868"
PREPROCESSING_AT = "602d30248ff7929470db09f7385fc895e9ceb4c0"  # of …/bert_en_uncased_preprocess/3


def saved_model(folder: Path, parts: int = 1) -> Path:
    """A folder with the files of a SavedModel, empty."""
    (folder / "variables").mkdir(parents=True)
    (folder / "saved_model.pb").touch()
    (folder / "variables" / "variables.index").touch()
    for part in range(parts):
        (folder / "variables" / f"variables.data-{part:05}-of-{parts:05}").touch()
    return folder


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TFHUB_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_a_cache_filled_by_hand_resolves_the_published_bert_and_its_preprocessing(cache: Path) -> None:
    encoder, preprocessing = saved_model(cache / BERT_AT), saved_model(cache / PREPROCESSING_AT)
    found = find(f"tfhub:{BERT}")
    assert (found.encoder, found.preprocessing) == (encoder, preprocessing)


@pytest.mark.parametrize("copied", [f"{BERT}/", f" {BERT} ", BERT.removeprefix("https://"), BERT.replace("h", "H", 1)])
def test_a_handle_is_found_however_it_was_copied(cache: Path, copied: str) -> None:
    encoder, preprocessing = saved_model(cache / BERT_AT), saved_model(cache / PREPROCESSING_AT)
    found = find(f"tfhub:{copied}")
    assert (found.encoder, found.preprocessing) == (encoder, preprocessing)
    named = find(f"tfhub:{copied}#tfhub.dev/tensorflow/bert_en_uncased_preprocess/3/")
    assert (named.encoder, named.preprocessing) == (encoder, preprocessing)


def test_folder_names_are_used_unchanged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("tfhub.dev/bert", "Über alles 日本 ", "HTTP"):
        saved_model(tmp_path / name / "preprocessing")
        saved_model(tmp_path / name)
        assert find(f"tfhub:{name}").encoder == Path(name)
        assert find(f"tfhub:./{name}/").encoder == Path(name)


def test_a_kaggle_url_finds_its_preprocessing_under_either_name(cache: Path) -> None:
    url = "https://www.kaggle.com/models/tensorflow/bert/TensorFlow2/en-uncased-l-12-h-768-a-12/4"
    saved_model(handles.cached(url))
    of_tfhub = saved_model(cache / PREPROCESSING_AT)
    assert find(f"tfhub:{url}").preprocessing == of_tfhub
    of_kaggle = "https://www.kaggle.com/models/tensorflow/bert/TensorFlow2/en-uncased-preprocess/3"
    preferred = saved_model(handles.cached(of_kaggle))
    assert find(f"tfhub:{url}").preprocessing == preferred


@pytest.mark.parametrize(
    ("encoder", "preprocessing"),
    [
        ("tensorflow/bert_en_uncased_L-12_H-768_A-12/4", "bert_en_uncased_preprocess"),
        ("tensorflow/bert_en_wwm_uncased_L-24_H-1024_A-16/4", "bert_en_uncased_preprocess"),
        ("tensorflow/bert_en_cased_L-24_H-1024_A-16/4", "bert_en_cased_preprocess"),
        ("tensorflow/bert_en_wwm_cased_L-24_H-1024_A-16/4", "bert_en_cased_preprocess"),
        ("tensorflow/bert_multi_cased_L-12_H-768_A-12/4", "bert_multi_cased_preprocess"),
        ("tensorflow/bert_zh_L-12_H-768_A-12/4", "bert_zh_preprocess"),
        *[
            (
                f"tensorflow/small_bert/bert_en_uncased_L-{layers}_H-{width}_A-{width // 64}/2",
                "bert_en_uncased_preprocess",
            )
            for layers in (2, 4, 6, 8, 10, 12)
            for width in (128, 256, 512, 768)
        ],
        ("tensorflow/albert_en_base/3", "albert_en_preprocess"),
        ("tensorflow/talkheads_ggelu_bert_en_large/2", "bert_en_uncased_preprocess"),
        ("tensorflow/lambert_en_uncased_L-24_H-1024_A-16/2", "bert_en_uncased_preprocess"),
        ("google/experts/bert/wiki_books/mnli/2", "bert_en_uncased_preprocess"),
        ("google/experts/bert/pubmed/squad2/2", "bert_en_uncased_preprocess"),
        ("google/electra_small/2", "bert_en_uncased_preprocess"),
    ],
)
def test_every_published_family_has_its_preprocessing(encoder: str, preprocessing: str) -> None:
    found = preprocessing_handles(f"https://tfhub.dev/{encoder}")
    assert found == [f"https://tfhub.dev/tensorflow/{preprocessing}/3"]


def test_the_preprocessing_can_be_named_and_else_lies_below_the_encoder(tmp_path: Path) -> None:
    encoder, below = saved_model(tmp_path / "encoder"), saved_model(tmp_path / "encoder" / "preprocessing")
    other = saved_model(tmp_path / "other")
    assert find(f"dir:{encoder}").preprocessing == below
    assert find(f"tfhub:{encoder}").preprocessing == below
    assert find(f"tfhub:{encoder}#{other}").preprocessing == other


def test_preprocessing_unpacked_beside_a_published_encoder_is_found(cache: Path, tmp_path: Path) -> None:
    encoder = saved_model(tmp_path / "bert_en_uncased_L-12_H-768_A-12_4")
    in_cache = saved_model(cache / PREPROCESSING_AT)
    assert find(f"dir:{encoder}").preprocessing == in_cache
    beside = saved_model(tmp_path / "bert_en_uncased_preprocess_3")
    assert find(f"dir:{encoder}").preprocessing == beside


def test_an_encoder_of_no_known_family_asks_for_its_preprocessing(tmp_path: Path) -> None:
    encoder = saved_model(tmp_path / "albert" / "models" / "encoder")  # a person of that name is no family
    with pytest.raises(ModelError, match=rf"which preprocessing belongs to .*: tfhub:{encoder}#PREPROCESSING, or put"):
        find(f"tfhub:{encoder}")


def test_without_network_and_cache_the_error_names_the_folder_and_how_to_fill_it(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EMOCLF_TFHUB_HOSTS", "127.0.0.1:9")
    handle = "https://127.0.0.1:9/bert_en_uncased/1"
    with pytest.raises(ModelError) as error:
        find(f"tfhub:{handle}")
    message = str(error.value)
    assert f"{handle} is neither in the cache folder {cache} nor can it be downloaded" in message
    assert f"unpack the model there as {handles.cached(handle).name}/, or set TFHUB_CACHE_DIR" in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("lost", "words"),
    [
        ("saved_model.pb", "has no saved_model.pb,"),
        ("variables/variables.index", "has no variables.index,"),
        ("variables/variables.data-00001-of-00002", "has no 1 of 2 variables.data,"),
    ],
)
def test_a_partly_downloaded_model_gives_a_clear_error(cache: Path, lost: str, words: str) -> None:
    folder = saved_model(cache / BERT_AT, parts=2)
    (folder / lost).unlink()
    with pytest.raises(ModelError, match=f"{BERT_AT} {words} so the SavedModel is incomplete; delete the folder"):
        find(f"tfhub:{BERT}")


@pytest.mark.parametrize("ending", [".part", ".crdownload", ".tempstate123"])
def test_a_part_under_the_name_of_an_unfinished_download_is_missing(cache: Path, ending: str) -> None:
    part = saved_model(cache / BERT_AT) / "variables" / "variables.data-00000-of-00001"
    part.rename(f"{part}{ending}")
    with pytest.raises(ModelError, match=r"has no variables.data, so the SavedModel is incomplete; delete the folder"):
        find(f"tfhub:{BERT}")


def test_folders_of_other_tools_inside_a_model_are_ignored(tmp_path: Path) -> None:
    encoder = saved_model(tmp_path / "encoder")
    saved_model(encoder / "preprocessing")
    before = handles.digest(f"dir:{encoder}")
    (encoder / "assets" / ".ipynb_checkpoints").mkdir(parents=True)
    assert handles.digest(f"dir:{encoder}") == before


def test_the_kind_of_a_model_folder_is_determined_by_its_content(tmp_path: Path) -> None:
    saved_model(tmp_path / "hub")
    (tmp_path / "torch").mkdir()
    assert names_saved_model(f"dir:{tmp_path / 'hub'}")
    assert names_saved_model(f"tfhub:{BERT}")
    assert not names_saved_model(f"dir:{tmp_path / 'torch'}")
    assert not names_saved_model("packaged:all-MiniLM-L6-v2")
    with pytest.raises(ModelError, match="is a model for TensorFlow, and a torch checkpoint is needed"):
        locate(f"tfhub:{BERT}")


def test_a_missing_library_gives_a_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tensorflow", None)
    monkeypatch.delitem(sys.modules, "emoclf.hub.tensorflow_library", raising=False)
    with pytest.raises(
        ModelError, match=r"need tensorflow and tensorflow-text .*; run: pip install -r requirements.txt"
    ) as error:
        importlib.import_module("emoclf.hub.tensorflow_library")
    assert "\n" not in str(error.value)


@pytest.mark.training
def test_a_store_can_be_opened_after_tensorflow_was_loaded(tmp_path: Path) -> None:
    program = (
        f"import emoclf.hub.tensorflow_library, db.store; db.store.open_store('sqlite:///{tmp_path}/a.db').close()"
    )
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", program], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.training
def test_finding_a_model_and_training_with_torch_load_no_tensorflow() -> None:
    code = (
        "import sys, emoclf.hub.handles, emoclf.training.classifier, emoclf.training.cross_validation,"
        "jobs.training.train, jobs.files.tfhub_export;"
        "print('tensorflow' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.strip() == "False", done.stderr
