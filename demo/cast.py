"""The people of the demonstration, all invented: officers of both agencies, and travellers at every stage."""

from __future__ import annotations

from base64 import b32encode
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from string import ascii_lowercase
from unicodedata import normalize

LETTERS = ascii_lowercase + "."

PASSWORD = "passage-demonstration"
"""One password for everybody, printed at start and on the demonstration's page. Demonstration only."""


@dataclass(frozen=True)
class CastOfficer:
    """An officer: name, what the address begins with, agency, role and language."""

    name: str
    at: str
    agency: str
    role: str
    language: str = "en"

    @property
    def email(self) -> str:
        return f"{self.at}@example.org"


@dataclass(frozen=True)
class CastTraveller:
    """A traveller and the stage that the application has reached (a function of `demo.stories`)."""

    given_names: str
    family_name: str
    born: date
    stage: str
    city: str
    region: str
    postal_code: str
    country: str
    language: str = "en"
    sex: str = "F"
    days_ago: int = 20

    @property
    def email(self) -> str:
        name = f"{self.given_names.split()[0]}.{self.family_name}".lower()
        return "".join(letter for letter in normalize("NFKD", name) if letter in LETTERS) + "@example.org"

    @property
    def app_secret(self) -> str:
        """What the traveller's authenticator app was given, the same in every demonstration. Protects nothing."""
        return b32encode(sha256(f"passage demonstration {self.email}".encode()).digest()[:20]).decode()

    @property
    def status(self) -> str:
        """The citizenship status of the application."""
        return "citizen_ca" if self.country == "CA" else "citizen_us"


OFFICERS = tuple(
    CastOfficer(name, f"{at}.{agency.lower()}", agency, role, language)
    for agency, people in {
        "CA": (
            ("Ariane Bouchard", "officer1", "officer", "fr"),
            ("Gordon MacLeod", "officer2", "officer", "en"),
            ("Lucie Pelletier", "supervisor", "supervisor", "fr"),
            ("Helen Park", "admin1", "administrator", "en"),
            ("Étienne Fortin", "admin2", "administrator", "fr"),
            ("Ruth Adeyemi", "auditor", "auditor", "en"),
        ),
        "US": (
            ("Jordan Ortiz", "officer1", "officer", "en"),
            ("Dana Whitfield", "officer2", "officer", "en"),
            ("Marcus Bell", "supervisor", "supervisor", "en"),
            ("Kim Sorensen", "admin1", "administrator", "en"),
            ("Paul Achterberg", "admin2", "administrator", "en"),
            ("Teresa Quill", "auditor", "auditor", "en"),
        ),
    }.items()
    for name, at, role, language in people
)

_WINDSOR = ("Windsor", "ON", "N9A 1A1", "CA")
_MONTREAL = ("Montréal", "QC", "H2X 1Y4", "CA")
_VANCOUVER = ("Vancouver", "BC", "V6B 1A1", "CA")
_BUFFALO = ("Buffalo", "NY", "14201", "US")
_DETROIT = ("Detroit", "MI", "48226", "US")
_SEATTLE = ("Seattle", "WA", "98101", "US")

TRAVELLERS = (
    CastTraveller("Maya", "Chen", date(1994, 5, 23), "begun", *_VANCOUVER, days_ago=2),
    CastTraveller("Noah", "Fraser", date(1988, 11, 2), "sent", *_WINDSOR, sex="M", days_ago=1),
    CastTraveller("Élise Marie", "Tremblay", date(1986, 4, 12), "paid", *_MONTREAL, language="fr", days_ago=8),
    CastTraveller("Liam", "Kowalczyk", date(1979, 1, 30), "paid", *_DETROIT, sex="M", days_ago=7),
    CastTraveller("Sofia", "Rossi", date(1991, 9, 17), "paid", *_WINDSOR, days_ago=6),
    CastTraveller("Hugo", "Bélanger", date(1968, 2, 29), "paid", *_MONTREAL, language="fr", sex="M", days_ago=5),
    CastTraveller("Grace", "Holloway", date(2001, 7, 8), "paid", *_SEATTLE, days_ago=4),
    CastTraveller("Daniel", "Abara", date(1975, 12, 14), "paid", *_BUFFALO, sex="M", days_ago=3),
    CastTraveller("Thomas", "Berg", date(1983, 3, 3), "cleared_by_canada", *_SEATTLE, sex="M", days_ago=12),
    CastTraveller("Amara", "Okafor", date(1990, 10, 21), "asked", *_DETROIT, days_ago=14),
    CastTraveller("Viktor", "Hale", date(1972, 6, 6), "refusal_proposed", *_BUFFALO, sex="M", days_ago=16),
    CastTraveller("Camille", "Lavoie", date(1995, 8, 19), "conditionally_approved", *_MONTREAL, language="fr"),
    CastTraveller("Jack", "Murphy", date(1981, 4, 4), "booked", *_DETROIT, sex="M", days_ago=25),
    CastTraveller("Nadia", "Costa", date(1989, 7, 14), "booked_split", *_BUFFALO, days_ago=26),
    CastTraveller("Simon", "Archer", date(1984, 10, 3), "first_part_done", *_MONTREAL, sex="M", days_ago=40),
    CastTraveller("Léa", "Fortier", date(1992, 1, 22), "offered", *_MONTREAL, language="fr", days_ago=27),
    CastTraveller("Priya", "Raman", date(1987, 2, 11), "attended", *_WINDSOR, days_ago=40),
    CastTraveller("Rosa", "Delgado", date(1966, 1, 9), "approved", *_SEATTLE, days_ago=60),
    CastTraveller("Zoé", "Gagnon", date(1999, 3, 27), "approved", *_MONTREAL, language="fr", days_ago=55),
    CastTraveller("Peter", "Novak", date(1970, 5, 5), "denied", *_BUFFALO, sex="M", days_ago=30),
    CastTraveller("Olivia", "Roy", date(1985, 9, 1), "withdrawn", *_VANCOUVER, days_ago=15),
    CastTraveller("Inès", "Beaulieu", date(1993, 2, 11), "paid_too_late", *_MONTREAL, language="fr", days_ago=9),
    CastTraveller("Florence", "Gagnon", date(1987, 5, 8), "family", *_MONTREAL, language="fr", days_ago=3),
)
