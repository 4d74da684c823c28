"""The story of one traveller as prose: from the first question to the membership, in each language, without scripts."""

import io
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pypdf
import pytest
from flask import Flask

from demo.cast import CastTraveller
from portal import create_app
from tests import programme
from tests.drivers import PlainDriver
from tests.journey import Journey
from tests.running import RunningPortal, running_portal

TRAVELLERS = (
    CastTraveller("Aurèle", "D’Amours-Côté", date(1984, 2, 29), "", "Montréal", "QC", "H2X 1Y4", "CA", "fr", "M"),
    CastTraveller("Siobhán", "O’Neill", date(1990, 7, 14), "", "Windsor", "ON", "N9A 1A1", "CA", "en", "F"),
)


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory, server: object, template: str) -> Iterator[RunningPortal]:
    with running_portal(tmp_path_factory.mktemp("journey"), server, template) as portal:
        programme.load(portal.settings(), portal.urls["owner"])
        portal.start()
        yield portal


@pytest.fixture(scope="module")
def addresses(portal: RunningPortal) -> Iterator[Flask]:
    app = create_app(portal.settings())
    yield app
    app.extensions["database"].engine.dispose()


@pytest.mark.parametrize("traveller", TRAVELLERS, ids=lambda traveller: traveller.language)
def test_an_applicant_becomes_a_member(portal: RunningPortal, addresses: Flask, traveller: CastTraveller) -> None:
    def address_of(endpoint: str, **values: object) -> str:
        with addresses.test_request_context(base_url=portal.address):
            return addresses.url_for(endpoint, **values)

    journey = Journey(
        driver=PlainDriver(portal.address),
        officers={agency: PlainDriver(portal.address) for agency in ("CA", "US")},
        address_of=address_of,
        mail_folder=Path(portal.demonstration.state) / "mail",
        traveller=traveller,
    )
    number = journey.run()

    assert len(number) == 9 and number.startswith("00")
    letter = " ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(journey.pdf)).pages)
    assert number in letter.replace(" ", "").replace("\u00a0", "")
    assert traveller.family_name in letter
    for mail in journey.mails():
        assert traveller.family_name not in str(mail["Subject"])
        assert journey.reference not in mail.as_string(), f"a whole reference: {mail['Subject']}"
