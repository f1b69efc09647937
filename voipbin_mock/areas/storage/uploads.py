"""Reading what is uploaded: a form of several parts, one of which is a file."""

from __future__ import annotations

import io
from typing import NamedTuple

from voipbin_mock.api.operations import Request
from voipbin_mock.wire.errors import ApiError, Reason
from voipbin_mock.wire.values import MAX_UPLOAD

INVALID_UPLOAD = Reason("INVALID_FILE_UPLOAD", "INVALID_ARGUMENT", "A file is uploaded as multipart/form-data.")
_ADVICE = 'send it in a form as "file", with a file name: files={"file": ...} in requests and httpx, -F in curl'


class Upload(NamedTuple):
    """A file as it came, and what kind of file it is to be."""

    filename: str
    data: bytes
    type: str


def read(request: Request) -> Upload:
    """The uploaded file. Raises ApiError."""
    length = request.headers.get("content-length", "")
    if length.isdecimal() and int(length) > MAX_UPLOAD:
        raise ApiError(INVALID_UPLOAD, f"The form is larger than {MAX_UPLOAD} bytes.")
    kind = request.headers.get("content-type", "")
    if not kind.lower().startswith("multipart/form-data"):
        raise ApiError(INVALID_UPLOAD, hint=f"Content-Type is {kind[:80]!r}; {_ADVICE}")
    # A client of this machine sends what it has read; only now is it taken apart.
    from werkzeug.exceptions import RequestEntityTooLarge
    from werkzeug.formparser import MultiPartParser
    from werkzeug.http import parse_options_header

    boundary = parse_options_header(kind)[1].get("boundary", "")
    parser = MultiPartParser(stream_factory=lambda *_, **__: io.BytesIO(), max_form_memory_size=None)
    try:
        fields, files = parser.parse(io.BytesIO(request.body), boundary.encode("latin-1", "replace"), len(request.body))
    except (ValueError, RequestEntityTooLarge) as problem:
        raise ApiError(INVALID_UPLOAD, hint=f"the form cannot be read: {problem}; {_ADVICE}") from None
    file = files.get("file")
    if file is None or not file.filename:
        raise ApiError(INVALID_UPLOAD, "The form has no file.", hint=_ADVICE)
    name = file.filename.rstrip("/").rpartition("/")[2]
    return Upload(name or "/", file.stream.read(), fields.get("type", ""))
