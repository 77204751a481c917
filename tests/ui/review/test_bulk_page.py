"""Tests of the Bulk accept page and its command: contents of a list, next step, and undo by name."""

import pytest
from streamlit.testing.v1 import AppTest

import cli
from db import flags
from db.store import Store
from emoclf.progress import drain
from emoclf.review.filters import Filter
from jobs.review import review_card
from jobs.review.accept import accept
from jobs.review.bulk import batch_progress, draw_sample
from jobs.review.undo import undo
from tests.support.batches import HAPPY, accepted, check, checked, drawn, in_force, sample_of
from tests.support.command_line import answer
from tests.support.decisions import decide
from tests.support.pages import the_app


def page(**address: str) -> AppTest:
    app = the_app().run()
    for name, value in address.items():
        app.query_params[name] = value
    return app.switch_page("pages/bulk.py").run()


def words(app: AppTest) -> str:
    assert not app.exception
    return "\n".join(str(one.value) for one in [*app.text, *app.info, *app.error, *app.subheader])


def labels(app: AppTest) -> list[str]:
    return [one.label for one in app.button]


def test_the_form_shows_the_number_of_tweets_of_each_source_and_the_bound_of_a_sample_without_errors(
    many: Store,
) -> None:
    app = page(split="train", text="happy")
    assert "100 tweets to decide in train: text happy" in words(app)
    assert app.radio[0].options == ["the original", "the LLM", "BERT", "the majority of all three"]
    assert list(app.radio[0].proto.captions) == [
        "100 tweets",
        "60 tweets; 40 without its labels are left out",
        "40 tweets; 60 without its labels are left out",
        "40 tweets; 60 without labels of all three are left out",
    ]
    assert (
        "If none of the 30 is wrong: with 95 % confidence, at most 9 of the remaining 70 tweets (12.9 %) are wrong."
        in words(app)
    )
    app.radio[0].set_value("suggestion").run()
    assert "at most 5 of the remaining 30 tweets" in words(app)
    assert app.text_input(key="reviewer_name").value


def test_without_a_filter_it_is_the_whole_undecided_train_list(many: Store) -> None:
    assert "100 tweets to decide in train\n" in words(page()) + "\n"


def test_a_list_that_cannot_be_accepted_is_explained_and_past_batches_are_still_shown(many: Store) -> None:
    accepted(many)
    text = words(page(split="dev"))
    assert "Dev and test tweets measure how good a model is: they are reviewed one by one, blind" in text
    assert "accepted by ana: 50 tweets" in text
    assert "The list is too short to check a sample" in words(page(text="happy 77"))


def test_before_the_sample_is_checked_there_is_no_accept_button_and_no_figure(many: Store) -> None:
    number = drawn(many)
    check(many, number, "anger", n=9)
    app = page(split="train", text="happy")
    assert labels(app) == ["Check the next tweet", "Drop this batch"]
    assert "wrong" not in words(app)
    check(many, number, "anger")
    app = page(split="train", text="happy")
    assert labels(app) == ["Accept the other 50 tweets", "Drop this batch"]
    assert "10 of the 10 checked tweets were wrong." in words(app)
    app.button[1].click().run()
    assert "dropped; sample of 10 drawn by ana" in words(app)


def test_a_past_batch_shows_what_it_left_out_and_what_an_undo_kept(many: Store) -> None:
    first = checked(many)
    waiting = sample_of(many, draw_sample(many, Filter(), "original", 60, "everything", "ana"))
    left = len(set(waiting) & (set(range(1, 61)) - set(sample_of(many, first))))
    drain(accept(many, first, "ana"))
    text = words(page(split="train", text="happy"))
    assert f"accepted by ana: {50 - left} tweets, {left} with other reviewers or in another sample;" in text
    again = next(i for i, (_, batch) in in_force(many).items() if batch)
    review_card.save_events(many, "ben", [decide("b1", again, "anger")])
    drain(undo(many, first, "ana"))
    assert f"{49 - left} tweets undone, 1 keeps a later decision" in words(page())


def test_a_name_is_shown_as_plain_text_and_never_as_markup(many: Store) -> None:
    drawn(many, name="**bold** $x$ <b>")
    app = page(split="train", text="happy")
    assert "**bold** $x$ <b>" in [one.value for one in app.text]
    assert not any("bold" in str(one.value) for one in [*app.markdown, *app.caption, *app.subheader])


def test_the_command_line_lists_batches_and_undoes_one_by_its_name(
    many: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    number = accepted(many)
    [listed] = answer(capsys, "batches")["batches"]
    assert (listed["name"], listed["accepted"], listed["wrong"], listed["filter"]) == (
        "happy ones",
        50,
        0,
        HAPPY.to_query(),
    )
    undone = answer(capsys, "batches", "undo", "happy ones", "--reviewer", "ben")
    assert undone == {"batch": "happy ones", "undone": 50, "decided_again": 0}
    assert sorted(in_force(many)) == sample_of(many, number)
    assert batch_progress(many, number).batch.undone_by == "ben"
    assert cli.main(["batches", "undo", "nope", "--reviewer", "ben"]) == 2
    assert "there is no batch 'nope'" in capsys.readouterr().err


def test_flagged_tweets_of_a_list_are_counted_before_a_batch_takes_them(many: Store) -> None:
    assert "flagged" not in words(page(split="train", text="happy"))
    with many.writing() as session:
        flags.add_flag(session, "f1", 3, "bob", "irony?")
    app = page(split="train", text="happy")
    assert "1 of them is flagged; a batch accepts these too" in words(app)
    assert "flagged; a batch accepts" not in words(page(split="train", text="happy", flagged="yes"))
    assert "Decide the flagged tweets first" in [link.proto.label for link in app.get("page_link")]


@pytest.mark.parametrize(("answer", "kind"), [("love", "primary"), ("anger", "secondary")])
def test_acceptance_is_the_next_step_only_where_few_of_the_sample_were_wrong(
    many: Store, answer: str, kind: str
) -> None:
    checked(many, answer)
    app = page(split="train", text="happy")
    [button] = [one for one in app.button if one.label.startswith("Accept the other")]
    assert button.proto.type == kind
