"""The registry: who may do what, and who may know what, on an application in which state. All else asks here.

`PERMISSIONS` says which roles hold a permission and in which states of an application it opens something. `lifecycle`
says which permission moves what from where. `FACTS` says who knows what in which state (rulings, section 2 [V]).
Written out for readers in docs/permissions.md, which a test compares with these tables.
"""

from __future__ import annotations

import functools
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from portal.domain.facts import Fact, Viewer
from portal.domain.lifecycle import OPEN_STATUSES, Status, actions_open_to
from portal.domain.permissions import Permission, Role

States = frozenset[Status]
S, P, R, V, F = Status, Permission, Role, Viewer, Fact

EVERY = States(Status)
NONE = States()
OPEN = States(OPEN_STATUSES)
SENT = EVERY - {S.DRAFT}
REVIEWED = EVERY - {S.DRAFT, S.AWAITING_CONSENT, S.AWAITING_PAYMENT}
"""From the beginning of the reviews on; what ended before has no review, and so no officer finds it."""
DECIDED_ON = States({S.UNDER_REVIEW, S.CONDITIONALLY_APPROVED})
"""While an agency may still decide: after its review, and after the interview."""
OUTCOME = States({S.CONDITIONALLY_APPROVED, S.APPROVED, S.DENIED})
INTERVIEWED = States({S.CONDITIONALLY_APPROVED, S.APPROVED, S.DENIED, S.WITHDRAWN, S.LAPSED})
"""From the conditional approval on."""


@dataclass(frozen=True)
class Grant:
    """Which roles hold a permission, and in which states of an application it opens something.

    A permission that is about no application is held in every state.
    """

    roles: frozenset[Role]
    states: States


def _held(*roles: Role, states: States = EVERY) -> Grant:
    return Grant(frozenset(roles), states)


PERMISSIONS: Mapping[Permission, Grant] = {
    P.PUBLIC: _held(*Role),
    P.PAYMENT_NOTIFY: _held(),
    P.SYSTEM: _held(),
    P.ACCOUNT_USE: _held(R.APPLICANT),
    P.APPLICATION_FOLLOW: _held(R.APPLICANT),
    P.APPLICATION_FILL: _held(R.APPLICANT, states=OPEN),
    P.APPLICATION_HELP: _held(R.APPLICANT, states=States({S.DRAFT})),
    P.CORRECTION_ASK: _held(R.APPLICANT, states=SENT),
    P.CONSENT_GIVE: _held(R.APPLICANT, states=States({S.DRAFT, S.AWAITING_CONSENT})),
    P.INTERVIEW_BOOK: _held(R.APPLICANT, states=INTERVIEWED),
    P.OFFICER_USE: _held(R.OFFICER, R.SUPERVISOR, R.ADMINISTRATOR, R.AUDITOR),
    P.APPLICATION_READ: _held(R.OFFICER, R.SUPERVISOR, states=REVIEWED),
    P.REVIEW_WORK: _held(R.OFFICER, R.SUPERVISOR, states=REVIEWED),
    P.REFUSAL_CONFIRM: _held(R.OFFICER, R.SUPERVISOR, states=DECIDED_ON),
    P.HIT_ASSESS: _held(R.OFFICER, R.SUPERVISOR, states=REVIEWED),
    P.LIST_READ: _held(R.OFFICER, R.SUPERVISOR),
    P.LIST_IMPORT: _held(R.OFFICER, R.SUPERVISOR),
    P.LIST_PUBLISH: _held(R.SUPERVISOR),
    P.COUNTRY_LIST_READ: _held(R.OFFICER, R.SUPERVISOR),
    P.COUNTRY_LIST_IMPORT: _held(R.OFFICER, R.SUPERVISOR),
    P.COUNTRY_LIST_PUBLISH: _held(R.SUPERVISOR),
    P.INTERVIEW_RECORD: _held(R.OFFICER, R.SUPERVISOR, states=INTERVIEWED),
    P.OFFICERS_MANAGE: _held(R.ADMINISTRATOR),
    P.AUDIT_READ: _held(R.AUDITOR),
    P.HOLD_PLACE: _held(R.SUPERVISOR, states=REVIEWED),
    P.CAPACITY_MANAGE: _held(R.SUPERVISOR),
    P.PAYMENT_REFUND: _held(R.SUPERVISOR),
    P.LOOKING_OVERSEE: _held(R.SUPERVISOR),
    P.EMERGENCY_JUDGE: _held(R.SUPERVISOR, R.AUDITOR),
}
"""Administrators manage people and read no application; auditors read the trail and no application (rulings, 2)."""

_HOLDERS = (V.APPLICANT, V.PARENT)
_REVIEWERS = (V.OFFICER, V.SUPERVISOR)
_NOBODY: dict[Viewer, States] = {}


def _known(*viewers: Viewer, states: States) -> dict[Viewer, States]:
    return dict.fromkeys(viewers, states)


def _holders(states: States) -> dict[Viewer, States]:
    return _known(*_HOLDERS, states=states)


