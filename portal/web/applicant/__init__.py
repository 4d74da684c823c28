"""A traveller’s pages: dashboard, application, interview, letters."""

from portal.web.routing import Pages

applicant = Pages("applicant", __name__)

from portal.web.applicant import (  # noqa: E402,F401
    amending,
    asking,
    checking,
    corrections,
    dashboard,
    documents,
    downloads,
    editing,
    families,
    histories,
    interviews,
    looks,
    mailbox,
    memberships,
    named_helpers,
    payments,
    readings,
    requests,
    starting,
    ties,
    together,
    tracking,
    waiting,
)
