"""Tests of the limit of BLAS threads: small fits use one thread, and other computations as many as before."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from emoclf.metrics import calibration
from emoclf.review import doubt


def threads() -> set[int]:
    return {library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"}


@pytest.fixture
def two_threads() -> Any:
    np.ones((2, 2)) @ np.ones((2, 2))
    with threadpool_limits(limits=2, user_api="blas"):
        yield


@pytest.mark.usefixtures("two_threads")
@pytest.mark.parametrize(
    ("module", "inner", "fit"),
    [
        (
            doubt,
            "twin_evidence",
            lambda: doubt.doubt(np.eye(11, dtype=np.int8), [np.full((11, 11), 0.5)], ["0"] * 11, np.ones(11, bool)),
        ),
        (calibration, "_fit", lambda: calibration.fit(np.full((3, 11), 0.5), np.eye(3, 11, dtype=np.int8))),
        (calibration, "_fit", lambda: calibration.fit_jointly(np.full((3, 11), 0.5), np.eye(3, 11, dtype=np.int8))),
    ],
)
def test_doubt_and_calibration_are_fitted_with_one_thread_and_the_number_is_restored(
    module: Any, inner: str, fit: Callable[[], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen, before, original = [], threads(), getattr(module, inner)

    def noted(*args: Any) -> Any:
        seen.append(threads())
        return original(*args)

    monkeypatch.setattr(module, inner, noted)
    fit()
    assert seen[0] == {1}
    assert threads() == before != {1}
