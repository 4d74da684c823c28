"""How the stand-in payment company tells what happened: signed, more than once, in no order, until it is taken."""

import hmac
import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable

from demo.payment_books import Books, Notice

PATH = "/webhooks/payments"
PATIENCE = 10  # seconds for an answer
TICK = 0.1  # seconds between two looks into the books

Deliver = Callable[[bytes, str], int]
"""Takes a body and its signature, gives the status of the answer."""


def signature(body: bytes, secret: str, at: int | None = None) -> str:
    """The header that proves a notice: an HMAC over the time and the very bytes."""
    moment = int(time.time()) if at is None else at
    proof = hmac.new(secret.encode(), f"{moment}.".encode() + body, "sha256").hexdigest()
    return f"t={moment},v1={proof}"


def over_http(customer: str) -> Deliver:
    """Deliver to the customer's address, without any proxy in between."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def deliver(body: bytes, proof: str) -> int:
        headers = {"Content-Type": "application/json; charset=utf-8", "Stripe-Signature": proof}
        call = urllib.request.Request(f"{customer}{PATH}", data=body, headers=headers, method="POST")
        try:
            with opener.open(call, timeout=PATIENCE) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0

    return deliver


class Courier:
    """Delivers what is due: when told to, or, once started, in a thread of its own."""

    def __init__(self, books: Books, secret: str, deliver: Deliver) -> None:
        self.books, self.secret, self.deliver = books, secret, deliver

    def start(self) -> None:
        threading.Thread(target=self._run, name="courier", daemon=True).start()

    def deliver_due(self) -> int:
        """Deliver what is due now; gives the number of tries."""
        notices = self.books.due()
        for notice in notices:
            self._try(notice)
        return len(notices)

    def _run(self) -> None:
        while True:
            time.sleep(TICK)
            self.deliver_due()

    def _try(self, notice: Notice) -> None:
        body = json.dumps(notice["event"]).encode()
        status = self.deliver(body, signature(body, self.secret))
        self.books.delivered(notice["event"]["id"], was_taken=200 <= status < 300)
