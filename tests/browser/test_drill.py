"""The short drill: real browsers and injected faults; no decision is lost, duplicated or misplaced."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from benchmarks import drill
from tests.support.browser import installed
from tests.support.drill.faults import POSTGRESQL

has_postgresql = (POSTGRESQL[-1] / "pg_ctl").exists()


@pytest.mark.browser
@pytest.mark.parametrize("on", ["SQLite", "PostgreSQL"])
def test_whatever_breaks_no_decision_is_lost_doubled_or_misplaced_and_no_header_is_wrong(
    on: str, capsys: pytest.CaptureFixture[str]
) -> None:
    if installed() is None:
        pytest.skip("no Chromium on this machine; install the package chromium")
    if on == "PostgreSQL" and not has_postgresql:
        pytest.skip("no PostgreSQL server on this machine; install the package postgresql")
    with ThreadPoolExecutor(1) as apart:  # Playwright of the other tests has this thread's event loop
        claim = apart.submit(drill.drill, on, drill.QUICK).result()
    assert claim.holds, capsys.readouterr().out
