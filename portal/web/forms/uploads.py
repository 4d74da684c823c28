"""The field in which people send a file."""

from __future__ import annotations

from typing import Any

from werkzeug.datastructures import FileStorage

from portal.web.forms import rendering
from portal.web.forms.fields import Field


class FileField(Field):
    """A file, or several with `multiple`. `.data` is a FileStorage or None; a list with `multiple`."""

    widget = staticmethod(rendering.file_upload)
    secret = True

    def __init__(self, *args: Any, accept: str | None = None, multiple: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.multiple = multiple
        if accept:
            self.attributes["accept"] = accept

    def process_formdata(self, valuelist: list[Any]) -> None:
        files = [sent for sent in valuelist if isinstance(sent, FileStorage) and sent.filename]
        self.data = files if self.multiple else next(iter(files), None)
