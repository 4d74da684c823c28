"""The readable copy: the same contents as `data.json`, in words and in the reader's language, for the PDF."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from portal.domain import answers as answers_in_words
from portal.domain import documents as document_types
from portal.domain.answers import Row
from portal.domain.lifecycle import STATUS_TEXTS, Status
from portal.domain.sections import BY_KEY, SECTIONS
from portal.i18n import format_date, format_datetime, format_money
from portal.i18n import gettext as _
from portal.services.export_contents import Contents

Part = tuple[str, list[Row]]
"""A heading and the rows below it."""


def in_words(contents: Contents) -> dict[str, Any]:
    """What `exports/copy.html` shows, in the language being spoken."""
    return {
        "about": [*_about(contents)],
        "applications": [{"reference": one["reference"], "parts": parts_of(one)} for one in contents["applications"]],
        "others": [part for part in _others(contents) if part[1]],
    }


def parts_of(application: Contents) -> list[Part]:
    """One application in words: each part that says something."""
    return [part for part in _application(application) if part[1]]


def _about(contents: Contents) -> Iterator[Row]:
    account = contents["account"]
    yield Row(_("Email address"), account["email"] or "")
    yield Row(_("Language of our messages"), {"en": "English", "fr": "Français"}[account["language"]])
    yield Row(_("Account made on"), _when(account["made_at"]))
    for person in contents["people"]:
        names = " ".join(name for name in (person["given_names"], person["family_name"]) if name)
        if names:
            yield Row(_("Name"), names)
        if person["birth_on"]:
            yield Row(_("Date of birth"), _day(person["birth_on"]))


def _application(one: Contents) -> Iterator[Part]:
    yield _("Where it stands"), [*_standing(one)]
    for key, answers in _answers(one):
        if key in BY_KEY:
            yield str(BY_KEY[key].title), answers_in_words.in_words(key, answers)
    yield _("Documents that you sent"), [_document(paper) for paper in one["documents"]]
    yield _("Payments"), [_payment(payment) for payment in one["payments"]]
    yield _("Questions and your answers"), [_question(question) for question in one["questions"]]
    yield _("Corrections that you asked for"), [_correction(request) for request in one["corrections"]]
    yield _("Letters to you"), [Row(_when(letter["written_at"]), _in_folder()) for letter in one["letters"]]


def _standing(one: Contents) -> Iterator[Row]:
    yield Row(_("State"), str(STATUS_TEXTS[Status(one["status"])].label))
    for label, name in (
        (_("Begun on"), "begun_at"),
        (_("Sent on"), "submitted_at"),
        (_("Paid on"), "paid_at"),
        (_("Decided on"), "decided_at"),
    ):
        if one[name]:
            yield Row(label, _when(one[name]))
    for place in (one["interview"] or {"places": []})["places"]:
        yield Row(_("Interview"), f"{_when(place['starts_at'])} (UTC)\n{place['centre']}, {place['city']}")
    if member := one["membership"]:
        yield Row(_("Membership number"), member["number"])
        yield Row(_("In force until"), _day(member["valid_until"]))


def _answers(one: Contents) -> Iterator[tuple[str, Any]]:
    """The answers as they were sent last; of a draft, what is complete."""
    if one["versions"]:
        latest = one["versions"][-1]["answers"] or {}
    else:
        latest = {draft["section"]: draft["answers"] for draft in one["draft"] if draft["answers"]}
    return ((section.key, latest[section.key]) for section in SECTIONS if latest.get(section.key))


def _document(paper: Contents) -> Row:
    kind = document_types.BY_KEY.get(paper["kind"])
    text = "\n".join(part for part in (paper["name"], _in_folder() if paper["pages"] else "") if part)
    return Row(str(kind.title) if kind else paper["kind"], text)


def _in_folder() -> str:
    return _("In the folder with the reference of the application")


def _payment(payment: Contents) -> Row:
    return Row(_when(payment["paid_at"]), format_money(Decimal(payment["amount_cents"]) / 100))


def _question(question: Contents) -> Row:
    answer = question["answer"] or _("Not answered")
    return Row(_when(question["asked_at"]), f"{question['question']}\n{answer}")


def _correction(request: Contents) -> Row:
    lines = [_("Wrong: %(text)s", text=request["wrong"]), _("Right: %(text)s", text=request["right"])]
    if request["outcome"]:
        lines.append(_("Accepted") if request["outcome"] == "accepted" else _("Not accepted"))
        lines.append(request["answer"] or "")
    return Row(_when(request["asked_at"]), "\n".join(lines))


def _others(contents: Contents) -> Iterator[Part]:
    yield _("What you agreed to"), [*map(_consent, contents["consents"])]
    yield _("Messages to you"), [Row(_when(one["written_at"]), one["subject"]) for one in contents["messages"]]
    yield _("Sign-ins"), [Row(_when(one["begun_at"]), one["device"]) for one in contents["account"]["sign_ins"]]


def _consent(consent: Contents) -> Row:
    given = _("Signed by %(name)s on %(when)s (UTC)", name=consent["signed_name"], when=_when(consent["given_at"]))
    return Row(consent["reference"], f"{given}\n{consent['text']}")


def _when(moment: str | None) -> str:
    return format_datetime(datetime.fromisoformat(moment)) if moment else ""


def _day(day: str) -> str:
    return format_date(date.fromisoformat(day))
