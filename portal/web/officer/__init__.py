"""The officers’ workbench."""

from portal.web.routing import Pages

officer = Pages("officer", __name__)

from portal.web.officer import (  # noqa: E402,F401
    audit,
    capacity,
    closures,
    country_lists,
    desk_help,
    directories,
    documents,
    doors,
    emergencies,
    enquiries,
    finding,
    hit_confirmations,
    hits,
    interviews,
    invitations,
    late,
    looking,
    lookout_publishing,
    lookout_versions,
    masked,
    member_hits,
    notices,
    own_data,
    pilots,
    posted_sheets,
    refunds,
    releases,
    reviews,
    security,
    work,
)
