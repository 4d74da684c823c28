"""The bare limit: Flask routes that render as many bytes from a template, make one indexed query, and nothing else."""

from __future__ import annotations

import os
import uuid

from flask import Flask, redirect, render_template, request
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
LOOK = text("select count(*) from bench_event where place = :slot")
WRITE = text("insert into bench_event (place, who, at) values (:slot, :who, now())")

app = Flask(__name__)
app.jinja_loader = DictLoader({"page.html": PAGE})
engine = create_engine(os.environ["BENCH_DATABASE_URL"], pool_size=10)


@app.get("/page/<int:size>")
def page(size: int) -> str:
    """A page of about `size` bytes, with one indexed query."""
    with engine.connect() as connection:
        row = connection.execute(text("select id from bench_row where id = :id"), {"id": 42}).one()
    return render_template("page.html", title="limit", rows=[row] * (size // LINE_BYTES))


@app.post("/save")
def save() -> Response:
    """One indexed update, committed, and a redirect."""
    with engine.begin() as connection:
        statement = text("update bench_row set words = :words where id = :id")
        connection.execute(statement, {"id": int(request.form["id"]), "words": request.form["words"]})
    return redirect("/page/100", 303)


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
