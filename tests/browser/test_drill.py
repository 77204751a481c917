"""Short fault injection with real browsers: no decision is lost, duplicated or misplaced."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from benchmarks import drill
from tests.support.browser import chromium_path
from tests.support.fault_injection.faults import POSTGRESQL

pytestmark = pytest.mark.browser
has_postgresql = (POSTGRESQL[-1] / "pg_ctl").exists()


@pytest.mark.parametrize("on", ["SQLite", "PostgreSQL"])
def test_no_injected_fault_loses_doubles_or_misplaces_a_decision_and_no_header_is_wrong(
    on: str, capsys: pytest.CaptureFixture[str]
) -> None:
    if chromium_path() is None:
        pytest.skip("no Chromium on this machine; install the package chromium")
    if on == "PostgreSQL" and not has_postgresql:
        pytest.skip("no PostgreSQL server on this machine; install the package postgresql")
    with ThreadPoolExecutor(1) as executor:  # Playwright of the other tests has this thread's event loop
        claim = executor.submit(drill.run_faults, on, drill.SHORT).result()
    assert claim.holds, capsys.readouterr().out
