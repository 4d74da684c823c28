"""Pages that anybody may open: before and around the account."""

from portal.web.routing import Pages

public = Pages("public", __name__)

from portal.web.public import consents, eligibility, entry_requirements, free_times, pages  # noqa: E402,F401
