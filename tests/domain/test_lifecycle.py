"""The lifecycle tables: every status reachable, every line told, every status explained in both languages."""

import pytest

from portal.domain.lifecycle import (
    APPLICATION,
    CLOSED_STATUSES,
    INTERVIEW,
    LIFECYCLES,
    REVIEW,
    STATUS_TEXTS,
    Status,
    actions_open_to,
    transition,
)
from portal.domain.permissions import Permission
from portal.domain.registry import permissions_of
from portal.i18n import speaking

STARTS = {"application": "draft", "review": "waiting", "interview": "to_book"}


@pytest.mark.parametrize("kind", LIFECYCLES)
def test_every_status_can_be_reached_from_the_start(kind: str) -> None:
    reached = {STARTS[kind]}
    while more := {line.target for line in LIFECYCLES[kind] if line.sources & reached} - reached:
        reached |= more
    named = {status for line in LIFECYCLES[kind] for status in (*line.sources, line.target)}
    assert named == reached


@pytest.mark.parametrize("lines", (APPLICATION, REVIEW, INTERVIEW))
def test_an_action_stands_once(lines: tuple) -> None:
    actions = [line.action for line in lines]
    assert len(actions) == len(set(actions))


def test_every_status_is_explained_in_both_languages() -> None:
    assert set(STATUS_TEXTS) == set(Status)
    for text in STATUS_TEXTS.values():
        for lazy in (text.label, text.sentence):
            with speaking("fr"):
                french = str(lazy)
            assert french != lazy.message, f"no French for {lazy!r}"


def test_a_closed_application_stays_closed() -> None:
    assert not [line for line in APPLICATION if line.sources & set(CLOSED_STATUSES)]


def test_an_officer_sees_the_actions_of_the_state() -> None:
    held = permissions_of(["officer"])
    assert actions_open_to("review", "waiting", held) == ("take",)
    assert "clear" in actions_open_to("review", "in_review", held)
    assert actions_open_to("review", "in_review", frozenset({Permission.PUBLIC})) == ()


def test_an_unknown_action_is_refused() -> None:
    with pytest.raises(KeyError):
        transition("application", "delete")
