"""Matching people to look-out entries: pure, explainable, without web or database. Advice only: officers decide."""

from portal.screening.index import Index
from portal.screening.matcher import MATCHER_VERSION, STRONG, THRESHOLD, WEIGHTS_VERSION, compare, screen, screen_all
from portal.screening.members import MemberIndex
from portal.screening.normalise import NORMALISER_VERSION
from portal.screening.people import Entry, Match, Profile
from portal.screening.reasons import Reason, in_words

__all__ = [
    "MATCHER_VERSION", "NORMALISER_VERSION", "STRONG", "THRESHOLD", "WEIGHTS_VERSION", "Entry", "Index", "Match",
    "MemberIndex", "Profile", "Reason", "compare", "in_words", "screen", "screen_all",
]  # fmt: skip
