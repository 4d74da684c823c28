"""Late arrivals, centre by centre: up to when somebody is still interviewed, and what whoever comes later does.

Source: domain facts, section 5.2. Where a centre states nothing, fifteen minutes, after which another time is chosen.
"""

from __future__ import annotations

from portal.i18n import Lazy as _l
from portal.i18n import ngettext

REBOOK, CALL = "rebook", "call"
RULES = {
    REBOOK: _l("Whoever is later chooses another time"),
    CALL: _l("Whoever will be later calls ahead, and may have to choose another time"),
}
USUAL_MINUTES, MOST_MINUTES = 15, 120


def in_words(rule: str, minutes: int) -> str:
    """What a traveller is told of a centre's rule, in the language being spoken."""
    if minutes == 0:
        until = str(_l("Be on time: this centre does not interview those who are late."))
    else:
        until = ngettext(
            "If you are up to %(num)s minute late, you are still interviewed.",
            "If you are up to %(num)s minutes late, you are still interviewed.",
            minutes,
        )
    later = {
        REBOOK: _l("If you come later, you have to choose another time."),
        CALL: _l("If you will come later, call ahead. You may have to choose another time."),
    }
    return f"{until} {later[rule]}"


def can_be_sent_away(minutes_late: int, minutes: int) -> bool:
    """Whether somebody so many minutes late may be sent away at a centre that waits `minutes`."""
    return minutes_late > minutes
