"""Tests of the prompts: any change of a word is visible and changes the version."""

from emoclf.labels import EMOTIONS
from emoclf.llm.prompts import LABELLING, fenced
from tests.support.paths import SNAPSHOTS


def test_the_prompt_people_reviewed_is_the_prompt_we_send():
    messages = LABELLING.messages(fenced("so happy today!!"))
    shown = [f"[{message['role']}]\n{message['content']}\n" for message in messages]
    shown += ["[assistant, each alone]\n", *(f"{question}\n" for question in LABELLING.questions)]
    shown += [f"[answers] {LABELLING.answers}\n"]
    assert "".join(shown) == (SNAPSHOTS / f"{LABELLING.version}.txt").read_text(encoding="utf-8")


def test_every_emotion_is_asked_once_in_the_order_of_the_labels():
    assert len(LABELLING.questions) == len(EMOTIONS)
    assert all(name in question for name, question in zip(EMOTIONS.names, LABELLING.questions, strict=True))


def test_braces_in_a_tweet_are_only_braces():
    assert LABELLING.messages("{tweet} {0} {")[1]["content"].count("{tweet} {0} {") == 1