_REVIEW = _known(*_REVIEWERS, states=REVIEWED)
_HELPS = _known(V.HELPER, states=EVERY)
_OTHER_PARENT = _known(V.OTHER_PARENT, states=EVERY)
_PAYS = _known(V.PAYER, states=EVERY)

FACTS: Mapping[Fact, Mapping[Viewer, States]] = {
    F.PROGRAMME: _holders(EVERY) | _REVIEW | _OTHER_PARENT | _HELPS | _PAYS,
    F.GIVEN_NAME: _holders(EVERY) | _REVIEW | _OTHER_PARENT | _HELPS | _PAYS,
    F.ANSWERS: _holders(EVERY) | _REVIEW | _HELPS,
    F.BACKGROUND_ANSWERS: _holders(EVERY) | _REVIEW,
    F.DOCUMENTS: _holders(EVERY) | _REVIEW | _HELPS,
    F.FEE: _holders(EVERY) | _REVIEW | _HELPS | _PAYS,
    F.STAGES: _holders(EVERY) | _HELPS,
    F.USUAL_TIMES: _holders(EVERY) | _REVIEW | _HELPS,
    F.INTERVIEW: _holders(INTERVIEWED) | _known(*_REVIEWERS, states=INTERVIEWED) | _known(V.HELPER, states=INTERVIEWED),
    F.JOINT_OUTCOME: _holders(OUTCOME) | _REVIEW,
    F.REFUSAL_REASON: _holders(States({S.DENIED})),
    F.OWN_QUESTIONS: _holders(REVIEWED) | _REVIEW,
    F.OTHER_QUESTIONS: _holders(REVIEWED),
    F.OWN_REVIEW: _REVIEW,
    F.OWN_DECISION: _REVIEW,
    F.OWN_NOTES: _REVIEW,
    F.OWN_PROPOSALS: _REVIEW,
    F.OWN_HITS: _REVIEW,
    F.SAME_PASSPORT: _REVIEW,
    F.OTHER_IS_FINISHED: _holders(REVIEWED) | _REVIEW | _known(V.HELPER, states=REVIEWED),
    F.OTHER_ASSIGNMENT: _NOBODY,
    F.OTHER_OUTCOME_BEFORE_OWN: _NOBODY,
    F.OTHER_REASONS: _holders(States({S.DENIED})),
    F.OTHER_NOTES: _NOBODY,
    F.OTHER_PROPOSALS: _NOBODY,
    F.OTHER_HITS: _NOBODY,
    F.OWN_AUDIT_TRAIL: _known(V.AUDITOR, states=EVERY),
    F.SHARED_AUDIT_TRAIL: _known(V.AUDITOR, states=EVERY),
    F.UNUSUAL_LOOKING: _known(V.SUPERVISOR, states=EVERY),
    F.WHO_LOOKED: _holders(EVERY),
    F.PLACE_IN_QUEUE: _NOBODY,
}
"""For an applicant or a parent, "other" means the second letter and the second agency's questions: both are hers."""


_OF_ROLE = {
    role: frozenset(permission for permission, grant in PERMISSIONS.items() if role in grant.roles) for role in Role
}


def permissions_of(roles: Collection[str]) -> frozenset[Permission]:
    """Everything that somebody with these roles may do in some state, the public pages included."""
    return _permissions_of(tuple(roles))


@functools.cache
def _permissions_of(roles: tuple[str, ...]) -> frozenset[Permission]:
    return frozenset({Permission.PUBLIC}).union(*(_OF_ROLE[Role(role)] for role in roles))


def may(roles: Collection[str], permission: Permission, status: str) -> bool:
    """Whether somebody with these roles may use the permission on an application in `status`."""
    return permission in permissions_of(roles) and Status(status) in PERMISSIONS[permission].states


def open_actions(kind: str, state: str, roles: Collection[str], status: str) -> tuple[str, ...]:
    """The actions of the lifecycle of `kind` that these roles can take on a thing in `state`: buttons are made of them.

    `status` is the status of the application that the thing belongs to.
    """
    held = frozenset(one for one in permissions_of(roles) if may(roles, one, status))
    return actions_open_to(kind, state, held)


def may_know(viewer: Viewer, fact: Fact, status: str) -> bool:
    """Whether `viewer` may know `fact` of an application in `status`."""
    return Status(status) in FACTS[fact].get(viewer, NONE)


def ever_known(viewer: Viewer, fact: Fact) -> bool:
    """Whether there is a state of an application in which `viewer` may know `fact`: for lists over many of them."""
    return bool(FACTS[fact].get(viewer))


def facts_known(viewer: Viewer, status: str) -> frozenset[Fact]:
    """What `viewer` may know of an application in `status`."""
    return frozenset(fact for fact in Fact if may_know(viewer, fact, status))


def viewer_of(roles: Collection[str]) -> Viewer:
    """As whom somebody with these roles looks: the one who works on applications where there are several."""
    for role in (Role.SUPERVISOR, Role.OFFICER, Role.AUDITOR, Role.APPLICANT):
        if role in roles:
            return Viewer(role.value)
    return Viewer.ADMINISTRATOR
