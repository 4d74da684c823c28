"""Applications as a named helper works on them, and who filled in what."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain.errors import NotFound
from portal.domain.helping import fills
from portal.models import Account, Application, Event, Helper, HelperPerson, SectionDraft
from portal.models.viewers import JOINT, as_helper, view_as, viewer_of, viewing_as
from portal.services import audit, transitions

Drafts = Mapping[str, SectionDraft]
FILLED = "filled_in_with_help"


def in_force(session: Session, application: Application, by: Account) -> Helper | None:
    """The word by which `by` may fill in this application, where there is one now."""
    query = (
        select(Helper)
        .join(HelperPerson, HelperPerson.helper_id == Helper.id)
        .where(HelperPerson.person_id == application.person_id, Helper.account_id == application.account_id)
        .where(Helper.helper_id == by.id, Helper.accepted_at.is_not(None), Helper.ended_at.is_(None))
    )
    return session.scalars(query.order_by(Helper.accepted_at)).first()


def open_draft(session: Session, account: Account, reference: str, section: str | None = None) -> Application:
    """A draft that `account` was asked to help with, read as its helper from here on; the look is written down.

    Raises NotFound for any other application, for one that was sent, and for a section that helpers do not open.
    """
    before = viewer_of(session)
    view_as(session, as_helper(account))
    found = session.scalars(select(Application).where(Application.reference == reference)).one_or_none()
    if (
        found is None
        or in_force(session, found, account) is None
        or not (section is None or fills(section, found.status))
    ):
        view_as(session, before)
        raise NotFound(reference)
    audit.record(session, "help:view", found, by=account, section=section)
    return found


def filling(session: Session, application: Application, section: str, *, by: Account) -> uuid.UUID | None:
    """The helper as whom `by` fills in a section, which the trail keeps; None for whoever holds the application.

    Raises NotFound where `by` is neither.
    """
    if by.id == application.account_id:
        return None
    helper = in_force(session, application, by)
    if helper is None:
        raise NotFound(section)
    audit.record(session, "help:fill", application, by=by, section=section)
    return helper.id


def sections_filled(drafts: Drafts) -> dict[uuid.UUID, list[str]]:
    """Which sections each helper filled in, by the helper's id."""
    found: dict[uuid.UUID, list[str]] = {}
    for key, draft in drafts.items():
        if draft.filled_by_id:
            found.setdefault(draft.filled_by_id, []).append(key)
    return found


def names(session: Session, helper_ids: set[uuid.UUID]) -> dict[uuid.UUID, str]:
    """The names of helpers, as whoever asked for their help gave them; nothing of who was erased.

    The ids come from an application that the session's viewer reads; the name lies under the key of the account's
    holder, whose row that viewer need not find.
    """
    if not helper_ids:
        return {}
    with viewing_as(session, JOINT):
        found = session.scalars(select(Helper).where(Helper.id.in_(helper_ids)))
        return {one.id: one.name or "" for one in found if one.key_owner.wrapped_key is not None}


def helper_of(event: Event) -> uuid.UUID | None:
    """The helper whom an event of the history is about."""
    named = (event.facts or {}).get("helper")
    return uuid.UUID(named) if named else None


def named_in(events: Iterable[Event]) -> set[uuid.UUID]:
    """Every helper whom these events are about."""
    return {found for event in events if (found := helper_of(event))}


def tell(session: Session, application: Application, drafts: Drafts, *, by: Account) -> None:
    """Write into the history of an application that is sent who filled in what."""
    for helper_id, keys in sections_filled(drafts).items():
        facts = {"helper": str(helper_id), "sections": sorted(keys)}
        transitions.note(session, application, FILLED, by=by, facts=facts)
