"""A traveller’s pages: dashboard, application, interview, letters."""

from portal.web.routing import Pages

applicant = Pages("applicant", __name__)

from portal.web.applicant import (  # noqa: E402,F401
    checking,
    corrections,
    dashboard,
    documents,
    editing,
    families,
    histories,
    interviews,
    looks,
    mailbox,
    memberships,
    payments,
    requests,
    starting,
    ties,
    tracking,
    waiting,
)
