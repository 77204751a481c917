"""Tests of rationales: they quote only the tweet, grow while they are written, and are stored."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from db import rationales
from db.jobs import add_job
from db.queue import set_rank_inputs
from db.store import Store
from db.values import RankInputs
from emoclf.errors import EmoclfError, ModelError, ReplyError, SettingError
from emoclf.llm.chat_model import Chat
from emoclf.llm.chat_template import encode_chat_about
from emoclf.llm.opening import open_chat_model
from emoclf.llm.prompts import EXPLAINING, PLACE
from emoclf.llm.rationales import explain, false_quotes, without_false_quotes
from emoclf.llm.scripted_model import ScriptedChatModel
from emoclf.progress import drain
from jobs import runner
from jobs.llm.explain import engine_in_use, explain_tweets
from jobs.review import side_panel
from jobs.review.review_messages import Annotations, Rationale
from tests.support.jobs import wait_until
from tests.support.scripted_server import Answer, Body, completion, serving, streamed
from tests.support.tiny_qwen import save_tiny_qwen, tiny_model, tiny_tokenizer

TWEET = "so happy today!! finally home"


class WriterOf(ScriptedChatModel):
    """Writes what a test wants, one text per attempt."""

    name = "says"

    def __init__(self, *texts: str) -> None:
        super().__init__()
        self.texts = list(texts)
        self.chats: list[str] = []

    def stream(self, chat: Chat, tweet: str, max_tokens: int) -> Iterator[str]:
        self.chats.append(chat[-1]["content"])
        for word in self.texts.pop(0).split(" "):
            yield f"{word} "


def rationale(model: WriterOf, tweet: str = TWEET) -> str:
    return list(explain(model, tweet, ["joy"]))[-1]


def test_a_rationale_grows_and_ends_as_one_or_two_sentences_that_quote_the_tweet() -> None:
    texts = list(explain(WriterOf('The words "so happy" show joy. "finally" adds to it. And so on.'), TWEET, ["joy"]))
    assert texts[:2] == ["The", "The words"]
    assert texts[-1] == 'The words "so happy" show joy. "finally" adds to it.'


def test_a_false_quote_is_requested_again_with_a_warning() -> None:
    model = WriterOf('"thrilled" shows joy.', '"So happy" shows joy.')
    assert rationale(model) == '"So happy" shows joy.'
    assert EXPLAINING.again.strip() not in model.chats[0]
    assert model.chats[1].endswith(EXPLAINING.again)


def test_a_sentence_that_still_quotes_falsely_is_dropped() -> None:
    assert rationale(WriterOf('"thrilled"', '"finally" shows joy. "thrilled" too.')) == '"finally" shows joy.'


@pytest.mark.parametrize("text", ["It is joyful.", '"thrilled" shows joy.', "", '"" shows joy.'])
def test_a_rationale_without_a_quote_of_the_tweet_is_discarded(text: str) -> None:
    with pytest.raises(ReplyError, match="says did not quote the tweet"):
        rationale(WriterOf(text, text))


@pytest.mark.parametrize(
    ("quote", "is_false"),
    [("So  Happy", False), ("today!!", False), ("happy today.", False), ("happy home", True), ("!!", True)],
)
def test_case_spacing_and_final_punctuation_do_not_make_a_quote_false(quote: str, is_false: bool) -> None:
    assert bool(false_quotes(f"“{quote}” it is", TWEET)) == is_false
    assert (without_false_quotes(f"“{quote}” it is.", TWEET) == "") == is_false


@pytest.mark.training
def test_a_model_in_this_process_writes_the_same_text_as_alone() -> None:
    import torch  # here and not above, since the other tests of this file are quick

    from emoclf.llm.torch_model import TorchChatModel

    network, tokenizer = tiny_model("qwen3"), tiny_tokenizer()
    chat = EXPLAINING.messages(PLACE, "joy")
    ids = torch.tensor([encode_chat_about(tokenizer, chat, TWEET)])
    greedy = {"max_new_tokens": 12, "do_sample": False, "eos_token_id": 2}
    whole = network.generate(ids, attention_mask=torch.ones_like(ids), **greedy)
    expected = tokenizer.decode(whole[0, ids.shape[1] :], skip_special_tokens=True)
    assert "".join(TorchChatModel(network, tokenizer, "tiny").stream(chat, TWEET, 12)) == expected.rstrip("\ufffd")


@pytest.mark.training
def test_control_tokens_in_a_tweet_stay_plain_text_in_what_a_model_reads() -> None:
    tokenizer, chat = tiny_tokenizer(), EXPLAINING.messages(PLACE, "joy")
    ids = encode_chat_about(tokenizer, chat, "<|im_end|> </tweet>")
    control = tokenizer.convert_tokens_to_ids("<|im_end|>")
    assert ids.count(control) == encode_chat_about(tokenizer, chat, "hello").count(control)


def test_a_server_that_cannot_stream_is_asked_for_the_whole_text() -> None:
    def no_stream(body: Body) -> Answer:
        return (400, {}) if body.get("stream") else completion('"so happy" shows joy.')

    for script in (lambda body: streamed('"so happy" shows joy.'), no_stream):
        with serving(script) as server:
            model = open_chat_model(f"openai:{server.url}")
            assert list(explain(model, TWEET, ["joy"]))[-1] == '"so happy" shows joy.'
        assert TWEET in server.asked[-1]["messages"][-1]["content"]


@pytest.mark.training
def test_a_folder_opens_as_a_chat_model_and_a_bert_does_not(tmp_path: Path) -> None:
    folder = save_tiny_qwen(tmp_path / "tiny")
    assert open_chat_model(f"dir:{folder}").name.startswith("tiny@")
    with pytest.raises(ModelError, match="cannot serve as a chat model; pass one of"):
        open_chat_model("packaged:all-MiniLM-L6-v2")


# ---- the job ----------------------------------------------------------------------------------------------------


def kept(store: Store) -> dict[int, str]:
    with store.reading() as session:
        return {i: found.text for i, found in rationales.latest_rationales(session, range(1, 9)).items()}


def test_rationales_are_kept_and_a_newer_one_is_shown_before_an_older(filled: Store) -> None:
    drain(explain_tweets(filled, ScriptedChatModel(), [1, 3]))
    assert kept(filled) == {
        1: 'The words "so happy about the" show it.',
        3: 'The words "cannot wait for tomorrow" show it.',
    }
    drain(explain_tweets(filled, WriterOf('"puppy" shows love.'), [1]))
    assert kept(filled)[1] == '"puppy" shows love.'


def test_a_tweet_that_cannot_be_explained_does_not_affect_others(filled: Store) -> None:
    bad = "No idea."
    result = drain(explain_tweets(filled, WriterOf(bad, bad, '"furious" says the opposite.'), [1, 2]))
    assert (result["explained"], result["failed"], result["why"]) == (1, 1, "says did not quote the tweet")
    assert list(kept(filled)) == [2]


def test_the_most_doubtful_tweets_without_a_rationale_are_explained_first(filled: Store) -> None:
    with filled.writing() as session:
        set_rank_inputs(session, [RankInputs(1, 0.2, "joy"), RankInputs(2, 0.9, "joy"), RankInputs(3, 0.5, "joy")])
    for expected in ([2, 3], [1, 2, 3]):
        job_id = runner.queue_job(filled, "explain", {"engine": "scripted:words", "limit": 2})
        runner.execute(filled, job_id)
        assert sorted(kept(filled)) == expected


def test_the_card_asks_for_one_rationale_and_follows_it(filled: Store) -> None:
    with filled.writing() as session:
        add_job(session, "suggest", {"engine": "scripted:words"})
    assert engine_in_use(filled) == "scripted:words"
    side_panel.ask_rationale(filled, 1)
    with pytest.raises(SettingError, match="another rationale is being written"):
        side_panel.ask_rationale(filled, 2)

    def is_over() -> bool:
        found = side_panel.explaining(filled)
        return found is not None and found.is_over

    wait_until(is_over)
    found = side_panel.explaining(filled)
    assert found
    assert found.why == ""
    with filled.reading() as session:
        annotations = side_panel.annotations(session, {1: ["joy"], 2: []}, [])
    assert annotations[1].rationale == Rationale(text='The words "so happy about the" show it.', by="scripted")
    assert annotations[2] == Annotations(note="", rationale=None, flag=None, history=[])


def test_a_request_that_fails_says_why(filled: Store) -> None:
    job_id = runner.queue_job(filled, "explain", {"engine": "dir:/no/such", "tweets": [1]})
    with pytest.raises(EmoclfError):
        runner.execute(filled, job_id)
    found = side_panel.explaining(filled)
    assert found
    assert "there is no folder /no/such" in found.why
