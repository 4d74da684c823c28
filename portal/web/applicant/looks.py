"""Who looked at the application, as its applicant may know it."""

from __future__ import annotations

from flask import render_template

from portal.db import current_session
from portal.domain.permissions import Permission
from portal.i18n import lazy_gettext as _l
from portal.services import looks
from portal.web.access import requires
from portal.web.applicant import applicant
from portal.web.applicant.own import own_application
from portal.web.routing import GET

KINDS = {
    "review": _l("Review of your application"),
    "documents": _l("Your documents, for the review"),
    "question": _l("A question about your application"),
    "cover": _l("Work in place of a colleague"),
    "emergency": _l("An emergency"),
    "interview": _l("Your interview"),
    "other": _l("Another reason, which the officer wrote down"),
}


@applicant.page(
    "/applications/<reference:reference>/who-looked", "/demandes/<reference:reference>/consultations", methods=GET
)
@requires(Permission.APPLICATION_FOLLOW)
def who_looked(reference: str) -> str:
    """On which days which agency looked, and for what kind of reason."""
    application = own_application(reference)
    found = looks.at(current_session(), application)
    return render_template("applicant/who_looked.html", application=application, looks=found, kinds=KINDS)
