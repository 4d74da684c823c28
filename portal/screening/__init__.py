"""Matching people to look-out entries: pure, explainable, without web or database. Advice only: officers decide."""

from portal.screening.index import Index
from portal.screening.matcher import MATCHER_VERSION, THRESHOLD, Entry, Match, Profile, screen
from portal.screening.names import NORMALISER_VERSION
from portal.screening.reasons import Reason, in_words

__all__ = [
    "MATCHER_VERSION", "NORMALISER_VERSION", "THRESHOLD", "Entry", "Index", "Match", "Profile", "Reason", "in_words",
    "screen",
]  # fmt: skip
