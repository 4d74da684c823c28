"""The form: what was typed, whether it may be acted on, and what to say where it is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Self

import wtforms
from flask import g, request
from markupsafe import Markup
from werkzeug.datastructures import CombinedMultiDict, MultiDict

from portal.i18n import LANGUAGES, Lazy
from portal.i18n import gettext as _
from portal.web import csrf
from portal.web.forms import text

FORM_KEY = re.compile(r"[\w-]{16,64}", re.ASCII)


class Form(wtforms.Form):
    """A page of questions. Views call `from_request()`, then ask `submitted()`; templates show it with `form_page`."""

    posts = True
    _posted = False
    _judged = False

    class Meta:
        locales = False

    @classmethod
    def from_request(cls, *, typed: Mapping[str, Sequence[str]] | None = None, **kwargs: Any) -> Self:
        """The form as posted; otherwise filled from `data=`, `obj=`, or from `typed`, what `raw` gave of a draft.

        What was kept while the person proved who they are (`portal.web.kept`) comes before all of these.
        """
        if request.method != "POST":
            typed = g.get("kept_typed") or typed
            return cls.from_typed(typed, **kwargs) if typed else cls(**kwargs)
        # Asking two dictionaries takes twice as long, and few forms carry files.
        sent: MultiDict[str, Any] = CombinedMultiDict([request.form, request.files]) if request.files else request.form
        form = cls(formdata=sent, **kwargs)
        form._posted = True
        return form

    @classmethod
    def from_query(cls, **kwargs: Any) -> Self:
        """A form that is sent with the address, as filters are: it changes nothing and needs no token."""
        form = cls(formdata=request.args if request.args else None, **kwargs)
        form.posts = False
        return form

    @classmethod
    def from_typed(cls, typed: Mapping[str, Sequence[str]], **kwargs: Any) -> Self:
        """The form as it was typed before, for drafts; `validate()` says whether it is complete."""
        return cls(formdata=MultiDict({name: list(values) for name, values in typed.items()}), **kwargs)

    @property
    def wanted_language(self) -> str | None:
        """The language that the reader switches to with this form still open, if so."""
        wanted = request.form.get("switch_lang") if self._posted else None
        return wanted if wanted in LANGUAGES else None

    @property
    def trusted(self) -> bool:
        """Sent from our own page in this session, so that what was typed may be kept."""
        return self._posted and csrf.request_is_ours()

    @property
    def leaving(self) -> bool:
        """The reader chose to save and come back later."""
        return self.trusted and "save_later" in request.form

    def submitted(self) -> bool:
        """Whether to act: posted to be done with, from our own page, and every answer is good."""
        if not self._posted or self.wanted_language or self.leaving:
            return False
        self._judged = True
        if self.trusted:
            return bool(self.validate())
        self.refuse(_("This page had been open for too long. Check your answers and send them again."))
        return False

    @property
    def status(self) -> int:
        """The HTTP status of the page that shows this form again."""
        if self._judged and not self.trusted:
            return 400
        return 422 if self.problems else 200

    def refuse(self, message: str | Lazy, field: str | None = None) -> None:
        """Show `message`, which a rule gave, at `field` or for the whole form."""
        if field is None:
            self.form_errors.append(message)
        else:
            self[field].errors = [*self[field].errors, message]

    @property
    def problems(self) -> list[tuple[str, str]]:
        """For the error summary: (address of the first wrong box or "", sentence)."""
        whole = [("", str(message)) for message in self.form_errors]
        return whole + [(f"#{field.focus_id}", str(field.errors[0])) for field in self if field.errors]

    @property
    def raw(self) -> dict[str, list[str]]:
        """What was typed, good or not, without secrets and files: for drafts."""
        names = [name for field in self if not field.secret for name in field.names]
        sent = request.form.to_dict(flat=False)
        return {name: [text.without_hidden(typed) for typed in sent[name]] for name in names if name in sent}

    @property
    def key(self) -> str:
        """One sending has one key: sent twice, it has one effect."""
        sent = request.form.get("form_key", "") if self._posted else ""
        return sent if FORM_KEY.fullmatch(sent) else csrf.new_form_key()

    def hidden_fields(self) -> Markup:
        """The token and the key, for `form_page`."""
        line = Markup('<input type="hidden" name="{}" value="{}">')
        return Markup("").join(line.format(name, value) for name, value in self._hidden_values())

    def _hidden_values(self) -> Iterator[tuple[str, str]]:
        if self.posts:
            yield "csrf_token", csrf.token()
            yield "form_key", self.key
