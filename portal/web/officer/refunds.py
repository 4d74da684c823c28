"""Payments that were not due: the list, and giving one back to the card."""

from __future__ import annotations

import uuid

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.adapters.payments import Unreachable
from portal.db import current_session
from portal.domain.errors import NotOpenToThis
from portal.domain.permissions import Permission
from portal.i18n import lazy_gettext as _l
from portal.services import audit, refunds
from portal.web.access import requires
from portal.web.forms import Form
from portal.web.officer import officer
from portal.web.routing import FORM, GET
from portal.web.sessions import current_officer
from portal.web.step_up import requires_step_up

UNREACHABLE = _l("We cannot reach the payment company right now. Try again later: nothing is given back twice.")


@officer.page("/officers/refunds", "/agents/remboursements", methods=GET)
@requires(Permission.PAYMENT_REFUND)
def refunds_to_make() -> str:
    """What waits to go back and what is on its way, by reference."""
    session = current_session()
    audit.record(session, "payment:list", "payment", by=current_officer())
    return render_template("officer/refunds.html", waiting=refunds.waiting(session), done=request.args.get("done"))


@officer.page("/officers/refunds/<uuid:payment_id>", "/agents/remboursements/<uuid:payment_id>", methods=FORM)
@requires(Permission.PAYMENT_REFUND)
@requires_step_up
def refund(payment_id: uuid.UUID) -> Response | tuple[str, int]:
    """One payment, and the button that gives it back."""
    session, by = current_session(), current_officer()
    payment, form = refunds.find(session, payment_id), Form.from_request()
    status = None
    if form.submitted():
        try:
            refunds.give_back(session, payment, by=by)
        except NotOpenToThis as error:
            form.refuse(error.message)
        except Unreachable:
            form.refuse(UNREACHABLE)
            status = 503
        else:
            return redirect(url_for("officer.refunds_to_make", done=payment.state), 303)
    else:
        audit.record(session, "payment:view", payment, by=by)
    return render_template("officer/refund.html", form=form, payment=payment), status or form.status
