"""The membership: its number, until when it lasts, and what comes next."""

from __future__ import annotations

from flask import render_template

from portal.db import current_session
from portal.domain.errors import NotFound
from portal.domain.permissions import Permission
from portal.services import memberships
from portal.web.access import requires
from portal.web.applicant import applicant
from portal.web.applicant.own import own_application


@applicant.page("/applications/<reference:reference>/membership", "/demandes/<reference:reference>/adhesion")
@requires(Permission.ACCOUNT_USE)
def show_membership(reference: str) -> str:
    """The membership that came of an application."""
    application = own_application(reference)
    membership = memberships.of(current_session(), application)
    if membership is None:
        raise NotFound(reference)
    return render_template(
        "applicant/show_membership.html",
        application=application,
        membership=membership,
        renewal_opens_on=memberships.renewal_opens_on(current_session(), membership),
    )
