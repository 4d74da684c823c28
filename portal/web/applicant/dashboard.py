"""The dashboard: one card for each person for whom the account acts."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from flask import render_template

from portal.db import current_session
from portal.domain.answers import full_name
from portal.domain.lifecycle import OPEN_STATUSES, STATUS_TEXTS, Status
from portal.domain.permissions import Permission
from portal.domain.sections import PARENT, SELF
from portal.i18n import current_language
from portal.i18n import gettext as _
from portal.models import Application
from portal.services import applications, family, named_helpers, progress, sections, ties
from portal.services.family import Held
from portal.services.progress import Action, Progress
from portal.services.sections import Drafts
from portal.web.access import requires
from portal.web.applicant import applicant
from portal.web.sessions import current_account

KINDS = {"grey": "neutral", "amber": "attention", "blue": "info", "green": "success", "red": "error"}


@dataclass(frozen=True)
class Card:
    """One person on the dashboard: where the application stands, and what to do now."""

    person_id: str
    name: str
    application: Application | None
    earlier: list[Application]
    stage: str
    kind: str
    title: str
    sentences: tuple[str, ...]
    action: Action | None
    may_start: bool
    moves_out: bool
    """Of age: they move to an account of their own."""


@applicant.page("/applications", "/demandes")
@requires(Permission.APPLICATION_FOLLOW)
def dashboard() -> str:
    """Everybody for whom the account acts, and what is to be done for them: as many queries for one as for six."""
    session, account = current_session(), current_account()
    found = applications.of_account(session, account)
    people = family.people_of(session, account)
    drafts = sections.drafts_of_all(session, [one for one in found if one.status == Status.DRAFT])
    steps = progress.next_steps(session, [one for one in found if one.status != Status.DRAFT], current_language())
    cards = [_card(held, [one for one in found if one.person_id == held.person.id], drafts, steps) for held in people]
    return render_template(
        "applicant/dashboard.html",
        cards=[card for card in cards if card.application or card.may_start],
        has_any=bool(found),
        to_interview=sum(one.status == Status.CONDITIONALLY_APPROVED for one in found)
        + ties.count_let_book(session, account),
        helps=named_helpers.count_helped(session, account),
        to_pay=_own_first([one for one in found if one.status == Status.AWAITING_PAYMENT]),
    )


def _own_first(found: list[Application]) -> list[Application]:
    """The holder's own application leads a payment for several: its reference stands on the confirmation."""
    return sorted(found, key=lambda one: one.role != SELF)


def _card(
    held: Held, own: list[Application], drafts: dict[uuid.UUID, Drafts], steps: dict[uuid.UUID, Progress]
) -> Card:
    newest = own[0] if own else None
    is_open = newest is not None and newest.status in OPEN_STATUSES
    told = _told(newest, drafts, steps) if newest else _nothing_yet()
    stage, kind, title, sentences, action = told
    is_of_age = held.role == PARENT and family.is_of_age(held.person)
    return Card(
        person_id=str(held.person.id),
        name=_name(held, newest, drafts),
        application=newest,
        earlier=own[1:],
        stage=stage,
        kind=kind,
        title=title,
        sentences=sentences,
        action=action,
        may_start=not is_open and not is_of_age and (held.role != SELF or newest is not None),
        moves_out=is_of_age,
    )


Told = tuple[str, str, str, tuple[str, ...], Action | None]


def _told(application: Application, drafts: dict[uuid.UUID, Drafts], steps: dict[uuid.UUID, Progress]) -> Told:
    text = STATUS_TEXTS[Status(application.status)]
    if application.status == Status.DRAFT:
        return str(text.label), KINDS[text.colour], *_draft(application, drafts[application.id])
    now = steps[application.id]
    return str(text.label), KINDS[text.colour], now.title, now.sentences, now.action


def _nothing_yet() -> Told:
    return "", "", _("No application in this account"), (), None


def _draft(application: Application, drafts: Drafts) -> tuple[str, tuple[str, ...], Action]:
    tasks = sections.tasks(drafts)
    done = sum(task.is_completed for task in tasks)
    count = _("%(done)s of %(all)s tasks completed.", done=done, all=len(tasks))
    label = _("Continue your application") if application.role == SELF else _("Continue this application")
    action = Action(label, "applicant.show_application", {"reference": application.reference})
    title = _("Complete your application") if application.role == SELF else _("Complete this application")
    return title, (count,), action


def _name(held: Held, newest: Application | None, drafts: dict[uuid.UUID, Drafts]) -> str:
    """The person's name, as far as this account may know it: of a child whom another parent's account added, no
    more than the given name (rulings, section 2)."""
    if newest is None:
        return family.given_name(held.person) or _("A person in this account")
    typed = full_name(sections.answers_of(drafts.get(newest.id, Drafts()), "identity"))
    named = typed or held.person.full_name
    return named or (_("Your application") if held.role == SELF else _("A person in this account"))
