"""Country lists: one officer brings the list of the agency's country, another publishes it; it holds from a day on."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.adapters import country_list_csv
from portal.adapters.country_list_csv import CountryReading
from portal.adapters.lookout_formats.rows import Unreadable
from portal.clock import now, today
from portal.domain import AGENCIES, countries
from portal.domain.entry_rules import LONGEST_TEXT, Rule, Table, Tables
from portal.domain.errors import NotFound, NotOpenToThis, RuleViolation
from portal.i18n import Lazy
from portal.i18n import Lazy as _l
from portal.models import CountryListVersion, Officer
from portal.services import audit, lookout_lists
from portal.services.actors import SYSTEM
from portal.services.list_publishing import in_both

OPEN_STATES = ("unfit", "ready")
NOTHING = _l("The file names no nationality.")
SAME = _l("The list says the same as the version that holds on that day.")
PAST = _l("A list holds from today at the earliest.")
ONE_LANGUAGE = _l("A remark must stand there in English and in French, or in neither.")
LONG_REMARK = _l("The remark is longer than %(most)s characters.", most=LONGEST_TEXT)


@dataclass(frozen=True)
class Brought:
    """What comes with a file: the day from which it holds, and a remark that is shown with the list everywhere."""

    valid_from: date
    remark_en: str = ""
    remark_fr: str = ""


@dataclass(frozen=True)
class Change:
    """What one version says of a nationality, and what its base said; None where it says nothing."""

    nationality: str
    now: Rule | None
    before: Rule | None

    @property
    def name(self) -> str:
        """The nationality in the language being spoken."""
        return countries.name(self.nationality)

    @property
    def kind(self) -> str:
        """added, changed or removed."""
        return "removed" if self.now is None else "added" if self.before is None else "changed"


def bring(session: Session, agency: str, content: bytes, with_it: Brought, *, by: Officer | None) -> CountryListVersion:
    """Read a new version of the list of the agency's country, whole; `by` None: the operator.

    An unfit file is kept as unfit, with every error named, and nothing of it can be published. Raises NotFound for
    the country of the other agency, RuleViolation for a day that is past or a remark in one language.
    """
    if by is not None and by.agency != agency:
        raise NotFound(agency)
    _check(with_it)
    version = _begin(session, agency, with_it, by)
    try:
        _fill(session, version, country_list_csv.read(content, agency))
    except Unreadable as error:
        _refuse(version, error.problem)
    return _done(session, version, by)


def bring_earlier(session: Session, earlier: CountryListVersion, *, by: Officer) -> CountryListVersion:
    """Propose what an earlier published version says, from today on. Raises NotOpenToThis for a draft."""
    _require_own(earlier, by)
    if earlier.state != "published":
        raise NotOpenToThis(_l("This version cannot be brought back."))
    version = _begin(session, earlier.agency, Brought(today(), earlier.remark_en, earlier.remark_fr), by)
    version.copied_from = earlier.id
    _fill(session, version, CountryReading(rules=rules_of(earlier)))
    return _done(session, version, by)


def _check(with_it: Brought) -> None:
    if with_it.valid_from < today():
        raise RuleViolation(PAST)
    if bool(with_it.remark_en) != bool(with_it.remark_fr):
        raise RuleViolation(ONE_LANGUAGE)
    if max(len(with_it.remark_en), len(with_it.remark_fr)) > LONGEST_TEXT:
        raise RuleViolation(LONG_REMARK)


def _begin(session: Session, agency: str, with_it: Brought, by: Officer | None) -> CountryListVersion:
    version = CountryListVersion(
        agency=agency,
        state="unfit",
        valid_from=with_it.valid_from,
        remark_en=with_it.remark_en,
        remark_fr=with_it.remark_fr,
        errors=[],
        imported_by=by.id if by else None,
        imported_at=now(),
    )
    session.add(version)
    return version


def _fill(session: Session, version: CountryListVersion, reading: CountryReading) -> None:
    if reading.errors:
        version.errors = [
            {"line": error.line, "entry": error.entry_key, **in_both(error.problem)} for error in reading.errors
        ]
        return
    base = holding(session, version.agency, version.valid_from)
    if problem := _problem(version, reading.rules, base):
        _refuse(version, problem)
        return
    version.rules = {code: rule.kept() for code, rule in reading.rules.items()}
    version.sha256 = _hash(version.rules)
    version.base_id, version.state = base.id if base else None, "ready"


def _problem(version: CountryListVersion, rules: Mapping[str, Rule], base: CountryListVersion | None) -> Lazy | None:
    if not rules:
        return NOTHING
    is_same = base is not None and rules_of(base) == rules
    same_remark = base is not None and (base.remark_en, base.remark_fr) == (version.remark_en, version.remark_fr)
    return SAME if is_same and same_remark else None


def _refuse(version: CountryListVersion, problem: Lazy) -> None:
    version.problem = in_both(problem)


def _hash(kept: dict[str, dict[str, Any]]) -> bytes:
    return hashlib.sha256(json.dumps(kept, sort_keys=True).encode()).digest()


def _done(session: Session, version: CountryListVersion, by: Officer | None) -> CountryListVersion:
    session.flush()
    audit.record(session, "country_list:import", version, agency=version.agency, by=by or SYSTEM, state=version.state)
    return version


def publish(session: Session, version: CountryListVersion, *, by: Officer, release: str = "") -> None:
    """Publish what another person brought; from then on it never changes. A first day that has passed becomes today.

    `release` says why more than a tenth of the nationalities may go. Raises RuleViolation for the same person, a
    missing release, and where another version was published meanwhile that holds on the first day.
    """
    _require_own(version, by)
    _locked(session, version)
    if version.state != "ready":
        raise NotOpenToThis(_l("This version cannot be published."))
    if version.imported_by == by.id:
        raise RuleViolation(_l("Another person of your agency must publish what you brought."))
    first_day = max(version.valid_from, today())
    holds = holding(session, version.agency, first_day)
    if version.base_id != (holds.id if holds else None):
        raise RuleViolation(
            _l("Another version was published meanwhile. Discard this draft and bring the files again.")
        )
    if needs_release(session, version) and not release.strip():
        raise RuleViolation(_l("More than one in ten entries would be gone. Say why that is right."))
    version.number = _last_number(session, version.agency) + 1
    version.valid_from, version.release = first_day, release.strip() or None
    version.state, version.published_by, version.published_at = "published", by.id, now()
    session.flush()
    audit.record(session, "country_list:publish", version, by=by, number=version.number, released=bool(release.strip()))


def discard(session: Session, version: CountryListVersion, *, by: Officer) -> None:
    """Let a draft go; what was wrong with it stays to be read."""
    _require_own(version, by)
    _locked(session, version)
    if version.state not in OPEN_STATES:
        raise NotOpenToThis(_l("This version cannot be discarded."))
    version.state = "discarded"
    session.flush()
    audit.record(session, "country_list:discard", version, by=by)


def _require_own(version: CountryListVersion, by: Officer) -> None:
    if by.agency != version.agency:
        raise NotFound(version.id)


def _locked(session: Session, version: CountryListVersion) -> None:
    # Every version of the agency: two that are published at once would both be compared with the same base.
    query = select(CountryListVersion.id).where(CountryListVersion.agency == version.agency)
    session.execute(query.order_by(CountryListVersion.id).with_for_update()).all()
    session.refresh(version)


def _last_number(session: Session, agency: str) -> int:
    query = select(CountryListVersion.number).where(CountryListVersion.agency == agency)
    return session.scalar(query.order_by(CountryListVersion.number.desc().nulls_last()).limit(1)) or 0


def needs_release(session: Session, version: CountryListVersion) -> bool:
    """Whether publishing the draft needs somebody's word: more than a tenth of the nationalities would be gone."""
    base = base_of(session, version)
    return base is not None and lookout_lists.shrinks_much(
        len(base.rules or {}) - len(version.rules or {}), len(base.rules or {})
    )


