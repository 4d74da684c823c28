"""The officers' door: from which networks, and at which host, officers' pages can be reached."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from flask import abort, current_app, redirect, request, url_for
from werkzeug.exceptions import SecurityError
from werkzeug.wrappers import Response

from portal.config import Settings
from portal.domain.permissions import OFFICER_ROLES, Permission
from portal.domain.registry import permissions_of

OFFICERS_PAGES = ("officer", "admin")
"""The parts of the portal that stand behind the door."""
AT_BOTH_HOSTS = ("static", "health.live", "health.ready")
BEGINNINGS = ("public.language_choice", "public.home")
FOR_OFFICERS = permissions_of(OFFICER_ROLES) - {Permission.PUBLIC}


def is_officers_page(permission: Permission | None) -> bool:
    """Whether the page that is asked for, which `permission` opens, is one of officers."""
    return request.blueprint in OFFICERS_PAGES or permission in FOR_OFFICERS


def is_open() -> bool:
    """Whether officers' pages can be reached from where this request comes from, at the host that it names.

    The settings `officers_door` and `officers_url` say it.
    """
    settings: Settings = current_app.extensions["settings"]
    is_here = not settings.officers_url or _is_at_host(settings.officers_hostname)
    return is_here and _is_from_inside(settings)


def send_elsewhere(permission: Permission | None) -> Response | None:
    """What this request finds where its page does not stand. None where it does.

    A closed door answers 404, as if nothing were behind it. At the officers' own host travellers' pages lead to theirs,
    and the beginning leads to the officers' work.
    """
    settings: Settings = current_app.extensions["settings"]
    if is_officers_page(permission):
        return None if is_open() else abort(404)
    if not settings.officers_url or _is_at_host(settings.hostname) or request.endpoint in AT_BOTH_HOSTS:
        return None
    if request.method not in ("GET", "HEAD") or not _is_from_inside(settings):
        abort(404)
    if request.endpoint in BEGINNINGS:
        return redirect(url_for("officer.my_work"), 303)
    return redirect(settings.external_url + request.full_path.rstrip("?"), 303)


def _is_at_host(hostname: str) -> bool:
    try:
        return urlsplit(f"//{request.host}").hostname == hostname
    except SecurityError:  # the page that says so is still to be drawn
        return False


def _is_from_inside(settings: Settings) -> bool:
    try:
        address = ip_address(request.remote_addr or "")
    except ValueError:
        return False
    address = getattr(address, "ipv4_mapped", None) or address
    return any(address in network for network in settings.officers_networks)
