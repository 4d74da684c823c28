"""Whether the portal lives, and whether it is ready: for operators, load balancers and `make run`."""

from __future__ import annotations

from flask import Blueprint, current_app, jsonify
from werkzeug.wrappers import Response

from portal.adapters import files
from portal.config import Settings
from portal.db import database
from portal.domain.permissions import Permission
from portal.web.access import requires

health = Blueprint("health", __name__)


@health.get("/health/live")
@requires(Permission.PUBLIC)
def live() -> Response:
    """Answers while the process does; touches nothing."""
    return jsonify(status="live")


@health.get("/health/ready")
@requires(Permission.PUBLIC)
def ready() -> tuple[Response, int]:
    """200 once database, migrations, clock and disk are fit; 503 with what is not."""
    settings: Settings = current_app.extensions["settings"]
    unfit = database().troubles() + _disk_troubles(settings)
    if not settings.demonstration and database().is_demonstration():
        unfit.append("demonstration")
    return jsonify(status="unfit" if unfit else "ready", unfit=unfit), 503 if unfit else 200


def _disk_troubles(settings: Settings) -> list[str]:
    try:
        free = files.free()
    except OSError:
        return ["files"]
    return ["disk"] if free < settings.free_disk_minimum else []
