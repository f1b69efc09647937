"""`voipbin-mock openapi`: the OpenAPI document on standard output."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from voipbin_mock.command.usage import add_areas, catalog_for


def add_to(commands: Any) -> None:
    """Make the command known to the command line."""
    parser = commands.add_parser(
        "openapi",
        help="print the OpenAPI document",
        description="Print the OpenAPI 3.1 document of what a mock takes and answers; the same as GET /openapi.json.",
    )
    parser.add_argument("--profile", default="documented", help="documented (default) or server")
    checks = parser.add_mutually_exclusive_group()
    checks.add_argument("--strict", dest="strict", action="store_true", default=None, help="bodies as the schemas say")
    checks.add_argument("--lenient", dest="strict", action="store_false", help="bodies as the server decodes them")
    add_areas(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    from voipbin_mock.openapi import document as openapi
    from voipbin_mock.wire.errors import MockUsageError
    from voipbin_mock.world import profiles

    try:
        profile, catalog = profiles.get(arguments.profile), catalog_for(arguments)
    except MockUsageError as error:
        print(f"voipbin-mock: {error}", file=sys.stderr)
        return 2
    strict = profile.strict if arguments.strict is None else arguments.strict
    # Whatever the terminal's encoding, a file of it is UTF-8.
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    sys.stdout.write(openapi.text(catalog, profile, strict))
    return 0
