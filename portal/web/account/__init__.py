"""A traveller’s sign-in: making it, using it, looking after it."""

from portal.web.routing import Pages

account = Pages("account", __name__)

from portal.web.account import (  # noqa: E402,F401
    doors,
    email,
    enrolling,
    factor_pages,
    national,
    proving,
    recovering,
    security,
    sign_up,
    your_data,
)
