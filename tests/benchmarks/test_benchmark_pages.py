"""Tests of the benchmark reports: the processor of each figure, and claims that could not be tested."""

import json
from dataclasses import replace

import pytest

from benchmarks import all as page
from benchmarks import claims, machine
from benchmarks.claims import Claim

FASTER = Claim("faster", 6.1, 5, "times")


def test_the_line_under_a_heading_names_the_processor_that_measured(capsys: pytest.CaptureFixture[str]) -> None:
    claims.run(lambda quick: [FASTER], [])
    printed = capsys.readouterr().out.strip().splitlines()
    assert json.loads(printed[-1])["value"] == 6.1
    where = page.section("speed", printed).splitlines()[2]
    assert machine.processor() in where
    assert "bf16" in where or "instructions unknown" in where


def test_a_section_keeps_the_machine_that_the_benchmark_itself_printed() -> None:
    printed = [f"{machine.MEASURED_ON}2 cores (Xeon, AVX-512, native bf16), one GPU.", json.dumps(FASTER.to_json())]
    assert "2 cores (Xeon, AVX-512, native bf16), one GPU." in page.section("speed", printed)


def test_a_processor_without_a_flag_for_bf16_has_none() -> None:
    assert machine.processor("model name: A\nflags: avx2 avx512f").endswith("AVX-512, no native bf16")
    assert machine.processor("model name: A\nFeatures: asimd bf16").endswith("NEON, native bf16")
    assert machine.processor("").endswith("instructions unknown")


def test_a_claim_that_could_not_be_tested_does_not_hold() -> None:
    assert FASTER.holds
    assert not replace(FASTER, testable=False).holds
    assert replace(FASTER, testable=False).to_json().keys() == FASTER.to_json().keys()


@pytest.mark.training
@pytest.mark.parametrize(("has_bf16", "kind", "name"), [(True, "bfloat16", "bf16"), (False, "float32", "fp32")])
def test_the_peak_is_measured_in_the_number_type_that_trainings_compute_in(
    monkeypatch: pytest.MonkeyPatch, has_bf16: bool, kind: str, name: str
) -> None:
    from benchmarks import matmul

    monkeypatch.setattr(matmul, "has_fast_bf16", lambda device: has_bf16)
    found = matmul.training_dtype("cpu")
    assert (str(found), matmul.name_of(found)) == (f"torch.{kind}", name)
