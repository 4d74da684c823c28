"""The officers’ workbench."""

from portal.web.routing import Pages

officer = Pages("officer", __name__)

from portal.web.officer import documents, doors, hits, interviews, reviews, work  # noqa: E402,F401
