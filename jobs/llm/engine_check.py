"""
Checks whether a language model engine is available, how fast it answers, and how long a job would take.
"""

import time
from pathlib import Path

from db.jobs import list_jobs
from db.store import Store
from emoclf.errors import EmoclfError, ModelError
from emoclf.hub.uris import is_remote, locate
from emoclf.llm import servers

TRIAL_TWEETS = 5
CHECK_SECONDS = 30.0  # time limit for a server's first answer while a page waits


def check(uri: str) -> str:
    """Describe an available engine in a sentence, for a page.

    Raises
    ------
    EmoclfError : if something is missing; the message tells how to provide it
    """
    if is_remote(uri):
        return _check_server(uri)
    if uri.startswith("scripted:"):
        return "needs nothing: it looks for emotion words"
    folder = _folder_at_hand(uri)
    gigabytes = sum(path.stat().st_size for path in folder.glob("*.safetensors")) / 1e9
    return f"is on this machine and needs about {gigabytes:.1f} GB of memory"


def _check_server(uri: str) -> str:
    from emoclf.llm.answer_form import TRIAL
    from emoclf.llm.openai_client import Patience
    from emoclf.llm.prompts import is_yes_no
    from emoclf.llm.remote_model import RemoteChatModel

    servers.check_offered(uri)
    model = RemoteChatModel.open(uri, Patience(tries=1, timeout=CHECK_SECONDS, total=CHECK_SECONDS))
    kind = "yes or no, without probabilities" if is_yes_no(model.prompt_version) else "with probabilities"
    began = time.monotonic()
    list(model.score([TRIAL]))
    return f"can be reached and answers in {time.monotonic() - began:.1f} s, {kind}"


def _folder_at_hand(uri: str) -> Path:
    """The local folder of a model that needs no download."""
    if not uri.startswith("hf:"):
        return locate(uri)
    from huggingface_hub import snapshot_download

    name = uri.removeprefix("hf:")
    try:
        return Path(snapshot_download(name, local_files_only=True))
    except Exception as error:  # the hub client raises many types
        raise ModelError(f"{uri} is not on this machine yet; it is downloaded when the job starts") from error


def where_tweets_go(uri: str) -> str:
    """A sentence on who receives the tweets, or on why a page does not offer the model."""
    from emoclf.llm.openai_client import Address

    if not is_remote(uri):
        return "The model runs on this machine; no tweet leaves it."
    try:
        address = Address.of(uri)
        servers.check_offered(uri)
        servers.key_for(address.url)
    except EmoclfError as error:
        return str(error)
    is_here = address.origin.is_this_machine
    return f"Tweets are sent to {address.host}" + (", on this machine." if is_here else ", another machine.")


def rate_of(store: Store, uri: str) -> float | None:
    """Tweets per second of an engine's newest finished job; None if there is none."""
    with store.reading() as session:
        done = [job for job in list_jobs(session) if job.kind == "suggest" and job.settings.get("engine") == uri]
    rates = [(job.result or {}).get("tweets_per_second") for job in done if job.state == "done"]
    return next((float(rate) for rate in rates if rate), None)


def duration(tweets: int, rate: float) -> str:
    """The time needed for this many tweets, in words.

    >>> duration(6838, 3.6), duration(30, 3.0)
    ('about 32 minutes', 'about 10 seconds')
    """
    seconds = tweets / rate
    if seconds < 90:
        return f"about {seconds:.0f} seconds"
    return f"about {seconds / 60:.0f} minutes" if seconds < 5400 else f"about {seconds / 3600:.1f} hours"
