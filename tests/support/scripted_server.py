"""A scripted OpenAI-compatible server on a free port, which returns given answers and records requests."""

import json
import math
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from emoclf.labels import EMOTIONS
from emoclf.llm.prompts import CLOSE, OPEN

Body = dict[str, Any]
Answer = tuple[int, Any]  # status and JSON; bytes are sent unchanged
HAPPY, CROSS = "so happy today!!", "late AGAIN, I am furious"
TABLE = {HAPPY: {"joy": 0.9, "love": 0.6}, CROSS: {"anger": 0.8}}  # the answers of `graded` and `plain`


def answer_to(text: str, yes: dict[str, float]) -> str:
    """A reply with eleven booleans: true where `yes` gives at least 0.5."""
    return json.dumps({name: yes.get(name, 0.05) >= 0.5 for name in EMOTIONS.names})


def tweet_in(body: Body) -> str:
    """The tweet of a labelling request."""
    content: str = body["messages"][-1]["content"]
    return content.partition(f"{OPEN}\n")[2].rpartition(f"\n{CLOSE}")[0]


def completion(text: str, yes: dict[str, float] | None = None) -> Answer:
    """A chat completion, with log-probabilities of true and false where `yes` gives probabilities."""
    choice: dict[str, Any] = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
    if yes is not None:
        choice["logprobs"] = {"content": list(_tokens(text, yes))}
    return 200, {"object": "chat.completion", "model": "tiny", "choices": [choice]}


def streamed(text: str) -> Answer:
    """A chat completion streamed word by word."""
    pieces = [{"choices": [{"index": 0, "delta": {"content": f"{word} "}}]} for word in text.split(" ")]
    lines = [f"data: {json.dumps(piece)}\n\n" for piece in [{"choices": [{"delta": {"role": "assistant"}}]}, *pieces]]
    return 200, "".join([*lines, "data: [DONE]\n\n"]).encode()


def _tokens(text: str, yes: dict[str, float]) -> Iterator[dict[str, Any]]:
    """The reply split as by a tokenizer: answers include the preceding space."""
    for pair in text.replace(", ", ",\x00").split("\x00"):
        key, value = pair.split(":")
        name, end = key.strip('{"'), value[len(" true") if "true" in value else len(" false") :]
        p = yes.get(name, 0.05)
        chances = [{"token": " true", "logprob": math.log(p)}, {"token": " false", "logprob": math.log(1 - p)}]
        said = chances[0] if "true" in value else chances[1]
        yield {"token": key + ":", "logprob": 0.0, "top_logprobs": []}
        yield {**said, "top_logprobs": chances}
        yield {"token": end + (" " if end == "," else ""), "logprob": 0.0, "top_logprobs": []}


class ScriptedServer:
    """The requests to the server, and its answers."""

    def __init__(self, script: Callable[[Body], Answer | None], models: list[str]) -> None:
        self.script = script
        self.models = models
        self.asked: list[Body] = []
        self.keys: list[str | None] = []
        self.url = ""
        self.at_once = 0  # number of concurrent requests
        self.most_at_once = 0
        self.lock = threading.Lock()


@contextmanager
def serving(script: Callable[[Body], Answer | None], models: list[str] | None = None) -> Iterator[ScriptedServer]:
    """Serve until the end of the block. The script returns an answer for each request; None cuts the connection."""
    server = ScriptedServer(script, ["tiny"] if models is None else models)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._send(200, {"data": [{"id": name} for name in server.models]})

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with server.lock:
                server.asked.append(body)
                server.keys.append(self.headers["Authorization"])
                server.at_once += 1
                server.most_at_once = max(server.most_at_once, server.at_once)
            answer = server.script(body)
            with server.lock:
                server.at_once -= 1
            if answer is not None:
                self._send(*answer)
            self.close_connection = True

        def _send(self, status: int, content: Any) -> None:
            data = content if isinstance(content, bytes) else json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            with suppress(OSError):  # the client has gone
                self.wfile.write(data)

        def log_message(self, *_: Any) -> None:
            """Log nothing."""

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    server.url = f"http://127.0.0.1:{httpd.server_address[1]}/v1"
    try:
        yield server
    finally:
        httpd.shutdown()
        thread.join()
        httpd.server_close()


def graded(body: Body) -> Answer:
    """A server that supports everything."""
    yes = TABLE.get(tweet_in(body), {})
    return completion(answer_to("", yes), yes if body.get("logprobs") else None)


def plain(body: Body) -> Answer:
    """A server without log-probabilities."""
    return completion(answer_to("", TABLE.get(tweet_in(body), {})))
