"""What goes wrong by the rules: each error carries a translated text that is fit to show."""

from __future__ import annotations

from portal.i18n import Lazy


class RuleViolation(Exception):
    """Something that the programme's rules do not allow. `message` is fit to show to whoever tried."""

    def __init__(self, message: Lazy | str) -> None:
        super().__init__(str(message))
        self.message = message


class NotOpenToThis(RuleViolation):
    """The thing is no longer in a state in which this can be done."""


class ChangedMeanwhile(RuleViolation):
    """Somebody else changed the thing since it was opened. Carries both versions where there are two to compare."""

    def __init__(self, message: Lazy | str, theirs: object = None, yours: object = None) -> None:
        super().__init__(message)
        self.theirs = theirs
        self.yours = yours


class NotFound(Exception):
    """There is no such thing, or not for the person who asks: both look alike."""
