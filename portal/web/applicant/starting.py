"""How an application begins: for oneself, for a child, for an adult whom one represents, or for somebody known."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.db import current_session
from portal.domain.errors import NotFound, RuleViolation
from portal.domain.lifecycle import OPEN_STATUSES, Status
from portal.domain.permissions import Permission
from portal.domain.sections import PARENT, REPRESENTATIVE, SELF
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.models import Application
from portal.services import applications, family, sections
from portal.web.access import requires
from portal.web.applicant import applicant
from portal.web.forms import Form, RadiosField
from portal.web.routing import FORM
from portal.web.sessions import current_account

KNOWN = "person-"


class StartForm(Form):
    who = RadiosField(_l("Who are you applying for?"), missing=_l("Choose who you are applying for"))


@applicant.page("/applications/start", "/demandes/commencer", methods=FORM)
@requires(Permission.APPLICATION_FILL)
def start_application() -> Response | tuple[str, int]:
    """Ask for whom, say what is needed, then begin. Somebody with an open application is led to it."""
    choices = _choices()
    form = StartForm.from_request(data={"who": _preset(choices)})
    form.who.choices = choices
    if form.submitted():
        try:
            return redirect(_first_page(_begun(form.who.data)), 303)
        except RuleViolation as error:
            form.refuse(error.message)
    return render_template("applicant/start_application.html", form=form), form.status


def _choices() -> list[tuple[str, str, str | None]]:
    session, account = current_session(), current_account()
    busy = {one.person_id for one in applications.of_account(session, account) if one.status in OPEN_STATUSES}
    people = family.people_of(session, account)
    known = [
        (f"{KNOWN}{held.person.id}", family.given_name(held.person), None)
        for held in people
        if held.role != SELF and held.person.id not in busy and family.given_name(held.person)
        and not (held.role == PARENT and family.is_of_age(held.person))
    ]  # fmt: skip
    is_busy = any(held.role == SELF and held.person.id in busy for held in people)
    own = [(SELF, _("Me"), _("Your application is open already: this leads to it.") if is_busy else None)]
    return [
        *own,
        *known,
        (PARENT, _("My child, or a child in my care"), _("Under 18. The child needs no email address.")),
        (REPRESENTATIVE, _("An adult whom I represent legally"), None),
    ]


def _preset(choices: list[tuple[str, str, str | None]]) -> str:
    asked = request.args.get("who", SELF)
    return asked if asked in {value for value, _label, _hint in choices} else SELF


def _begun(who: str) -> Application:
    session, account = current_session(), current_account()
    if who == SELF:
        return applications.start(session, account, by=account)
    if who in family.ROLES_FOR_OTHERS:
        held = family.Held(family.add(session, account, who, by=account), who)
    elif who.startswith(KNOWN):
        held = family.held(session, account, who.removeprefix(KNOWN))
    else:
        raise NotFound(who)
    return applications.start(session, account, held=held, by=account)


def _first_page(application: Application) -> str:
    """The first task; the list of tasks where something was answered before."""
    if sections.drafts_of(current_session(), application) or application.status != Status.DRAFT:
        return url_for("applicant.show_application", reference=application.reference)
    return url_for("applicant.edit_section", reference=application.reference, section="identity")
