"""A fresh proof of who is there: asked before what matters most, and to unlock a workbench that was left alone."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

from flask import current_app, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.clock import now
from portal.config import Settings
from portal.db import current_session, separate_session
from portal.domain import passwords
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.models import Account, Officer, SignIn
from portal.services import audit, passkeys, sign_ins, step_up
from portal.services.limits import Claim
from portal.services.step_up import Ways
from portal.web import ceremonies, csrf, guessing, kept, sessions
from portal.web.access import safe_next
from portal.web.forms import Form, HiddenField, PasswordField, TextField

View = TypeVar("View", bound=Callable[..., Any])

PAGES = {"officer": ("officer.prove", "officer.my_work"), "traveller": ("account.prove", "account.security")}
"""Where each audience shows a factor, and where it goes on when nothing else is known."""


class AnswerField(HiddenField):
    """A passkey's answer, which the page's script fills in; good once, so never kept and never shown again."""

    secret = True
    shown = ""


class SecretTextField(TextField):
    """A code of any kind: an app's, a recovery code, one of a printed sheet. Never kept, never shown again."""

    autocomplete = "one-time-code"
    spellcheck = False
    secret = True


class ProofForm(Form):
    answer = AnswerField(max_length=20_000)
    code = SecretTextField(
        _l("Code"), hint=_l("From your app, a recovery code, or the next code on your sheet"), width=20
    )
    password = PasswordField(_l("Password"), max_length=passwords.LONGEST)


def requires_step_up(view: View) -> View:
    """Open the view only to who has shown a factor within ten minutes; others are asked, and lose nothing they typed.

    Stands below `@requires`, which is checked first.
    """

    @functools.wraps(view)
    def asked(*args: Any, **kwargs: Any) -> Any:
        return require() or view(*args, **kwargs)

    return asked  # type: ignore[return-value]


def require() -> Response | None:
    """The way to the page that asks for a factor, for who has not shown one lately. What was typed is kept."""
    is_forged = request.method == "POST" and not csrf.request_is_ours()
    if is_forged or sign_ins.is_fresh(current_user.sign_in, now()):
        return None
    person = current_user.person
    return redirect(kept.door(PAGES[person.audience][0], person), 303)


def ask(row: SignIn, template: str) -> Response:
    """The page that asks for a factor of whose session this is; shown, the session is renewed and goes on."""
    person = sign_ins.person_of(row)
    ways, form = _ways_of(person), ProofForm.from_request()
    if form.submitted() and _try(form, row, ways):
        return redirect(_where_to(person), 303)
    return guessing.answer(render_template(template, form=form, ways=ways, person=person, wanted=safe_next()), form)


def options(row: SignIn) -> Response:
    """What the page's script asks the browser for: one of the person's own passkeys."""
    ceremonies.may_ask()
    person = sign_ins.person_of(row)
    asked = passkeys.begin_sign_in(
        current_session(),
        audience=person.audience,
        binding=ceremonies.binding(),
        purpose=passkeys.STEP_UP,
        person=person,
    )
    return ceremonies.options(asked)


def _try(form: Any, row: SignIn, ways: Ways) -> bool:
    claim = Claim("step_up", str(row.id))
    if not guessing.may_try(form, claim):
        return False
    if _is_proved(form, sign_ins.person_of(row), ways) and sessions.renew(row):
        guessing.was_right(claim)
        return True
    with separate_session() as session:
        audit.record(session, "sign_in:refuse_proof", row, by=sign_ins.person_of(row))
    form.refuse(_("That did not show who you are. Try again."))
    return False


def _is_proved(form: Any, person: Account | Officer, ways: Ways) -> bool:
    session = current_session()
    if ways.passkey and form.answer.data:
        return step_up.by_passkey(session, person, ceremonies.claim(passkeys.STEP_UP), form.answer.data)
    if ways.code and form.code.data:
        return step_up.by_code(session, person, form.code.data)
    return ways.password and step_up.by_password(person, form.password.data)


def _ways_of(person: Account | Officer) -> Ways:
    settings: Settings = current_app.extensions["settings"]
    return step_up.ways_of(current_session(), person, is_demonstration=settings.demonstration)


def _where_to(person: Account | Officer) -> str:
    return safe_next() or url_for(PAGES[person.audience][1])
