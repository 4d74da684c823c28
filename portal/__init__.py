"""Passage: a self-service enrolment portal for a trusted-traveller programme of two countries."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from portal.config import Settings

ROOT = Path(__file__).parent.parent
UPLOAD_LIMIT = 16 * 1024 * 1024


def create_app(settings: Settings | None = None) -> Flask:
    """The portal, part by part. Without `settings` they are read from the environment; raises when half-configured."""
    # Imported here, so that a command or a child process that needs one module does not load every page.
    from flask import Flask

    from portal import db, i18n
    from portal.config import Settings
    from portal.start import prepare
    from portal.web import (
        access,
        account,
        admin,
        api,
        applicant,
        assets,
        compression,
        context,
        csrf,
        effects,
        errors,
        govuk,
        headers,
        looks,
        officer,
        public,
        routing,
        sanity,
        sessions,
    )
    from portal.web.health import health
    from portal.web.requests import Request

    settings = settings or Settings()  # type: ignore[call-arg]
    app = Flask("portal", root_path=str(ROOT), template_folder="templates", static_folder="static")
    app.request_class = Request
    _configure(app, settings)

    # What everything else stands on
    app.extensions["settings"] = settings
    database = prepare(settings)
    i18n.install(app.jinja_env)

    # What happens to every request, in this order, and to every answer, in the reverse
    compression.init_app(app)
    headers.init_app(app, settings)
    sanity.init_app(app)
    routing.init_app(app)
    csrf.guard_unsafe_methods(app, exempt_endpoints=api.ENDPOINTS_WITH_SIGNATURES)
    looks.init_app(app)
    db.init_app(app, database)
    sessions.init_app(app)
    access.init_app(app)
    effects.init_app(app)
    errors.init_app(app)
    assets.init_app(app)
    govuk.init_app(app)
    context.init_app(app, settings)

    # The pages, by who sees them
    for pages in (public.public, account.account, applicant.applicant, officer.officer, admin.admin, api.api, health):
        app.register_blueprint(pages)

    if settings.demonstration:
        import demo.pages

        demo.pages.install(app)
    return app


def _configure(app: Flask, settings: Settings) -> None:
    app.config.update(
        SECRET_KEY=settings.secret_key.get_secret_value(),
        SESSION_COOKIE_NAME="__Host-passage" if settings.is_tls else "passage",
        SESSION_COOKIE_SECURE=settings.is_tls,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        MAX_CONTENT_LENGTH=UPLOAD_LIMIT,
        MAX_FORM_PARTS=1000,
        TRUSTED_HOSTS=sorted({settings.hostname, settings.officers_hostname}),
        PREFERRED_URL_SCHEME="https" if settings.is_tls else "http",
    )
    if trusted := settings.trusted_proxies:
        from werkzeug.middleware.proxy_fix import ProxyFix

        # Tries are counted by where they come from; without this all of them would come from the proxy.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=trusted, x_proto=trusted, x_host=0)  # type: ignore[method-assign]
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
