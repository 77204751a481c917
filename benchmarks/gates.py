"""
Gates: how many synthetic tweets per second pass through the gates that need no language model.

Tweets of E-c dev replace synthetic ones; they are compared with all of E-c train and with the earlier ones. Each is
read by the packaged encoder. BERT and the judge are measured elsewhere (`predict_speed.py`, `relabel_speed.py`).
"""

import time

from benchmarks import ec
from benchmarks.claims import Claim, run
from emoclf.llm.checkpoint import limit_threads
from emoclf.synthetic.duplicates import KnownTexts
from emoclf.synthetic.embeddings import SentenceEncoder
from emoclf.synthetic.gates import Gatekeeper

TARGET_PER_SECOND = 200.0
PER_ROUND = 20  # tweets of one round of requests


def measure(quick: bool) -> list[Claim]:
    """Print how many passed; the claim is the speed."""
    limit_threads()
    train, written = ec.tweets("train"), ec.tweets("dev")
    known = train.texts[:1000] if quick else train.texts
    texts = written.texts[:200] if quick else written.texts
    encoder = SentenceEncoder.open()
    gatekeeper = Gatekeeper(KnownTexts(known, encoder.encode(known)), ["train"] * len(known), encoder.encode, {})
    gatekeeper.examine(["the first one is slower than all others"], "joy")
    began, passed = time.perf_counter(), 0
    for start in range(0, len(texts), PER_ROUND):
        passed += sum(one.dropped is None for one in gatekeeper.examine(texts[start : start + PER_ROUND], "joy"))
    seconds = time.perf_counter() - began
    print(f"{passed} of {len(texts)} tweets passed in {seconds:.1f} s, compared with {len(known):,}")
    detail = {"tweets": len(texts), "compared_with": len(known)}
    return [
        Claim(
            "gates, the language models aside",
            len(texts) / seconds,
            TARGET_PER_SECOND,
            "tweets a second",
            detail=detail,
        )
    ]


if __name__ == "__main__":
    run(measure)
