"""
Takes the README's screenshot of the review card, after one round of training on the sample.

Run it as `python -m tools.card_picture`.
"""

import os
import tempfile
from pathlib import Path

from db.store import open_store
from emoclf.backends.settings import TrainingSettings
from emoclf.progress import drain
from jobs.files import sample
from jobs.training import predict, train
from tests.support.browser import Server, chromium

TARGET = Path(__file__).resolve().parents[1] / "docs" / "card.png"
TRAINING = TrainingSettings(epochs=4, folds=2, views=("light",))  # a third of the time of the default
MARGIN = 20  # pixels
QUEUE_POSITION = 3  # position in the queue: a tweet with a few disputed emotions makes a good screenshot


def main() -> None:
    """Load the sample, train, predict out of fold, and take the screenshot."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["EMOCLF_RUNS"] = str(Path(folder) / "runs")
        store = open_store(f"sqlite:///{folder}/emoclf.db")
        sample.load_sample(store)
        drain(train.train(store, TRAINING, "original"))
        drain(predict.predict_out_of_fold(store, TRAINING.folds))
        store.close()
        server = Server(Path(folder))
        server.start()
        try:
            take_screenshot(server)
        finally:
            server.stop()


def take_screenshot(server: Server) -> None:
    """Take a screenshot of the card alone."""
    with chromium() as browser:
        page = browser.new_page(viewport={"width": 1180, "height": 900}, device_scale_factor=1.5)
        page.goto(f"{server.url}/review")
        page.locator(".tweet").wait_for()
        for _ in range(QUEUE_POSITION):
            page.keyboard.press("k")
        page.wait_for_timeout(1000)
        box = page.locator("section.card").bounding_box()
        assert box
        clip = {"x": box["x"] - MARGIN, "y": box["y"], "width": box["width"] + 2 * MARGIN, "height": box["height"]}
        page.screenshot(path=TARGET, clip=clip)


if __name__ == "__main__":
    main()
