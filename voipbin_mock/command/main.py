"""The command line: `voipbin-mock serve` and its siblings."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from voipbin_mock._version import __version__
from voipbin_mock.command import serve
from voipbin_mock.command.usage import Usage

DEFAULT_PORT = serve.DEFAULT_PORT
USAGE_ERROR = 2


def build_parser(command: str = "") -> argparse.ArgumentParser:
    """The parser of all commands; if it is `serve`, of that alone: the others are loaded by whoever asks for them."""
    parser = argparse.ArgumentParser(prog="voipbin-mock", description="A mock of the VoIPBIN API for tests.")
    parser.add_argument("--version", action="version", version=f"voipbin-mock {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    serve.add_to(commands)
    if command != "serve":
        from voipbin_mock.command import contract, ctl, describe, flow, replay

        for other in (replay, ctl, describe, contract, flow):
            other.add_to(commands)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; the exit code. 2 is for what the user can mend: arguments, seeds, a taken port."""
    try:
        words = sys.argv[1:] if argv is None else list(argv)
        arguments = build_parser(words[0] if words else "").parse_args(words)
        code: int = arguments.run(arguments)
        if sys.stdout is not None:  # it is None when the shell closed it: `>&-`
            sys.stdout.flush()
        return code
    except BrokenPipeError:
        # Whoever read what this printed (head, less) has seen enough.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Usage as error:
        print(f"voipbin-mock: {error}", file=sys.stderr)
        return USAGE_ERROR
