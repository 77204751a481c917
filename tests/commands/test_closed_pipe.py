"""Tests of commands whose output nobody reads to its end, such as `cli.py queue | head -1`."""

import os
import subprocess
import sys

import pytest

from db.store import Store
from db.tweets import add_tweets
from emoclf.tweets import Tweet
from tests.support.paths import ROOT

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGPIPE"),
]


@pytest.mark.parametrize("json", [[], ["--json"]], ids=["words", "json"])
def test_a_listing_whose_reader_has_enough_ends_quietly_as_other_programs_do(store: Store, json: list[str]) -> None:
    with store.writing() as session:  # more than the 64 KB that a pipe holds
        add_tweets(session, [Tweet(f"k{n}", f"tweet {n} " + "x" * 900, frozenset({"joy"})) for n in range(200)])
    command = [sys.executable, "-W", "ignore", str(ROOT / "cli.py"), "queue", "--limit", "200", *json]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stderr
        first = process.stdout.read(20)
        process.stdout.close()
        errors, status = process.stderr.read(), process.wait()
    assert (len(first), errors, status) == (20, b"", 141)


@pytest.mark.parametrize("arguments", [["runs"], ["jobs"], ["batches"], ["auxiliary"]])
def test_a_command_whose_output_is_closed_from_the_start_ends_quietly(store: Store, arguments: list[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-W", "ignore", str(ROOT / "cli.py"), *arguments]
    done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE)
    os.close(writing)
    assert (done.stderr, done.returncode) == (b"", 141)
