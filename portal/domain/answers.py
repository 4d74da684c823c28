"""Answers in words: each section as rows of a label and a text, for everybody who reads an application."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from typing import Any, NamedTuple

import phonenumbers

from portal.domain import addresses, countries, heights
from portal.domain.guardians import BASES, CUSTODY, RELATIONS, WAYS
from portal.domain.histories import GAP_REASONS, KINDS_OF_WORK, span_of
from portal.domain.months import Month
from portal.domain.questions import (
    BACKGROUND,
    CITIZENSHIP_STATUSES,
    EYES,
    HAIR,
    KINDS_OF_NAMES,
    PASSPORT_MONTHS,
    PROOFS,
    SEXES,
    VEHICLE_OWNERS,
)
from portal.i18n import format_date, format_month
from portal.i18n import gettext as _

Answers = Mapping[str, Any]


class Row(NamedTuple):
    """One line of a summary; the text may have line breaks."""

    label: str
    text: str


def full_name(identity: Answers | None) -> str:
    """The name on the application: given names and family name, whichever there are."""
    parts = ((identity or {}).get(part) for part in ("given_names", "family_name"))
    return " ".join(part for part in parts if part)


def birth_of(identity: Answers | None) -> date | None:
    """The date of birth that the section on identity gives."""
    return _date((identity or {}).get("birth_on"))


def passport_issued_on(citizenship: Answers | None) -> date | None:
    """The day on which the passport was issued, as the section on citizenship gives it."""
    return _date((citizenship or {}).get("passport_issued_on"))


def passport_expires_soon(citizenship: Answers | None, today: date) -> date | None:
    """The expiry date of a passport that deserves a warning: it ends within six months."""
    expires = _date((citizenship or {}).get("passport_expires_on"))
    return expires if expires and expires < today + timedelta(days=30.5 * PASSPORT_MONTHS) else None


def in_words(section: str, answers: Answers | None) -> list[Row]:
    """The rows of a section's answers in the language being spoken; none for a section without answers."""
    rows = _WORDS.get(section)
    return list(rows(answers)) if rows and answers else []


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _spaced(phone: str) -> str:
    number = phonenumbers.parse(phone)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def _identity(answers: Answers) -> Iterable[Row]:
    yield Row(_("Given names"), answers.get("given_names") or _("None on the passport"))
    yield Row(_("Family name"), answers.get("family_name") or _("None on the passport"))
    if answers.get("suffix"):
        yield Row(_("Suffix"), answers["suffix"])
    yield Row(_("Date of birth"), format_date(date.fromisoformat(answers["birth_on"])))
    yield Row(_("Place of birth"), f"{answers['birth_city']}, {countries.name(answers['birth_country'])}")
    yield Row(_("Sex on the passport"), str(SEXES[answers["sex"]]))
    yield from _looks(answers)
    yield Row(_("Phone number"), _spaced(answers["phone"]))
    yield Row(_("Your mail will be addressed to"), "\n".join(addresses.envelope(full_name(answers), answers)))


def _looks(answers: Answers) -> Iterable[Row]:
    if answers.get("height"):
        yield Row(_("Height"), heights.in_words(answers["height"]))
    if answers.get("eyes"):
        yield Row(_("Eyes"), str(EYES[answers["eyes"]]))
    if answers.get("hair"):
        yield Row(_("Hair"), str(HAIR[answers["hair"]]))
    if answers.get("member_number"):
        yield Row(_("Earlier membership number"), answers["member_number"])


