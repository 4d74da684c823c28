"""A member's hit on the workbench: counted under My work, listed, assessed, and the membership stays."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import select

from portal.db import Database, view_as
from portal.i18n import speaking
from portal.models import Membership
from portal.models.viewers import JOINT
from portal.services import member_hits
from portal.web.officer.hit_comparison import told_places
from tests import reviewing
from tests.browsing import Browser
from tests.interviewing import PASSWORD, officer
from tests.publishing import publish
from tests.services.test_member_screening import caught_up, member


def test_an_officer_of_the_agency_assesses_a_members_hit(app: Flask, database: Database) -> None:
    with database.transaction() as session:
        view_as(session, JOINT)
        first, other = officer(session, "CA"), officer(session, "US")
        member(session)
        publish(session, "A", "CA", [reviewing.LOOKALIKE])
        caught_up(session)
        (hit,) = member_hits.waiting(session, "CA")
    browser, american = Browser(app), Browser(app)
    page = browser.fill("/en/officers/sign-in", email=first.email, password=PASSWORD)
    assert "1 hit of a member not assessed" in page.text
    page = browser.open(page.link("hit of a member not assessed"))
    page = browser.open(page.link("000000001"))
    assert "TREMBLAY, Elyse" in page.text and "Élise Marie Tremblay" in page.text
    assert page.soup.find(string="The member")
    short = page.text[page.text.index("Why, in short:") :]
    assert short.index("The name is") < short.index("Side by side"), "why it is there, before anything else"
    sides = [
        [cell.get_text(" ", strip=True) for cell in row.select("th, td")] for row in page.soup.select(".compare tr")
    ]
    told = {row[0]: row[1:] for row in sides}
    assert told["Date of birth"] == ["12 April 1986", "4 December 1986", "Differs"]
    assert told["Place of birth"][1:] == ["Not on the list", "Cannot be compared"]
    american.fill("/en/officers/sign-in", email=other.email, password=PASSWORD)
    assert american.open(page.url).status == 404
    page = browser.send(page, verdict="not_same", evidence=["face"], assessment="Another face on the record.")
    assert page.heading == "Hits of members" and "No hit of a member waits." in page.text
    assert "Another face on the record." in browser.open(f"/fr/agents/membres/correspondances/{hit.id}").text
    with database.transaction(JOINT) as session:
        assert session.scalars(select(Membership.state)).all() == ["active"]


def test_a_place_names_its_country_in_the_language_spoken_and_two_letters_stay() -> None:
    with speaking("fr"):
        assert told_places(["Beirut, Lebanon", "Detroit, MI", "Kabul", ""]) == [
            "Beirut, Liban",
            "Detroit, MI",
            "Kabul",
            "",
        ]
