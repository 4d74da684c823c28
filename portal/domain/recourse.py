"""What somebody who is refused can do, by the agency that refused, and how to see the records it holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from portal.i18n import Lazy as _l


@dataclass(frozen=True)
class Recourse:
    """One agency's route. Texts are public; the numbers of days are the programme's setting "recourse"."""

    route: _l
    what_to_send: _l
    last_day: _l
    """With `day`, `days`, `law_day` and `law_days`."""
    afterwards: _l
    records: _l


RECOURSE = {
    "CA": Recourse(
        route=_l(
            "You can ask Canada’s recourse office to review this decision. It is free. "
            "You can ask online or by letter, in English or in French."
        ),
        what_to_send=_l(
            "Say why you think that the decision is wrong, and send the documents that show it. "
            "Another person may speak for you."
        ),
        last_day=_l(
            "Ask by %(day)s. This is %(days)s days from the date of this letter, the limit that Canada publishes. "
            "The text of the law says %(law_days)s days, which is %(law_day)s. Ask before then if you can. "
            "If something kept you from asking in time, you can ask for more time."
        ),
        afterwards=_l(
            "You will receive the answer in writing. If you do not agree with it, you can go to the Federal Court "
            "within 30 days."
        ),
        records=_l(
            "You can ask to see the records that Canada used and holds about you. The Privacy Act and the Access to "
            "Information Act of Canada give you this right. Ask online or by letter. "
            "If a record is wrong, you can have it corrected."
        ),
    ),
    "US": Recourse(
        route=_l(
            "You can ask the Ombudsman of the United States to reconsider this decision. It is free. "
            "You ask in writing, in English."
        ),
        what_to_send=_l(
            "Give the date of this letter and the reason in it. "
            "Say in a few words why you think that the decision is wrong. "
            "Send court papers or other documents that show it."
        ),
        last_day=_l(
            "The United States publishes no last day for this programme. Ask by %(day)s to be safe. "
            "This is %(days)s days from the date of this letter, the limit of a similar programme of the United States."
        ),
        afterwards=_l(
            "If you think that you were taken for somebody else, you can also ask for redress under the United States’ "
            "redress programme for travellers."
        ),
        records=_l(
            "You can ask to see the records that the United States used and holds about you. "
            "The Freedom of Information Act and the Privacy Act of the United States give you this right. "
            "Ask online or by letter."
        ),
    ),
}
"""Sources: Canada: SOR/2003-323, section 23 (30 days), and the agency's public pages on recourse (90 days, extension of
time, Federal Court). United States: the agency's public page on denials (Ombudsman, no limit, in English); 30 days is
the limit of Global Entry, 8 CFR 235.12. In 2018 the real letters stopped telling how to see one's records; ours do.
"""


def limits(setting: Mapping[str, Any], agency: str, written_on: date) -> dict[str, Any]:
    """The last days for somebody whose letter bears the date `written_on`, as a letter freezes them."""
    days, law_days = setting[agency]["days"], setting[agency]["law_days"]
    return {
        "days": days,
        "last_day_on": (written_on + timedelta(days=days)).isoformat(),
        "law_days": law_days,
        "law_last_day_on": (written_on + timedelta(days=law_days)).isoformat(),
    }
