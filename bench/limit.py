"""The bare limit: Flask routes that render as many bytes from a template, make one indexed query, and nothing else.

As the design's references: a page selects forty rows by an index through SQLAlchemy Core; a booking is one statement
without session or token. A form is saved twice: as one update and nothing else, and as the design's form, with a signed
session and a token that is compared, and as many boxes as the portal's form has.
"""

from __future__ import annotations

import hmac
import json
import os
import uuid

from flask import Flask, redirect, render_template, request, session
from jinja2 import DictLoader
from sqlalchemy import create_engine, text
from waitress import serve
from werkzeug.wrappers import Response

LINE = '<li class="line">{{ row.id }} {{ loop.index }} and as many words as a line of a page has, more or less</li>\n'
PAGE = "<!doctype html><title>{{ title }}</title><ul>{% for row in rows %}" + LINE + "{% endfor %}</ul>"
LINE_BYTES = 85
CLAIM = text(
    """
    with claimed as (
        update bench_place set who = :who where id = (
            select id from bench_place where id = :slot and who is null for update skip locked
        ) returning id
    ), noted as (
        insert into bench_event (place, who, at) select id, :who, now() from claimed
    ), sent as (
        insert into bench_outbox (place, kind, at) select id, 'booked', now() from claimed
    )
    select id from claimed
    """
)
FORTY = text("select id from bench_row where id between :first and :last")
SAVE = text("update bench_row set words = :words where id = :id")
TOKEN = "bench"
LOOK = text("select count(*) from bench_event where place = :slot")
WRITE = text("insert into bench_event (place, who, at) values (:slot, :who, now())")

app = Flask(__name__)
app.secret_key = "bench"
app.jinja_loader = DictLoader({"page.html": PAGE})
engine = create_engine(os.environ["BENCH_DATABASE_URL"], pool_size=10)


@app.get("/page/<int:size>")
def page(size: int) -> str:
    """A page of about `size` bytes, with one indexed query of forty rows."""
    with engine.connect() as connection:
        rows = connection.execute(FORTY, {"first": 42, "last": 81}).all()
    lines = [rows[number % len(rows)] for number in range(size // LINE_BYTES)]
    return render_template("page.html", title="limit", rows=lines)


@app.post("/save")
def save() -> Response:
    """One indexed update, committed, and a redirect."""
    with engine.begin() as connection:
        connection.execute(SAVE, {"id": int(request.form["id"]), "words": request.form["words"]})
    return redirect("/page/100", 303)


@app.post("/save-form")
def save_form() -> Response:
    """A form as it was typed, in one indexed update: from a signed session, with a token."""
    if not hmac.compare_digest(session.get("token", ""), request.form["csrf_token"]):
        return Response("not ours", 400)
    with engine.begin() as connection:
        connection.execute(SAVE, {"id": session["row"], "words": json.dumps(request.form.to_dict(flat=False))})
    return redirect("/page/100", 303)


def signed_in(row: int) -> str:
    """The cookie of somebody whose form is that row."""
    signer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    return f"session={signer.dumps({'token': TOKEN, 'row': row})}"


@app.post("/book")
def book() -> Response:
    """The reference booking: one statement that claims a place and writes its event and its message; a redirect."""
    with engine.begin() as connection:
        found = connection.execute(CLAIM, {"who": uuid.uuid4(), "slot": int(request.form["slot"])}).first()
    return redirect("/page/100", 303) if found else Response("taken", 422)


@app.post("/book-carelessly")
def book_carelessly() -> Response:
    """The negative control: it looks whether the place is free, and then books it."""
    slot = {"slot": int(request.form["slot"])}
    with engine.begin() as connection:
        if connection.execute(LOOK, slot).scalar_one():
            return Response("taken", 422)
        connection.execute(WRITE, {**slot, "who": uuid.uuid4()})
    return redirect("/page/100", 303)


if __name__ == "__main__":
    serve(app, host="127.0.0.1", port=int(os.environ["BENCH_PORT"]), threads=8, ident=None)
