"""Forms without JavaScript: what a page asks, how the answers are read, and how both are shown."""

from wtforms.validators import ValidationError

from portal.web.forms.choices import CheckboxesField, Choice, RadiosField, SelectField, TickField, YesNoField
from portal.web.forms.dates import DateField, MonthField
from portal.web.forms.fields import (
    CodeField,
    EmailField,
    HiddenField,
    NameField,
    PasswordField,
    TelField,
    TextAreaField,
    TextField,
    TimeField,
    WholeNumberField,
)
from portal.web.forms.form import Form
from portal.web.forms.uploads import FileField

__all__ = [
    "CheckboxesField",
    "Choice",
    "CodeField",
    "DateField",
    "EmailField",
    "FileField",
    "Form",
    "HiddenField",
    "MonthField",
    "NameField",
    "PasswordField",
    "RadiosField",
    "SelectField",
    "TelField",
    "TextAreaField",
    "TextField",
    "TickField",
    "TimeField",
    "ValidationError",
    "WholeNumberField",
    "YesNoField",
]
