"""The demonstration's payment company: Stripe's protocol for hosted checkouts, a page to pay on, signed notices.

`python -m demo.payments [--port N]`. It moves no money and takes test numbers only.
"""

import argparse
import hashlib
import hmac
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from flask import Flask, Response, jsonify, redirect, render_template, request, send_from_directory
from flask.typing import ResponseReturnValue
from waitress.server import create_server

from demo.payment_books import Books, Refused, Session, public
from demo.payment_notices import Courier, Deliver, over_http
from demo.payment_words import WORDS, money

MOST_LINES = 100
PAYS, DECLINED = "4242424242424242", "4000000000000002"
FOLDER = Path(__file__).parent / "checkout"


@dataclass(frozen=True)
class Company:
    """What one payment company is told: its own address, its customer's address, key and secret, and its books."""

    address: str
    customer: str
    key: str
    webhook_secret: str
    books: Books


def application(company: Company) -> Flask:
    """The company's interface and its hosted page."""
    app = Flask("demo.payments", template_folder=str(FOLDER), static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = 256 * 1024
    _add_interface(app, company)
    _add_page(app, company)

    @app.after_request
    def dress(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = (
            f"default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self' {company.customer}; "
            "base-uri 'none'; frame-ancestors 'none'"
        )
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Cache-Control"] = "no-store"
        return response

    return app


def _add_interface(app: Flask, company: Company) -> None:
    @app.before_request
    def know_the_caller() -> ResponseReturnValue | None:
        if not request.path.startswith("/v1/"):
            return None
        sent = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if hmac.compare_digest(sent.encode(), company.key.encode()):
            return None
        return _error("Invalid API Key provided", "invalid_request_error", 401)

    @app.post("/v1/checkout/sessions")
    def create() -> ResponseReturnValue:
        body = sorted(request.form.items(multi=True))
        fingerprint = hashlib.sha256(repr(body).encode()).hexdigest()
        session, is_replay = company.books.create(_wanted(), request.headers.get("Idempotency-Key", ""), fingerprint)
        response = jsonify(_shown(session, company))
        if is_replay:
            response.headers["Idempotent-Replayed"] = "true"
        return response

    @app.get("/v1/checkout/sessions/<session_id>")
    def retrieve(session_id: str) -> ResponseReturnValue:
        return jsonify(_shown(company.books.get(session_id), company))

    @app.post("/v1/checkout/sessions/<session_id>/expire")
    def expire(session_id: str) -> ResponseReturnValue:
        return jsonify(_shown(company.books.expire(session_id), company))

    @app.post("/v1/refunds")
    def refund() -> ResponseReturnValue:
        intent, key = request.form.get("payment_intent", ""), request.headers.get("Idempotency-Key", "")
        return jsonify(company.books.refund(intent, key, request.form.get("amount", type=int)))

    @app.get("/v1/refunds/<refund_id>")
    def retrieve_refund(refund_id: str) -> ResponseReturnValue:
        return jsonify(company.books.refund_known(refund_id))

    @app.errorhandler(Refused)
    def refuse(error: Refused) -> ResponseReturnValue:
        if request.path.startswith("/v1/"):
            return _error(str(error), error.kind, 404 if "No such" in str(error) else 400)
        return render_template("gone.html", words=WORDS, money=money), 404


def _add_page(app: Flask, company: Company) -> None:
    @app.get("/<any('style.css', 'mark.svg'):name>")
    def look(name: str) -> Response:
        return send_from_directory(FOLDER, name)

    @app.get("/pay/<session_id>")
    def show(session_id: str) -> ResponseReturnValue:
        return _page(company.books.get(session_id))

    @app.post("/pay/<session_id>")
    def pay(session_id: str) -> ResponseReturnValue:
        session = company.books.get(session_id)
        if session["status"] != "open":
            return _page(session)
        if "cancel" in request.form:
            return redirect(session["cancel_url"], 303)
        number = "".join(character for character in request.form.get("number", "") if character.isalnum())
        if number == PAYS:
            return _page(company.books.pay(session_id))
        if number == DECLINED:
            company.books.decline(session_id)
        return _page(session, problem="declined" if number == DECLINED else "not_a_test_number")


def _page(session: Session, problem: str | None = None) -> ResponseReturnValue:
    if session["status"] == "complete":
        return redirect(session["success_url"].replace("{CHECKOUT_SESSION_ID}", session["id"]), 303)
    asked = request.args.get("lang") or str(session.get("locale") or "en")[:2]
    language = asked if asked in WORDS else "en"
    page = render_template(
        "gone.html" if session["status"] == "expired" else "page.html",
        session=session,
        language=language,
        words=WORDS,
        money=money,
        problem=problem,
        number=request.form.get("number", ""),
    )
    return page, 422 if problem else 200


def _wanted() -> Session:
    """What a request to create asks for. Raises Refused where something is missing."""
    first = "line_items[0][price_data]"
    try:
        lines = [_line(number) for number in range(MOST_LINES) if f"line_items[{number}][quantity]" in request.form]
        return {
            "amount_total": sum(cents for _name, cents in lines),
            "currency": request.form[f"{first}[currency]"].lower(),
            "description": ", ".join(name for name, _cents in lines),
            "client_reference_id": request.form.get("client_reference_id"),
            "locale": request.form.get("locale"),
            "success_url": request.form["success_url"],
            "cancel_url": request.form["cancel_url"],
        }
    except (KeyError, ValueError) as error:
        raise Refused(f"Missing or unfit param: {error}") from error


def _line(number: int) -> tuple[str, int]:
    item = f"line_items[{number}]"
    price, quantity = f"{item}[price_data]", int(request.form[f"{item}[quantity]"])
    return request.form[f"{price}[product_data][name]"], int(request.form[f"{price}[unit_amount]"]) * quantity


def _shown(session: Session, company: Company) -> Session:
    is_open = session["status"] == "open"
    return public(session) | {"url": f"{company.address}/pay/{session['id']}" if is_open else None}


def _error(text: str, kind: str, status: int) -> tuple[Response, int]:
    return jsonify(error={"message": text, "type": kind}), status


class Running:
    """The company at work on a port of this machine: its server and its courier."""

    def __init__(self, company: Company, port: int, deliver: Deliver | None = None) -> None:
        self.server: Any = create_server(application(company), host="127.0.0.1", port=port, threads=4)
        self.courier = Courier(company.books, company.webhook_secret, deliver or over_http(company.customer))

    @contextmanager
    def serving(self) -> Iterator[Self]:
        """Answer in a thread while the block lasts; the courier waits to be told."""
        thread = threading.Thread(target=self.server.run, name="payments", daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self.server.task_dispatcher.shutdown()  # what has begun is finished
            self.server.trigger.pull_trigger(lambda: self.server.asyncore.close_all(self.server._map))
            thread.join()


def main() -> None:
    """Be the payment company until the process is stopped."""
    address = os.environ.get("PASSAGE_STRIPE_API_BASE", "http://localhost:8090")
    beside_the_files = Path(os.environ.get("PASSAGE_FILES", "var/files")).parent
    parser = argparse.ArgumentParser(description="A stand-in payment company for the demonstration.")
    parser.add_argument("--port", type=int, default=urlsplit(address).port)
    parser.add_argument("--books", type=Path, default=beside_the_files / "payments.json")
    options = parser.parse_args()
    company = Company(
        address=f"http://localhost:{options.port}",
        customer=os.environ["PASSAGE_EXTERNAL_URL"],
        key=os.environ["PASSAGE_STRIPE_KEY"],
        webhook_secret=os.environ["PASSAGE_STRIPE_WEBHOOK_SECRET"],
        books=Books(options.books),
    )
    running = Running(company, options.port)
    running.courier.start()
    running.server.run()


if __name__ == "__main__":
    main()
