"""The registry written out for readers: `python -m tests.domain.permissions_page > docs/permissions.md`."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from portal.domain.facts import Fact, Viewer
from portal.domain.lifecycle import LIFECYCLES, Status
from portal.domain.permissions import Permission, Role
from portal.domain.registry import FACTS, PERMISSIONS, States

INTRODUCTION = """# Who may do what, and who may know what

This page is written from `portal/domain/registry.py` by `python -m tests.domain.permissions_page`; a test compares the
two. A permission opens a page; in which states of an application it opens anything is beside it. The database holds
the same lines a second time: each agency's rows are its own, and a traveller's are hers (docs/operating.md).

The states of an application, in order: {states}. "Every state" is all of them.
"""


def page() -> str:
    """The whole page."""
    parts = (
        INTRODUCTION.format(states=", ".join(_words(Status))),
        "## Permissions\n\n" + _table(("permission", "held by", "in which states"), _permissions()),
        "## Actions\n\nWhat an action leads to, from where, and the permission it takes.\n\n"
        + _table(("of", "action", "from", "to", "permission"), _actions()),
        '## Facts\n\nFor an officer, "own" and "other" are seen from the officer\'s agency. '
        "What nobody knows by a page stands here too.\n\n" + _table(("fact", "known by", "in which states"), _facts()),
    )
    return "\n".join(parts)


def _words(values: Iterable[str]) -> list[str]:
    return [str(value).replace("_", " ") for value in values]


def _states(states: States) -> str:
    if states == States(Status):
        return "every state"
    return ", ".join(_words(status for status in Status if status in states)) or "none"


def _permissions() -> Iterable[tuple[str, ...]]:
    for permission in Permission:
        grant = PERMISSIONS[permission]
        roles = ", ".join(role for role in Role if role in grant.roles)
        yield f"`{permission}`", roles or "nobody who signs in", _states(grant.states)


def _actions() -> Iterable[tuple[str, ...]]:
    for kind, lines in LIFECYCLES.items():
        for line in lines:
            sources = ", ".join(sorted(_words(line.sources)))
            yield kind, line.action.replace("_", " "), sources, *_words([line.target]), f"`{line.permission}`"


def _facts() -> Iterable[tuple[str, ...]]:
    for fact in Fact:
        viewers = FACTS[fact]
        for states in dict.fromkeys(viewers.values()):
            known_by = ", ".join(_words(viewer for viewer in Viewer if viewers.get(viewer) == states))
            yield *_words([fact]), known_by, _states(states)
        if not viewers:
            yield *_words([fact]), "nobody", "none"


def _table(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = (header, ("---",) * len(header), *rows)
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(page())