def holding(session: Session, agency: str, on: date) -> CountryListVersion | None:
    """The published version of the agency's country that holds on the day; None where none does."""
    query = select(CountryListVersion).where(
        CountryListVersion.agency == agency,
        CountryListVersion.state == "published",
        CountryListVersion.valid_from <= on,
    )
    latest = query.order_by(CountryListVersion.valid_from.desc(), CountryListVersion.number.desc()).limit(1)
    return session.scalars(latest).one_or_none()


def rules_of(version: CountryListVersion) -> dict[str, Rule]:
    """What a version says, by nationality."""
    return {code: Rule.of(kept) for code, kept in (version.rules or {}).items()}


def tables(session: Session, on: date) -> Tables:
    """The lists of both countries that hold on the day."""
    held = {agency: holding(session, agency, on) for agency in AGENCIES}
    return {
        agency: Table(rules_of(version), version.remark_en, version.remark_fr)
        for agency, version in held.items()
        if version
    }


def base_of(session: Session, version: CountryListVersion) -> CountryListVersion | None:
    """The version that this one was compared with."""
    return session.get(CountryListVersion, version.base_id) if version.base_id else None


def changes(session: Session, version: CountryListVersion) -> list[Change]:
    """The dry run of a version: what it says that its base did not say, or says differently, or says no more."""
    base = base_of(session, version)
    return difference(rules_of(base) if base else {}, rules_of(version))


def difference(before: Mapping[str, Rule], rules: Mapping[str, Rule]) -> list[Change]:
    """Every nationality of which `rules` say something else than what was said `before`, by its code."""
    both = sorted(before.keys() | rules.keys())
    return [Change(code, rules.get(code), before.get(code)) for code in both if rules.get(code) != before.get(code)]


def versions(session: Session, *, agency: str) -> list[CountryListVersion]:
    """What officers of `agency` may see: what is published by either agency, and their own drafts; newest first."""
    query = select(CountryListVersion).where(
        (CountryListVersion.agency == agency) | (CountryListVersion.state == "published")
    )
    ordered = query.order_by(CountryListVersion.number.desc().nulls_first(), CountryListVersion.imported_at.desc())
    return list(session.scalars(ordered))


def find(session: Session, version_id: uuid.UUID, *, agency: str) -> CountryListVersion:
    """A version that officers of `agency` may see. Raises NotFound for any other."""
    version = session.get(CountryListVersion, version_id)
    if version is None or not (version.agency == agency or version.state == "published"):
        raise NotFound(version_id)
    return version
