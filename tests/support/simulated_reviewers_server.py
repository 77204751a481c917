"""Accepts reviewers' outboxes over HTTP and answers with their next tweets, like the page; may crash at any point."""

import json
import sys
import time
import traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from db.queue import FIRST
from db.store import open_store
from emoclf.errors import StoreUnavailableError
from emoclf.review.filters import Filter
from jobs.review import review_card
from jobs.review.assignment import next_tweets
from jobs.review.card_data import PREFETCHED
from jobs.review.card_messages import to_browser


class Page(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        try:
            status, answer = 200, self._answer()
        except StoreUnavailableError as unavailable:  # the reviewers send again, like the card
            status, answer = 503, {"away": str(unavailable)}
        except Exception:  # noqa: BLE001 - a fault of the program: the reviewers must not wait for it to go away
            status, answer = 500, {"fault": traceback.format_exc()}
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _answer(self) -> dict[str, Any]:
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        began = time.perf_counter()
        saved = review_card.save_events(store, request["reviewer"], request["outbox"])
        seconds = time.perf_counter() - began
        tweets = next_tweets(store, request["reviewer"], Filter(), FIRST, PREFETCHED)
        return {
            "acknowledged": saved.acknowledged,
            "refused": to_browser(saved.refused),
            "tweets": [item.tweet_id for item in tweets],
            "seconds": seconds,
        }

    def log_message(self, *_args: object) -> None:
        pass


class Server(ThreadingHTTPServer):
    request_queue_size = 64
    daemon_threads = True


if __name__ == "__main__":
    store = open_store(sys.argv[1])
    Server(("127.0.0.1", int(sys.argv[2])), Page).serve_forever()
