"""A traveller’s sign-in: making it, using it, looking after it."""

from portal.web.routing import Pages

account = Pages("account", __name__)

from portal.web.account import doors, security, sign_up  # noqa: E402,F401
