"""Tests of the folders that pages may read models from and export to; an owner at the own machine is not limited."""

import os
from pathlib import Path

import pytest

from db.store import Store
from emoclf.errors import DataFileError, ModelError
from emoclf.hub.uris import local_folders
from jobs import access
from jobs.settings.conversion import to_json
from jobs.settings.files import ExportRunSettings
from jobs.settings.training import TrainSettings

BERT = "https://tfhub.dev/tensorflow/bert_en_uncased_L-12_H-768_A-12/4"


def environment(tmp_path: Path, **added: str) -> dict[str, str]:
    return {"EMOCLF_RUNS": str(tmp_path / "runs"), "TFHUB_CACHE_DIR": str(tmp_path / "cache"), **added}


def test_only_an_app_on_the_own_machine_serves_its_owner_alone() -> None:
    assert not any(map(access.serves_others, ("localhost", "127.0.0.1", "::1", "[::1]", "LOCALHOST")))
    assert all(
        map(access.serves_others, (None, "", "0.0.0.0", "::", "192.168.0.7", "labels.example", "127.0.0.1.evil"))
    )


def test_a_model_uri_names_the_folders_that_it_reads() -> None:
    assert local_folders("dir:/a") == [Path("/a")]
    assert local_folders("tfhub:/a#/b") == [Path("/a"), Path("/b")]
    assert local_folders(f"tfhub:{BERT}#../b") == [Path("../b")]
    assert local_folders(f"tfhub:{BERT.removeprefix('https://')}") == []
    for uri in ("hf:a/b", "packaged:x", "openai:http://localhost:8000/v1", "scripted:words", "dir:", "nonsense"):
        assert local_folders(uri) == []


def test_on_the_own_machine_every_folder_is_allowed_unless_the_owner_lists_some(store: Store, tmp_path: Path) -> None:
    env = environment(tmp_path)
    access.check_model(store, "dir:/anywhere", is_shared=False, env=env)
    access.check_export(store, Path("/anywhere"), is_shared=False, env=env)
    env |= {"EMOCLF_MODEL_FOLDERS": str(tmp_path / "models"), "EMOCLF_EXPORT_FOLDERS": ""}
    with pytest.raises(ModelError, match="models in /anywhere may not be loaded from the pages"):
        access.check_model(store, "dir:/anywhere", is_shared=False, env=env)
    with pytest.raises(DataFileError, match="the pages of this app may not write to /anywhere; choose a folder in "):
        access.check_export(store, Path("/anywhere"), is_shared=False, env=env)


def test_an_app_that_serves_others_reads_models_of_hubs_of_its_runs_and_of_listed_folders_only(
    store: Store, tmp_path: Path
) -> None:
    listed = os.pathsep.join((str(tmp_path / "models"), str(tmp_path / "more")))
    env = environment(tmp_path, EMOCLF_MODEL_FOLDERS=listed)
    inside = ("models/a", "more", "runs/encoders/x", "cache/abc")
    for uri in ("hf:a/b", "packaged:x", f"tfhub:{BERT}", *(f"dir:{tmp_path / name}" for name in inside)):
        access.check_model(store, uri, is_shared=True, env=env)
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "link").symlink_to("/etc")
    for name in ("models/../elsewhere", "models-of-others", "models/link", ".", "~"):
        with pytest.raises(ModelError, match="ask its owner to add that folder to EMOCLF_MODEL_FOLDERS"):
            access.check_model(store, f"dir:{tmp_path / name}" if name != "~" else "dir:~", is_shared=True, env=env)
    with pytest.raises(ModelError, match="models in /secret may not be loaded"):
        access.check_model(store, f"tfhub:{BERT}#/secret", is_shared=True, env=env)


def test_an_app_that_serves_others_exports_into_the_folder_of_its_runs_and_into_listed_ones_only(
    store: Store, tmp_path: Path
) -> None:
    env = environment(tmp_path, EMOCLF_EXPORT_FOLDERS=str(tmp_path / "out"))
    for name in ("out/run-1", "runs/exported/run-1"):
        access.check_export(store, tmp_path / name, is_shared=True, env=env)
    for name in ("out/../run-1", "run-1"):
        with pytest.raises(DataFileError, match="or ask its owner to add that folder to EMOCLF_EXPORT_FOLDERS"):
            access.check_export(store, tmp_path / name, is_shared=True, env=env)


def test_the_settings_of_a_job_and_of_the_jobs_after_it_are_checked(store: Store, tmp_path: Path) -> None:
    env = environment(tmp_path)
    later = TrainSettings(then_train=TrainSettings(base="dir:/secret"))
    for settings in (later, TrainSettings(base="dir:/secret")):
        with pytest.raises(ModelError, match="models in /secret may not be loaded"):
            access.check_settings(store, to_json(settings), is_shared=True, env=env)
    for model in ("engine", "judge"):
        with pytest.raises(ModelError):
            access.check_settings(store, {model: "dir:/secret"}, is_shared=True, env=env)
    with pytest.raises(DataFileError):
        access.check_settings(store, to_json(ExportRunSettings(1, "/secret")), is_shared=True, env=env)
    access.check_settings(store, to_json(TrainSettings()), is_shared=True, env=env)
