"""The demonstration's own pages: what a stranger can do here, and every email that was sent."""

from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path

from flask import Flask, Response, current_app, redirect, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

from demo import app_codes, mail_folder
from portal.config import Settings
from portal.db import current_session
from portal.domain.errors import NotFound
from portal.domain.permissions import Permission
from portal.web.access import requires
from portal.web.routing import Pages

demonstration = Pages("demonstration", __name__, template_folder="templates")


def install(app: Flask) -> None:
    """Give the application these pages. Only ever called in demonstration mode."""
    app.register_blueprint(demonstration)


@demonstration.page("/demo", "/demonstration")
@requires(Permission.PUBLIC)
def index() -> str:
    from demo import seed

    codes = seed.codes()
    rows = [(*row, codes.get(row[1], "–")) for row in seed.sign_ins()]
    return render_template("demo/index.html", sign_ins=rows, own_codes=app_codes.newest(current_session()))


@demonstration.page("/demo/mail", "/demonstration/courriels")
@requires(Permission.PUBLIC)
def mail() -> str:
    return render_template("demo/mail.html", messages=mail_folder.newest(_folder()))


@demonstration.page("/demo/mail/<name>", "/demonstration/courriels/<name>")
@requires(Permission.PUBLIC)
def message(name: str) -> str:
    return render_template("demo/message.html", message=mail_folder.Kept(name, _message(name)))


@demonstration.page("/demo/mail/<name>/<int:number>", "/demonstration/courriels/<name>/<int:number>")
@requires(Permission.PUBLIC)
def attachment(name: str, number: int) -> Response:
    attachments = list(_message(name).iter_attachments())
    if number >= len(attachments):
        raise NotFound
    part = attachments[number]
    answer = Response(part.get_payload(decode=True), mimetype=part.get_content_type())
    answer.headers.set("Content-Disposition", "attachment", filename=part.get_filename() or "file")
    return answer


@demonstration.route("/demo")
@requires(Permission.PUBLIC)
def index_in_my_language() -> AnyResponse:
    return redirect(url_for("demonstration.index"))


@demonstration.route("/demo/mail")
@requires(Permission.PUBLIC)
def mail_in_my_language() -> AnyResponse:
    return redirect(url_for("demonstration.mail"))


def _folder() -> Path | None:
    settings: Settings = current_app.extensions["settings"]
    return settings.mail_folder


def _message(name: str) -> EmailMessage:
    found = mail_folder.read(_folder(), name)
    if found is None:
        raise NotFound
    return found
