"""Administration: the people who work with the portal."""

from portal.web.routing import Pages

admin = Pages("admin", __name__)

from portal.web.admin import grants, passkeys, people  # noqa: E402,F401
