"""Letters: frozen when written, made into a tagged PDF in the reader's language, which fetches nothing."""

from __future__ import annotations

import io
import re
import uuid
from datetime import date, timedelta

import pytest
from pypdf import PdfReader
from sqlalchemy.orm import Session
from weasyprint.urls import FatalURLFetchingError

from portal.adapters import pdf
from portal.clock import today
from portal.domain.adjudication import REFUSAL_REASONS
from portal.domain.errors import NotFound
from portal.i18n import LANGUAGES, format_date, speaking
from portal.models import Application, ApplicationVersion, Letter, Membership
from portal.services import letters
from tests.repository.test_messages import an_applicant

ADDRESS = {
    "street": "345 Main Street", "unit": "12", "city": "Ottawa", "region": "ON", "postal_code": "K1A 0B1",
    "country": "CA",
}  # fmt: skip


def an_application(session: Session, language: str) -> Application:
    """An application that was sent, with its answers."""
    _, application = an_applicant(session, language)
    session.add(
        ApplicationVersion(
            application=application, number=1, answers={"identity": ADDRESS}, made_at=application.changed_at
        )
    )
    session.flush()
    session.refresh(application, ["versions"])
    return application


def a_member(session: Session, application: Application) -> Membership:
    membership = Membership(
        person=application.person, application_id=application.id, number=f"00{uuid.uuid4().int % 10**7:07d}",
        valid_from=date(2027, 3, 10), valid_until=date(2032, 6, 14),
    )  # fmt: skip
    session.add(membership)
    session.flush()
    return membership


def read_back(letter: Letter) -> tuple[PdfReader, str]:
    """The PDF, and its words with single spaces."""
    reader = PdfReader(io.BytesIO(letters.read(letter)))
    return reader, re.sub(r"\s+", " ", " ".join(page.extract_text() for page in reader.pages))


def check_frame(reader: PdfReader, words: str, letter: Letter) -> None:
    """What every letter has: tags, language, title, whom it is for, which page, its end."""
    catalogue = reader.trailer["/Root"]
    assert catalogue["/MarkInfo"]["/Marked"] and catalogue["/StructTreeRoot"]
    assert catalogue["/Lang"] == f"{letter.language}-CA"
    assert reader.metadata is not None and reader.metadata.title == spoken_title(letter)
    assert all(float(page.mediabox.width) == 612 and float(page.mediabox.height) == 792 for page in reader.pages)
    of = {"en": "of", "fr": "sur"}[letter.language]
    assert f"Page 1 {of} {len(reader.pages)}" in words
    assert "12-345 MAIN STREET" in words and "OTTAWA ON K1A 0B1" in words
    assert letter.application.reference in words
    assert "SPECIMEN" in words and "End of letter" in words and "Fin de la lettre" in words


def spoken_title(letter: Letter) -> str:
    with speaking(letter.language):
        return letters.title(letter)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_letter_of_an_approval_gives_the_membership(session: Session, language: str) -> None:
    application = an_application(session, language)
    membership = a_member(session, application)
    letter = letters.write(session, application, "approval")
    letters.make(session, letter.id)
    reader, words = read_back(letter)
    check_frame(reader, words, letter)
    with speaking(language):
        assert format_date(membership.valid_until).replace("\u00a0", " ") in words
    assert membership.number in words


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("agency", ["CA", "US"])
def test_the_letter_of_a_refusal_says_why_and_what_can_be_done(session: Session, agency: str, language: str) -> None:
    application = an_application(session, language)
    for reason in REFUSAL_REASONS:
        letter = Letter(application=application, kind="refusal", agency=agency, language=language)
        letter.contents = {
            **letters._envelope(application),
            "kind": "refusal",
            **letters._refusal(session, agency, reason.code),
        }
        with speaking(language):
            spoken = letters.words(letter)
        assert spoken["reason"] == reason.public_text and spoken["rule"] == reason.rules[agency]
    letter = letters.write(session, application, "refusal", agency=agency, reason="residence")
    letters.make(session, letter.id)
    reader, words = read_back(letter)
    check_frame(reader, words, letter)
    with speaking(language):
        spoken = letters.words(letter)
        last_day = format_date(today() + timedelta(days={"CA": 90, "US": 30}[agency]))
        for told in (spoken["reason"], spoken["rule"], spoken["recourse"].records, spoken["recourse"].route, last_day):
            assert re.sub(r"\s+", "", str(told)) in words.replace(" ", "")
    law = {"CA": ("Privacy Act", "renseignements personnels"), "US": ("Freedom of Information Act",) * 2}[agency]
    assert law[LANGUAGES.index(language)] in words


def test_what_was_frozen_stays(session: Session) -> None:
    application = an_application(session, "en")
    letter = letters.write(session, application, "refusal", agency="CA", reason="identity")
    application.person.family_name = "Quimby"
    session.flush()
    letters.make(session, letter.id)
    _, words = read_back(letter)
    assert "Quimby" not in words and "Tremblay-Okafor" in words


def test_a_letter_is_made_once_and_read_by_its_application_only(session: Session) -> None:
    application, other = an_application(session, "en"), an_application(session, "fr")
    letter = letters.write(session, application, "refusal", agency="US", reason="not_low_risk")
    with pytest.raises(NotFound):
        letters.read(letter)
    letters.make(session, letter.id)
    first = letter.file_key
    letters.make(session, letter.id)
    assert letter.file_key == first and letters.of(session, application) == [letter]
    assert letters.find(session, application, letter.id) is letter
    with pytest.raises(NotFound):
        letters.find(session, other, letter.id)


def test_the_same_letter_gives_the_same_bytes(session: Session) -> None:
    letter = letters.write(session, an_application(session, "fr"), "refusal", agency="CA", reason="residence")
    assert pdf.render(letters.as_html(letter)) == pdf.render(letters.as_html(letter))


@pytest.mark.parametrize("address", ["file:///etc/hostname", "http://127.0.0.1:9/x.png", "https://example.org/x.css"])
def test_a_letter_fetches_nothing(address: str) -> None:
    with pytest.raises(FatalURLFetchingError):
        pdf.render(f'<html lang="en"><title>x</title><img alt="" src="{address}"></html>')


def test_a_name_cannot_become_markup(session: Session) -> None:
    application = an_application(session, "en")
    application.person.family_name = '<img src="file:///etc/hostname">'
    letter = letters.write(session, application, "refusal", agency="CA", reason="residence")
    letters.make(session, letter.id)
    assert "<img src=" in read_back(letter)[1]
