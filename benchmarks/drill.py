"""
Fault injection: is any decision lost, stored twice or stored on another tweet while faults happen during a review?

Twenty reviewers in real browser pages (headless Chromium) decide, flip, undo and continue, while random faults happen:
the app or a worker is killed (-9), the disk is full, another program holds the write lock, the network between browser
and app is cut, the clock is set back, or the page is navigated away from, reloaded, closed and reopened. In a separate
run, PostgreSQL is restarted.

The browser's storage is watched. An event removed from it must be in the store at that moment; a header that says
"saved" must be right; after recovery, every decision must be in the store once, with its labels, on the tweet that was
visible. Faults that this machine cannot produce (root for a separate disk, Debian's PostgreSQL) are skipped, and the
table says so.
"""

import argparse
import json
import os
import random
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

from playwright.sync_api import sync_playwright

from benchmarks.claims import Claim, missing
from tests.support.browser import FLAGS, NO_CHROMIUM, chromium_path
from tests.support.fault_injection.environment import Environment, batch_faults
from tests.support.fault_injection.faults import POSTGRESQL


@dataclass(frozen=True)
class Size:
    """The size of a run."""

    reviewers: int
    decisions: int
    faults: int
    longest_lock: float  # seconds
    batches: int  # batches whose jobs can be killed


DECISIONS = 2_000
FULL = Size(20, DECISIONS, 200, 60.0, 24)
SHORT = Size(4, 120, 14, 6.0, 2)  # of the test
QUICK = Size(3, 60, 9, 3.0, 1)
RECOVERY_SECONDS = 300.0  # seconds that pages may take to recover at the end
FAULT_SHARE = 0.7  # the share of the work after which no more faults happen, so that pages work without faults too
SEED = 7


def main() -> int:
    """Inject faults on SQLite and, if available, on PostgreSQL; print the faults and the results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a minute: 3 reviewers, 60 decisions, 9 faults")
    parser.add_argument("--on", choices=["SQLite", "PostgreSQL"], nargs="*", help="the databases; both by default")
    parser.add_argument("--decisions", type=int, help=f"default: {DECISIONS:,}, of which one in ten brings a fault")
    parser.add_argument("--seed", type=int, default=SEED, help="which faults happen when")
    options = parser.parse_args()
    size = QUICK if options.quick else FULL
    if options.decisions:
        size = replace(size, decisions=options.decisions, faults=max(1, options.decisions // 10))
    if chromium_path() is None:
        missing(NO_CHROMIUM)
    claims = []
    for on in options.on or ["SQLite", "PostgreSQL"]:
        if on == "PostgreSQL" and not (POSTGRESQL[-1] / "pg_ctl").exists():
            print(f"{on}: left out, this machine has no server of it")
            continue
        claims.append(run_faults(on, size, options.seed).to_json())
    answer = claims[0] if len(claims) == 1 else {"claims": claims}
    print(json.dumps({**answer, "quick": True} if options.quick else answer))
    return 0 if all(claim["holds"] for claim in claims) else 1


def run_faults(on: str, size: Size, seed: int = SEED) -> Claim:
    """Run on one database; the claim is the number of violations."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        os.environ["EMOCLF_RUNS"] = str(Path(folder) / "runs")
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=FLAGS)
        environment = Environment(browser, size.reviewers, size.longest_lock, on, size.batches, seed)
        try:
            began = time.monotonic()
            review(environment, size.decisions, size.faults, random.Random(seed))
            recovered = environment.end(RECOVERY_SECONDS)
            seconds = time.monotonic() - began
            environment.event_log.close()
            found = environment.event_log.faults + batch_faults(environment.store)
            if not recovered:
                found["pages that never recovered"] += 1
        finally:
            environment.close()
            browser.close()
    return report(environment, on, found, seconds)


def review(environment: Environment, decisions: int, faults: int, rng: random.Random) -> None:
    """Let the reviewers alternate until all decisions are made, with the faults spread over the first part."""
    kinds = [kind for n in range(faults) for kind in [list(environment.kinds)[n % len(environment.kinds)]]]
    rng.shuffle(kinds)
    n_actions = 0
    while len(environment.event_log.events) < decisions:
        n_actions += 1
        reviewer = rng.choice(environment.reviewers)
        if not reviewer.decide():
            reviewer.check_page(environment.store)
            reviewer.page.wait_for_timeout(50)
            if rng.random() < 0.02:  # as a person would if the page shows nothing
                reviewer.reload()
        if n_actions % 5 == 0:
            rng.choice(environment.reviewers).check_page(environment.store)
        if n_actions % 200 == 0:
            print(
                f"{len(environment.event_log.events):,} decisions, {faults - len(kinds)} faults",
                file=sys.stderr,
                flush=True,
            )
        while kinds and len(environment.event_log.events) > (faults - len(kinds)) / faults * FAULT_SHARE * decisions:
            environment.inject(kinds.pop())


def report(environment: Environment, on: str, found: dict[str, int], seconds: float) -> Claim:
    """Print the table of one run."""
    event_log = environment.event_log
    undone = sum(one.event["kind"] == "undo" for one in event_log.events.values())
    print(f"{on}: {len(event_log.events):,} decisions, {undone:,} of them undos, in {seconds / 60:.1f} minutes")
    print("\n| what happened | times |\n|---|---:|")
    for kind, n in sorted(environment.n_injected.items()):
        print(f"| {kind} | {n} |")
    if on == "SQLite" and not environment.has_own_disk:
        print("| disk filled | left out: it needs root |")
    print("\n| found | times |\n|---|---:|")
    for kind in KINDS:
        print(f"| {kind} | {found.get(kind, 0)} |")
    for kind in sorted(set(found) - set(KINDS)):
        print(f"| {kind} | {found[kind]} |")
    print(
        f"\n{event_log.header_checks:,} headers compared with the store; "
        f"{len(event_log.released):,} decisions let go by browsers; ",
        end="",
    )
    print(f"{event_log.superseded} times another reviewer was faster, and the card said so.")
    for example in event_log.examples:
        print(f"  {example}")
    detail = {
        "decisions": len(event_log.events),
        "faults": sum(environment.n_injected.values()),
        "minutes": round(seconds / 60, 1),
    }
    what = f"decisions lost, doubled or misplaced, and headers that were wrong, on {on}"
    return Claim(
        what,
        sum(found.values()),
        0,
        "found",
        at_most=True,
        detail=detail | {"headers compared": event_log.header_checks},
    )


KINDS = (
    "let go by the browser and not in the store",
    "made and not in the store",
    "stored twice",
    "stored on another tweet, or with other labels",
    "in the store and made by nobody",
    "header says saved while something waits",
    "header says saved and the store lacks it",
)

if __name__ == "__main__":
    sys.exit(main())
