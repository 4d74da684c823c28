"""The demonstration's country lists: invented, and saying so; brought by an officer, published by the supervisor."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from demo.lists import one_officer
from portal.clock import today
from portal.models import CountryListVersion
from portal.models.viewers import view_as, viewer_of
from portal.services import country_lists
from portal.services.country_lists import Brought

DATA = Path(__file__).parent / "data"
REMARK_EN = "This list is invented for the demonstration. It is not the law of any country."
REMARK_FR = "Cette liste est inventée pour la démonstration. Elle n’est la loi d’aucun pays."
FILES = {"CA": "entry_ca.csv", "US": "entry_us.csv"}
DRAFT_FROM = timedelta(days=30)
CHANGED = ("BR,", "BR,electronic,exempt,90,,,Invented rule / Règle inventée\n")
"""What Canada's next version says of one nationality."""


def publish_all(session: Session) -> None:
    """Publish the list of each country."""
    before = viewer_of(session)
    for agency, file in FILES.items():
        view_as(session, agency)
        version = _bring(session, agency, (DATA / file).read_bytes(), Brought(today(), REMARK_EN, REMARK_FR))
        country_lists.publish(session, version, by=one_officer(session, agency, "supervisor"))
    view_as(session, before)


def go_on(session: Session) -> None:
    """A next version of Canada's list waits to be published; it would hold in a month."""
    start, line = CHANGED
    lines = (DATA / FILES["CA"]).read_text("utf-8").splitlines(keepends=True)
    content = "".join(line if one.startswith(start) else one for one in lines)
    before = viewer_of(session)
    view_as(session, "CA")
    _bring(session, "CA", content.encode(), Brought(today() + DRAFT_FROM, REMARK_EN, REMARK_FR))
    view_as(session, before)


def _bring(session: Session, agency: str, content: bytes, with_it: Brought) -> CountryListVersion:
    return country_lists.bring(session, agency, content, with_it, by=one_officer(session, agency, "officer"))
