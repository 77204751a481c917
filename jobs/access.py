"""
Which folders the pages may load models from and export runs to.

Whoever opens the app on the owner's own machine is the owner and may name any folder. If the app serves other machines,
or the owner has set `EMOCLF_MODEL_FOLDERS` or `EMOCLF_EXPORT_FOLDERS`, only the folders set there are allowed, and
always the folder of the runs and the caches of downloaded models. The command line is not limited.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from db.store import Store
from emoclf import environment
from emoclf.environment import CURRENT, Env
from emoclf.errors import DataFileError, ModelError
from emoclf.hub.uris import local_folders
from emoclf.this_machine import is_this_machine
from jobs.paths import runs_folder

MODELS = ("base", "engine", "judge")  # the settings of jobs that name a model
EXPORTS = "folder"  # the setting that names the folder of an export


def serves_others(address: str | None) -> bool:
    """Return whether an app that listens on this address can be reached from other machines; None: on every address.

    >>> serves_others("localhost"), serves_others("0.0.0.0"), serves_others(None)
    (False, True, True)
    """
    return not is_this_machine(address or "")


def check_settings(store: Store, settings: Mapping[str, Any], is_shared: bool, env: Env = CURRENT) -> None:
    """Check the folders that the settings of a job name, as JSON values.

    Parameters
    ----------
    is_shared : whether the app serves other machines

    Raises
    ------
    ModelError, DataFileError : if a folder is not allowed
    """
    for name, value in _entries(settings):
        if name in MODELS and isinstance(value, str):
            check_model(store, value, is_shared, env)
        if name == EXPORTS and isinstance(value, str):
            check_export(store, Path(value), is_shared, env)


def check_model(store: Store, uri: str, is_shared: bool, env: Env = CURRENT) -> None:
    """Raise ModelError if a model URI names a folder that is not allowed."""
    allowed = _allowed(environment.model_folders(env), is_shared)
    if allowed is None or not (named := local_folders(uri)):
        return
    from huggingface_hub import constants

    always = [runs_folder(store, env), environment.tfhub_cache(env), Path(constants.HF_HUB_CACHE)]
    for folder in named:
        if not _is_within(folder, [*allowed, *always]):
            raise ModelError(
                f"models in {folder} may not be loaded from the pages of this app; ask its owner to add that folder to "
                "EMOCLF_MODEL_FOLDERS, or pass a model of a hub"
            )


def check_export(store: Store, folder: Path, is_shared: bool, env: Env = CURRENT) -> None:
    """Raise DataFileError if the pages may not export to a folder."""
    allowed = _allowed(environment.export_folders(env), is_shared)
    if allowed is not None and not _is_within(folder, [*allowed, runs_folder(store, env)]):
        own = runs_folder(store, env).absolute()
        raise DataFileError(
            f"the pages of this app may not write to {folder}; choose a folder in {own}, "
            "or ask its owner to add that folder to EMOCLF_EXPORT_FOLDERS"
        )


def _allowed(listed: Sequence[Path] | None, is_shared: bool) -> Sequence[Path] | None:
    """Return the folders that the owner allows; None if every folder is allowed."""
    return listed if listed is not None or not is_shared else []


def _is_within(folder: Path, allowed: Sequence[Path]) -> bool:
    """Return whether a folder is, or lies in, one of the allowed ones, after all links are followed."""
    real = Path(os.path.realpath(folder.expanduser()))
    return any(real.is_relative_to(os.path.realpath(one.expanduser())) for one in allowed)


def _entries(settings: Any) -> Iterator[tuple[str, Any]]:
    """Yield every setting, also those of a job that follows this one."""
    if isinstance(settings, Mapping):
        for name, value in settings.items():
            yield name, value
            yield from _entries(value)
