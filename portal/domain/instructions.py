"""What a centre asks of those who come, by topic; a notice has a last day, and is gone after it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from portal.i18n import Lazy as _l

TOPICS = {
    "entry": _l("The way there"),
    "order": _l("Which part comes first"),
    "arrival": _l("When you arrive"),
    "bring": _l("What to bring"),
    "hours": _l("Opening days"),
    "note": _l("Good to know"),
}
"""In the order in which somebody needs them: the way first, because a map may lead to the wrong side of the border."""
IRIS = {
    "yes": _l("Images of the irises, for travel by air, are taken here."),
    "no": _l("No images of the irises are taken here. For travel by air, you need another centre as well."),
    "unknown": _l("Whether images of the irises, for travel by air, are taken here is not known. Ask before you go."),
}


@dataclass(frozen=True)
class Told:
    """One instruction in the reader's language; `until` is the last day of a notice."""

    topic: str
    label: _l
    text: str
    until: date | None


def in_force(instructions: Iterable[Mapping[str, str | None]], language: str, today: date) -> list[Told]:
    """What holds today, by topic; a notice whose last day is past is left out."""
    found = [_told(one, language) for one in instructions]
    order = list(TOPICS)
    return sorted(
        (one for one in found if one.until is None or today <= one.until), key=lambda one: order.index(one.topic)
    )


def _told(one: Mapping[str, str | None], language: str) -> Told:
    until = one.get("until")
    topic = str(one["topic"])
    return Told(topic, TOPICS[topic], str(one[language]), date.fromisoformat(until) if until else None)
