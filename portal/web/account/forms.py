"""What the pages of an account ask."""

from __future__ import annotations

from portal.domain import passwords
from portal.i18n import lazy_gettext as _l
from portal.web.forms import CodeField, EmailField, Form, PasswordField, RadiosField

LANGUAGE_CHOICES = [("en", "English"), ("fr", "Français")]
EMAIL_MISSING = _l("Enter your email address")
PASSWORD_MISSING = _l("Enter your password")
PASSWORD_HINT = _l(
    "At least %(least)s characters. A few words that do not belong together are easy to remember and hard to guess.",
    least=passwords.SHORTEST,
)


def new_password() -> PasswordField:
    """The box for a password being chosen."""
    return PasswordField(
        _l("New password"),
        hint=PASSWORD_HINT,
        missing=_l("Enter a new password"),
        autocomplete="new-password",
        max_length=passwords.LONGEST,
    )


def present_password(label: _l) -> PasswordField:
    """The box for a password that is known."""
    return PasswordField(label, missing=PASSWORD_MISSING, max_length=passwords.LONGEST)


class SignUpForm(Form):
    email = EmailField(_l("Email address"), missing=EMAIL_MISSING, hint=_l("We send a code to this address."))
    message_language = RadiosField(
        _l("Language of our messages to you"),
        choices=LANGUAGE_CHOICES,
        inline=True,
        missing=_l("Choose the language of our messages"),
    )


class CodeForm(Form):
    code = CodeField(_l("Code"), hint=_l("6 numbers, for example 482 917"), missing=_l("Enter the code"))


class ChoosePasswordForm(Form):
    password = new_password()


class SignInForm(Form):
    email = EmailField(_l("Email address"), missing=EMAIL_MISSING, autocomplete="username")
    password = present_password(_l("Password"))


class AnyCodeField(CodeField):
    """A code of an app, a recovery code or one of a printed sheet: numbers, or numbers and letters."""

    input_mode = "text"

    def check(self) -> None:
        """The account says whether it is one of its codes."""
        if len(self.data) > 40:
            raise ValueError(_l("This code is too long. Check it and type it again."))


class SecondStepForm(Form):
    code = AnyCodeField(_l("Code"), missing=_l("Enter the code"), width=20)


class AppCodeForm(Form):
    code = CodeField(
        _l("Code from the app"), hint=_l("6 numbers, for example 482 917"), missing=_l("Enter the code from the app")
    )


class SheetForm(Form):
    delivery = RadiosField(
        _l("How do you want to get the sheet?"),
        choices=[
            ("post", _l("By post, to the address in your application")),
            ("centre", _l("At an enrolment centre, with your passport")),
        ],
        missing=_l("Choose how you want to get the sheet"),
    )


class ForgotPasswordForm(Form):
    email = EmailField(_l("Email address"), missing=EMAIL_MISSING)


class ChangePasswordForm(Form):
    present = present_password(_l("Current password"))
    password = new_password()


class ChangeLanguageForm(Form):
    message_language = RadiosField(
        _l("Language of our messages to you"),
        choices=LANGUAGE_CHOICES,
        missing=_l("Choose the language of our messages"),
    )


class RecoveryForm(Form):
    way = RadiosField(
        _l("How do you want to get back in?"),
        choices=[
            ("waiting", _l("Wait, and use my password and my email"), _l("You go on when the waiting time is over.")),
            ("centre", _l("At an enrolment centre, with my passport"), _l("We give you a reference to show there.")),
        ],
        missing=_l("Choose how you want to get back in"),
    )
