"""An invented traveller's answers, complete: as the application keeps them and as she types them."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from portal.models import Account, Application
from portal.services import sections

HOME = {
    "country": "CA", "street": "55 Rue Saint-Paul Ouest", "unit": "310", "city": "Montréal", "region": "QC",
    "postal_code": "H2Y 1H2",
}  # fmt: skip

ANSWERS: dict[str, dict[str, Any]] = {
    "identity": {
        "given_names": "Marie-Ève", "family_name": "Tremblay", "birth_on": "1986-03-27", "birth_city": "Québec",
        "birth_country": "CA", "sex": "F", "phone": "+15145550123", **HOME, "suffix": "", "height": None, "eyes": "",
        "hair": "", "member_number": "",
    },
    "names": {
        "names": [
            {"kind": "birth", "given_names": "Marie-Ève", "family_name": "Roy", "from": "1986-03", "to": None},
        ]
    },
    "citizenship": {
        "status": "citizen_ca", "citizenships": ["CA"], "passport_number": "AB123456", "passport_country": "CA",
        "passport_issued_on": "2022-05-01", "passport_expires_on": "2032-05-01",
        "passport_given_names": "Marie-Ève", "passport_family_name": "Tremblay", "proofs": [],
    },
    "addresses": {"entries": [{"id": "a" * 16, "from": "2010-01", "to": None, **HOME}], "explanations": []},
    "work": {
        "entries": [
            {
                "id": "b" * 16, "from": "2012-09", "to": None, "kind": "employed", "occupation": "Nurse",
                "employer": "Hôpital Saint-Luc", "city": "Montréal", "country": "CA", "street": "", "region": "",
                "postal_code": "", "phone": "",
            }
        ],
        "explanations": [],
    },
    "travel": {"countries": ["FR", "JP"], "none": False},
    "licence": {
        "has": True, "number": "T1234-270386-01", "country": "CA", "region": "QC", "name": "Marie-Ève Tremblay",
        "expires_on": "2031-03-27", "enhanced": False, "commercial": False, "hazardous": False,
    },
    "vehicles": {
        "vehicles": [
            {
                "make": "Example", "model": "Hatch", "year": 2022, "colour": "Blue", "plate": "ABC 123",
                "country": "CA", "region": "QC", "vin": "", "government": False, "owner": "me", "owner_name": "",
                "owner_phone": "", "owner_address": "",
            }
        ]
    },
    "background": {
        key: {"answer": False, "details": "", "when": "", "where": ""}
        for key in ("convicted", "waiver", "rehabilitation", "violation")
    },
    "uploads": {"ready": ["passport_page"]},
    "consent": {"signed_name": "Marie-Ève Tremblay", "text_version": "2026-11", "language": "en"},
}  # fmt: skip

TYPED: dict[str, dict[str, Any]] = {
    "identity": {
        "given_names": "Marie-Ève", "family_name": "Tremblay", "birth_on-day": "27", "birth_on-month": "3",
        "birth_on-year": "1986", "birth_city": "Québec", "birth_country": "CA", "sex": "F", "phone": "514 555-0123",
        **HOME, "region": "Québec", "postal_code": "h2y1h2",
    },
    "names": {
        "has": "yes", "kind_1": "birth", "given_1": "Marie-Ève", "family_1": "Roy", "since_1-month": "3",
        "since_1-year": "1986",
    },
    "citizenship": {
        "apply_as": "citizen_ca", "citizenship_1": "CA", "passport_number": "ab 123456", "passport_country": "CA",
        "passport_issued_on-day": "1", "passport_issued_on-month": "5", "passport_issued_on-year": "2022",
        "passport_expires_on-day": "1", "passport_expires_on-month": "mai", "passport_expires_on-year": "2032",
    },
    "addresses": {"since-month": "1", "since-year": "2010", "goes_on": "yes", **HOME},
    "work": {
        "kind": "employed", "since-month": "9", "since-year": "2012", "goes_on": "yes", "occupation": "Nurse",
        "employer": "Hôpital Saint-Luc", "city": "Montréal", "country": "CA",
    },
    "travel": {"visited": ["FR", "JP"]},
    "licence": {
        "has": "yes", "number": "T1234-270386-01", "country": "CA", "region": "Québec", "name": "Marie-Ève Tremblay",
        "expires_on-day": "27", "expires_on-month": "3", "expires_on-year": "2031",
    },
    "vehicles": {
        "has": "yes", "make_1": "Example", "model_1": "Hatch", "year_1": "2022", "colour_1": "Blue",
        "plate_1": "abc 123", "country_1": "CA", "region_1": "QC", "owner_1": "me",
    },
    "background": {"convicted": "no", "waiver": "no", "rehabilitation": "no", "violation": "no"},
    "consent": {"agreed": "yes", "signed_name": "Marie-Eve Tremblay"},
}  # fmt: skip


def complete(session: Session, application: Application, account: Account, *leave_out: str, **instead: Any) -> None:
    """Save every section of a draft as complete, but for those left out; `instead` replaces a section's answers."""
    for key, answers in {**ANSWERS, **instead}.items():
        if key not in leave_out:
            sections.save(session, application.id, key, raw={}, answers=answers, by=account)
