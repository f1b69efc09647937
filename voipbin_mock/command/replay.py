"""`voipbin-mock replay`: ask everything in a bundle again, and say what is not as it was."""

from __future__ import annotations

import argparse
from typing import Any

from voipbin_mock.command.usage import add_areas, catalog_for

SAME, DIFFERENT, USAGE_ERROR = 0, 1, 2


def add_to(commands: Any) -> None:
    """Make the command known to the command line."""
    parser = commands.add_parser(
        "replay",
        help="play a bundle back",
        description="Ask everything in a repro bundle again and compare the answers to the byte. "
        "Exit 0 if all are the same, 1 if one is not, 2 for a bundle that cannot be played.",
    )
    parser.add_argument("bundle", help="a file written by --voipbin-mock-bundle or Mock.bundle()")
    parser.add_argument("--quiet", action="store_true", help="show differences only")
    add_areas(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    import sys

    from voipbin_mock.edge.bundle import BundleError, play, read
    from voipbin_mock.wire.errors import MockUsageError

    asked = different = 0
    try:
        for played in play(read(arguments.bundle), catalog_for(arguments), arguments.bundle):
            asked += 1
            if not played.same:
                different += 1
                print(f"{played.number}. {played.line}  DIFFERENT")
                print("\n".join(f"    {line}" for line in played.differences()))
            elif not arguments.quiet:
                print(f"{played.number}. {played.line}")
    except (BundleError, MockUsageError) as error:
        print(f"voipbin-mock: {error}", file=sys.stderr)
        return USAGE_ERROR
    print(f"{asked} requests, {different} answered differently" if different else f"{asked} requests, all the same")
    return DIFFERENT if different else SAME
