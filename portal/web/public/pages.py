"""The choice of language, the home page, and what stands around the service: help, privacy, accessibility, centres."""

from __future__ import annotations

import time
from datetime import date, timedelta
from decimal import Decimal

from flask import Response, current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from portal.clock import today
from portal.db import current_session
from portal.domain.permissions import Permission
from portal.i18n import LANGUAGES, current_language, format_date
from portal.services import capacity, programme, releases
from portal.services import centres as services
from portal.web.access import requires
from portal.web.public import public
from portal.web.routing import GET

REMEMBERED_FOR = timedelta(days=365)


@public.get("/")
@requires(Permission.PUBLIC)
def language_choice() -> AnyResponse | str:
    """Both languages, side by side; whoever chose before goes straight on."""
    language = request.cookies.get("language")
    if language in LANGUAGES:
        return redirect(url_for("public.home", language=language), 303)
    return render_template("public/language_choice.html")


@public.page("/", "/", methods=GET)
@requires(Permission.PUBLIC)
def home() -> str:
    """What this is, for whom, at what price, and how to begin."""
    return render_template("public/home.html", fee=_fee(), modified=date(2026, 11, 24))


@public.page("/help", "/aide", methods=GET)
@requires(Permission.PUBLIC)
def help() -> str:
    """Questions and answers, and where to ask."""
    return render_template("public/help.html", fee=_fee(), modified=date(2026, 11, 24))


@public.page("/privacy", "/confidentialite", methods=GET)
@requires(Permission.PUBLIC)
def privacy() -> str:
    """What each agency receives, why, for how long, and everybody's rights."""
    return render_template("public/privacy.html", modified=date(2026, 11, 24))


@public.page("/accessibility", "/accessibilite", methods=GET)
@requires(Permission.PUBLIC)
def accessibility() -> str:
    """The accessibility statement."""
    return render_template("public/accessibility.html", modified=date(2026, 11, 24))


@public.page("/enrolment-centres", "/centres-d-inscription", methods=GET)
@requires(Permission.PUBLIC)
def centres() -> str:
    """Where interviews are held, and which of them can be booked here."""
    known = services.all_centres(current_session())
    return render_template(
        "public/centres.html",
        centres=known,
        announced=releases.announced(current_session(), known),
        holidays_of=lambda centre: [f"{format_date(one.day)} ({one.name})" for one in capacity.holidays(centre)],
        modified=date(2026, 11, 24),
    )


def _fee() -> Decimal:
    """Today's fee, as it was known at most a minute ago: these are the pages that everybody opens."""
    kept: dict[object, Decimal] = current_app.extensions.setdefault("fee_of_the_minute", {})
    minute = (today(), time.monotonic() // 60)
    if (fee := kept.get(minute)) is None:
        fee = Decimal(programme.setting(current_session(), "fee", today())["adult_cents"]) / 100
        kept.clear()
        kept[minute] = fee
    return fee


@public.after_request
def remember_the_language(response: Response) -> Response:
    """Keep the language of the page that was read, so that `/` leads back to it."""
    has_language = request.view_args is not None and request.endpoint != "public.language_choice"
    if has_language and response.status_code == 200 and request.cookies.get("language") != current_language():
        response.set_cookie(
            "language",
            current_language(),
            max_age=REMEMBERED_FOR,
            secure=current_app.config["SESSION_COOKIE_SECURE"],
            httponly=True,
            samesite="Lax",
        )
    return response