def _guardian(answers: Answers) -> Iterable[Row]:
    yield Row(_("Who applies"), full_name(answers))
    yield Row(_("Date of birth"), format_date(date.fromisoformat(answers["birth_on"])))
    yield Row(_("Place of birth"), f"{answers['birth_city']}, {countries.name(answers['birth_country'])}")
    yield Row(_("Sex on the passport"), str(SEXES[answers["sex"]]))
    yield Row(_("Phone number"), _spaced_or_typed(answers["phone"]))
    if answers["membership_number"]:
        yield Row(_("Membership number"), answers["membership_number"])
    if answers["basis"]:
        yield Row(
            _("Right to apply"), "\n".join(part for part in (str(BASES[answers["basis"]]), answers["details"]) if part)
        )
        return
    yield Row(_("Relation to the child"), str(RELATIONS[answers["relation"]]))
    custody = (str(CUSTODY[answers["custody"]]), answers["details"])
    yield Row(_("The other parent"), "\n".join(part for part in custody if part))
    for other in answers["others"]:
        yield Row(str(RELATIONS[other["relation"]]), "\n".join((other["name"], str(WAYS[other["way"]]))))
    if answers["protects"]:
        yield Row(_("Safety"), _("The address must not be told to the other parent"))


def _spaced_or_typed(phone: str) -> str:
    try:
        return _spaced(phone)
    except phonenumbers.NumberParseException:
        return phone


def _names(answers: Answers) -> Iterable[Row]:
    if not answers["names"]:
        yield Row(_("Other names"), _("None"))
    for name in answers["names"]:
        used = [format_month(Month.parse(name[end]).first_day) for end in ("from", "to") if name.get(end)]
        yield Row(str(KINDS_OF_NAMES[name["kind"]]), "\n".join([full_name(name), *used]))


def _licence(answers: Answers) -> Iterable[Row]:
    if not answers["has"]:
        yield Row(_("Driver’s licence"), _("None"))
        return
    place = [addresses.region_name(answers["region"], answers["country"]), countries.name(answers["country"])]
    yield Row(_("Licence number"), answers["number"])
    yield Row(_("Issued by"), ", ".join(part for part in place if part))
    yield Row(_("Expires on"), format_date(date.fromisoformat(answers["expires_on"])))
    yield Row(_("The name on the licence"), answers["name"])
    kinds = {"enhanced": _("Enhanced"), "commercial": _("Commercial"), "hazardous": _("Hazardous goods")}
    yield Row(_("Kind of licence"), "\n".join(text for key, text in kinds.items() if answers[key]) or _("Ordinary"))


def _vehicles(answers: Answers) -> Iterable[Row]:
    if not answers["vehicles"]:
        yield Row(_("Vehicles"), _("None"))
    for vehicle in answers["vehicles"]:
        yield Row(_("Plate %(plate)s", plate=vehicle["plate"]), vehicle_in_words(vehicle))


def vehicle_in_words(vehicle: Answers) -> str:
    """A vehicle, line by line."""
    kind = " ".join(str(vehicle[part]) for part in ("year", "make", "model"))
    place = [addresses.region_name(vehicle["region"], vehicle["country"]), countries.name(vehicle["country"])]
    owner = ": ".join(part for part in (str(VEHICLE_OWNERS[vehicle["owner"]]), vehicle["owner_name"]) if part)
    plate = _("Government plate") if vehicle["government"] else ""
    reach = (vehicle.get("owner_phone"), vehicle.get("owner_address"))
    lines = (kind, vehicle["colour"], ", ".join(part for part in place if part), vehicle["vin"], plate, owner, *reach)
    return "\n".join(line for line in lines if line)


def _citizenship(answers: Answers) -> Iterable[Row]:
    yield Row(_("You apply as"), str(CITIZENSHIP_STATUSES[answers["status"]]))
    yield Row(_("Citizenships"), "\n".join(countries.name(code) for code in answers["citizenships"]))
    yield Row(_("Passport number"), answers["passport_number"])
    yield Row(_("Country that issued it"), countries.name(answers["passport_country"]))
    yield Row(_("Issued on"), format_date(date.fromisoformat(answers["passport_issued_on"])))
    yield Row(_("Expires on"), format_date(date.fromisoformat(answers["passport_expires_on"])))
    names = (answers.get("passport_given_names"), answers.get("passport_family_name"))
    yield Row(_("Name on the passport"), " ".join(name for name in names if name))
    for proof in answers.get("proofs", ()):
        yield Row(str(PROOFS[proof["kind"]]), proof_in_words(proof))


