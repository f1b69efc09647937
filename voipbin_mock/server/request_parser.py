"""How a request is read off a connection: nothing that could be read in two ways gets through."""

from __future__ import annotations

import re
from typing import Any

from waitress.parser import HTTPRequestParser, ParsingError
from waitress.utilities import BadRequest

# Enough for any name, extension or trailer; more is an attack on the memory.
MAX_CHUNK_LINE = 4 * 1024
MAX_TRAILER = 16 * 1024
_CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
_TOKEN = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]")
_REQUEST_LINE = re.compile(_TOKEN.pattern + rb"+ [^\x00-\x20\x7f]+ HTTP/[0-9]\.[0-9]")


def _field_lines(header_plus: bytes) -> list[tuple[bytes, bytes]]:
    """The header's lines after the first, as names and values. Raises ParsingError for what is no header."""
    first, *lines = header_plus.split(b"\r\n")
    # Before waitress sees them: its expressions take minutes for some lines that do not match.
    if not _REQUEST_LINE.fullmatch(first):
        raise ParsingError("the first line is not of the form: METHOD /path HTTP/1.1")
    if any(_CONTROL.search(line) for line in lines):
        raise ParsingError("a control character is in the header")
    if any(line[:1] in (b" ", b"\t") for line in lines):
        raise ParsingError("a header line is folded")
    parted = (line.partition(b":") for line in lines)
    return [(name.lower(), value.strip(b" \t").lower()) for name, _, value in parted]


class RequestParser(HTTPRequestParser):  # type: ignore[misc]
    """Refuses what can be read in two ways, and what would never come to an end."""

    path = ""  # waitress logs it, but knows none of a request that it could not read

    def received(self, data: bytes) -> int:
        consumed: int = super().received(data)
        if not self.completed:
            if self.chunked:
                self._bound_chunks()
            elif self.body_rcv is None:
                self._look_at_the_start()
        if self.error is not None:
            self.expect_continue = False  # nothing is to be continued
        return consumed

    @property
    def max_body(self) -> int:
        return int(self.adj.max_request_body_size) - 1

    def refuse(self, why: str) -> None:
        self.error = BadRequest(why)
        self.completed = True

    def _bound_chunks(self) -> None:
        body = self.body_rcv
        if body.chunk_remainder >= self.adj.max_request_body_size:
            self.refuse(f"a chunk is larger than {self.max_body} bytes")
        elif len(body.control_line) > MAX_CHUNK_LINE or len(body.trailer) > MAX_TRAILER:
            self.refuse("a chunk header or trailer is too long")
        elif b"\n" in body.control_line:
            self.refuse("a chunk header does not end with CR LF")

    def _look_at_the_start(self) -> None:
        """Of a header whose end has not come: whether it can become one."""
        start = self.header_plus.lstrip(b"\r\n")
        if start[:2] == b"\x16\x03":
            self.refuse("this is a TLS handshake, but the server speaks plain HTTP: use http:// and not https://")
        elif start and not _TOKEN.match(start):
            self.refuse("this is not HTTP")
        elif b"\n\n" in start:
            self.refuse("header lines do not end with CR LF")

    def cut_short(self) -> None:
        """The client will send no more of it."""
        if self.body_rcv is None:
            self.refuse("the connection ended within the header")
        elif self.chunked:
            self.refuse("the connection ended before the last chunk")
        else:
            received = self.content_length - self.body_rcv.remain
            self.refuse(f"the body has {received} bytes, Content-Length says {self.content_length}")

    def _name_both_hosts(self) -> None:
        """A target that names another host than the Host header does: whoever admits by name sees both."""
        named, host = self.proxy_netloc.rpartition("@")[2], self.headers.get("HOST")
        if named and (host is None or named.lower() != host.lower()):
            self.headers["HOST"] = named if host is None else f"{named}, {host}"

    def parse_header(self, header_plus: bytes) -> None:
        fields = _field_lines(header_plus)
        encodings = [value for name, value in fields if name == b"transfer-encoding"]
        lengths = [value for name, value in fields if name == b"content-length"]
        if encodings and lengths:
            raise ParsingError("both Content-Length and Transfer-Encoding are given")
        if encodings and encodings != [b"chunked"]:
            raise ParsingError("Transfer-Encoding is not exactly chunked")
        if lengths and not (lengths[0].isdigit() and len(lengths[0]) < 19):
            raise ParsingError("Content-Length is not a number of bytes")
        hosts = [value for name, value in fields if name == b"host"]
        if len(lengths) > 1 or len(hosts) > 1:
            raise ParsingError("Content-Length or Host is given twice")
        try:
            super().parse_header(header_plus)
        except ValueError as error:  # an address with half a bracket
            raise ParsingError(f"the request's target cannot be read: {error}") from None
        if self.version not in ("1.0", "1.1"):
            raise ParsingError("the request is neither HTTP/1.0 nor HTTP/1.1")
        if self.version == "1.0" and encodings:
            raise ParsingError("HTTP/1.0 has no Transfer-Encoding")
        if self.version == "1.1" and not hosts:
            raise ParsingError("HTTP/1.1 asks for a Host header")
        self._name_both_hosts()
        self.adj: Any = self.adj.for_path(self.path)
