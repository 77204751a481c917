"""
Relabel speed: tweets per second with one-pass scoring, compared with generating JSON answers with the same model.

Both get the same 64 tweets of the sample and the same instructions. Greedy generation of one tweet at a time is so slow
that it runs on an evenly spaced subset of the 64; times are per tweet. `--quick` scores 8 tweets once and generates two
answers. An answer counts as complete if all eleven
emotions can be parsed.
"""

import time
from pathlib import Path
from typing import Any

from benchmarks import qwen
from benchmarks.claims import Claim, run
from emoclf.errors import ReplyError
from emoclf.files.tweet_files import read_tweets
from emoclf.llm.one_pass import OnePassScorer
from emoclf.llm.prompts import ANSWERING, PLACE
from emoclf.llm.replies import Reply, read_answers
from emoclf.llm.torch_model import TorchChatModel

ROOT = Path(__file__).resolve().parents[1]
TARGET_TIMES = 20
TWEETS, GENERATED, SCORED = 64, 16, 3  # tweets, tweets to generate for, and how often all are scored
QUICK = 8, 2, 1
MAX_TOKENS = 120  # a complete answer takes 60 to 90


def measure(quick: bool) -> list[Claim]:
    """Score and generate alternately; the claim is the ratio of their speeds."""
    n_tweets, n_generated, n_scored = QUICK if quick else (TWEETS, GENERATED, SCORED)
    model = TorchChatModel(*qwen.model(), qwen.folder().name)
    scorer = model.scorer
    texts = [tweet.text for tweet in read_tweets(ROOT / "datasets" / "sample-train.csv").tweets[:n_tweets]]
    scorer.log_odds(texts[:4])  # warm-up
    chosen = texts[:: n_tweets // n_generated]
    scored, generated, complete = [], [], 0
    for text in chosen:
        answer = generate(model, text)
        generated.append(answer[0])
        complete += answer[1]
        if len(scored) < n_scored:
            scored.append(score(scorer, texts))
    one_pass_speed, generation_speed = len(texts) * len(scored) / sum(scored), len(generated) / sum(generated)
    detail: dict[str, Any] = {
        "model": qwen.folder().name,
        "one_pass_tweets_per_second": round(one_pass_speed, 2),
        "generating_tweets_per_second": round(generation_speed, 3),
        "tweets": len(texts),
        "generated": len(generated),
        "generated_complete": complete,
    }
    return [
        Claim(
            "one-pass scoring against a generated JSON answer",
            one_pass_speed / generation_speed,
            TARGET_TIMES,
            "times",
            detail=detail,
        )
    ]


def score(scorer: OnePassScorer, texts: list[str]) -> float:
    """Return the seconds for all tweets; fails if an answer is incomplete."""
    began = time.monotonic()
    odds = scorer.log_odds(texts)
    seconds = time.monotonic() - began
    if odds.shape != (len(texts), 11) or not (odds == odds).all():
        raise SystemExit("an answer is incomplete")
    return seconds


def generate(model: TorchChatModel, text: str) -> tuple[float, bool]:
    """Return the seconds for one tweet, and whether the answer is complete."""
    began = time.monotonic()
    written = "".join(model.stream(ANSWERING.messages(PLACE), text, MAX_TOKENS))
    seconds = time.monotonic() - began
    try:
        read_answers(Reply(written))
    except ReplyError:
        return seconds, False
    return seconds, True


if __name__ == "__main__":
    run(measure)