def proof_in_words(proof: Answers) -> str:
    """A document beside the passport: number, country, expiry and the name on it, line by line."""
    expires = format_date(date.fromisoformat(proof["expires_on"])) if proof.get("expires_on") else ""
    lines = (
        proof["number"],
        countries.name(proof["country"]) if proof["country"] else "",
        _("Expires on %(day)s", day=expires) if expires else "",
        proof.get("name"),
    )
    return "\n".join(line for line in lines if line)


def masked(number: str) -> str:
    """A number of which only the end is shown: enough to compare, too little to use."""
    return f"•••• {number[-4:]}" if len(number) > 5 else "••••"


def with_masked_numbers(answers: Answers) -> Answers:
    """The answers with the numbers of the passport and of other documents masked."""
    citizenship = answers.get("citizenship")
    if not citizenship or not citizenship.get("passport_number"):
        return answers
    proofs = [{**proof, "number": masked(proof["number"])} for proof in citizenship.get("proofs", ())]
    hidden = {"passport_number": masked(citizenship["passport_number"])} | ({"proofs": proofs} if proofs else {})
    return {**answers, "citizenship": {**citizenship, **hidden}}


def period_in_words(entry: Answers) -> str:
    """ "March 2021 to May 2024", "since June 2024"."""
    first = format_month(Month.parse(entry["from"]).first_day)
    if not entry.get("to"):
        return _("Since %(month)s", month=first)
    return _("%(first)s to %(last)s", first=first, last=format_month(Month.parse(entry["to"]).first_day))


def address_in_words(entry: Answers) -> str:
    """An address, line by line."""
    return "\n".join(addresses.lines(entry))


def work_in_words(entry: Answers) -> str:
    """What somebody did in a period, line by line."""
    place = ", ".join(
        part for part in (entry.get("city"), countries.name(entry["country"]) if entry.get("country") else "") if part
    )
    kind = str(KINDS_OF_WORK[entry["kind"]])
    where = (entry.get("street"), " ".join(part for part in (entry.get("region"), entry.get("postal_code")) if part))
    lines = (kind, entry.get("occupation"), entry.get("employer"), where[0], place, where[1], entry.get("phone"))
    return "\n".join(part for part in lines if part)


def _history(describe: Callable[[Answers], str]) -> Callable[[Answers], Iterable[Row]]:
    def rows(answers: Answers) -> Iterable[Row]:
        newest_first = sorted(answers.get("entries", ()), key=lambda entry: str(entry["from"]), reverse=True)
        for entry in newest_first:
            yield Row(period_in_words(entry), describe(entry))
        for explanation in answers.get("explanations", ()):
            reason = str(GAP_REASONS[explanation["reason"]])
            text = "\n".join(part for part in (reason, explanation.get("text")) if part)
            yield Row(_("Gap explained: %(months)s", months=str(span_of(explanation))), text)

    return rows


def _travel(answers: Answers) -> Iterable[Row]:
    names = sorted((countries.name(code) for code in answers["countries"]), key=countries.sorting_key)
    yield Row(_("Countries visited in the last five years"), "\n".join(names) if names else _("None"))


def _background(answers: Answers) -> Iterable[Row]:
    for question in BACKGROUND:
        given = answers[question.key]
        words = _("Yes") if given["answer"] else _("No")
        parts = (words, given.get("when"), given.get("where"), given.get("details"))
        yield Row(str(question.short), "\n".join(part for part in parts if part))


def _consent(answers: Answers) -> Iterable[Row]:
    yield Row(_("Signed with the name"), answers["signed_name"])
    if answers.get("assented_name"):
        yield Row(_("The person agreed"), answers["assented_name"])


_WORDS: dict[str, Callable[[Answers], Iterable[Row]]] = {
    "identity": _identity,
    "names": _names,
    "citizenship": _citizenship,
    "guardian": _guardian,
    "addresses": _history(address_in_words),
    "work": _history(work_in_words),
    "travel": _travel,
    "licence": _licence,
    "vehicles": _vehicles,
    "background": _background,
    "consent": _consent,
}
