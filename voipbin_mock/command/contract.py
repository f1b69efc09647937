"""`voipbin-mock contract`: run the cases, compare two targets, verify a recording."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from voipbin_mock.command import interrupts
from voipbin_mock.command.usage import add_areas, areas_of, catalog_for

if TYPE_CHECKING:
    from voipbin_mock.contract.casebook import Case
    from voipbin_mock.contract.runner import Allowed, Result
    from voipbin_mock.contract.targets import Target

KEPT, BROKEN, USAGE_ERROR, INTERRUPTED = 0, 1, 2, 130
PROFILES = ("auto", "documented", "server")
FORMATS = ("text", "json", "junit")
EXITS = "Exit 0 if everything is as promised, 1 if something is not, 2 for what you can mend, 130 if interrupted."


def add_to(commands: Any) -> None:
    """Make the command known to the command line."""
    contract = commands.add_parser("contract", help="ask the contract cases of a mock, or of the real service")
    kinds = contract.add_subparsers(dest="contract", required=True, metavar="what")
    for add in (_add_run, _add_compare, _add_verify):
        add(kinds)


def _add_run(kinds: Any) -> None:
    run = kinds.add_parser(
        "run",
        help="run the cases against one target",
        description="Ask the cases of a fresh mock, or of --base-url. Another host is only read from unless you "
        f"allow more; what was made is deleted at the end, also after Ctrl-C. {EXITS}",
    )
    run.add_argument("--base-url", metavar="URL", help="whom to ask, such as https://api.voipbin.net/v1.0")
    _credentials(run)
    run.add_argument(
        "--profile", choices=PROFILES, default="auto", help="which promises to hold it to; auto finds out (default)"
    )
    _which(run)
    _output(run, FORMATS)
    run.set_defaults(run=_guarded(_run))


def _add_compare(kinds: Any) -> None:
    compare = kinds.add_parser(
        "compare",
        help="ask two targets the same, and show where they differ",
        description=f"A and B: a URL, or mock:documented, or mock:server. Credentials are for the URLs. {EXITS}",
    )
    compare.add_argument("targets", nargs=2, metavar="TARGET")
    _credentials(compare)
    _which(compare)
    compare.add_argument("--all", action="store_true", help="show every difference, not one of each kind")
    _output(compare, FORMATS)
    compare.set_defaults(run=_guarded(_compare))


def _add_verify(kinds: Any) -> None:
    verify = kinds.add_parser(
        "verify",
        help="check the requests and answers of a recording",
        description="Hold every exchange with the service in a recording (HAR, a repro bundle, or the journal as "
        f"GET /__mock__/requests gives it) against the schemas and rules. {EXITS}",
    )
    verify.add_argument("recording", metavar="FILE")
    verify.add_argument("--base-url", metavar="URL", help="count calls to this URL as calls to the service, too")
    verify.add_argument(
        "--profile", choices=PROFILES, default="auto", help="whose answers they are (default: found out)"
    )
    add_areas(verify)
    _output(verify, FORMATS)
    verify.set_defaults(run=_guarded(_verify))


def _credentials(parser: Any) -> None:
    parser.add_argument("--accesskey", metavar="KEY", help="for URLs (default: VOIPBIN_API_KEY)")
    parser.add_argument("--token", metavar="JWT", help="a login token")
    parser.add_argument("--login", metavar="USER:PASS", help="an agent to log in as")
    parser.add_argument("--timeout", type=_seconds, default=30.0, metavar="SECONDS", help="for each request (30)")


def _which(parser: Any) -> None:
    add_areas(parser)
    parser.add_argument("--cases", metavar="DIR", action="append", default=[], help="further cases, of your own")
    parser.add_argument("--only", metavar="GLOB", action="append", default=[], help="cases by name: 'outplans/*'")
    parser.add_argument("--set", metavar="NAME=VALUE", action="append", default=[], help="a value for cases to name")
    parser.add_argument("--allow-writes", action="store_true", help="make, change and delete records on a URL, too")
    parser.add_argument("--allow-costs", action="store_true", help="do there what may cost money, too")


def _output(parser: Any, formats: tuple[str, ...]) -> None:
    parser.add_argument("--format", choices=formats, default="text", help="text (default), json or junit")
    parser.add_argument("--output", metavar="FILE", help="write it there instead of showing it")


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= 600:
        raise argparse.ArgumentTypeError(f"{text!r} is no timeout; give seconds, at most 600")
    return seconds


def _guarded(command: Callable[[argparse.Namespace], int]) -> Callable[[argparse.Namespace], int]:
    """What the user can mend is one line and exit 2; an interrupt is no traceback."""

    def run(arguments: argparse.Namespace) -> int:
        from voipbin_mock.contract.targets import Secrets, TargetError
        from voipbin_mock.wire.errors import MockUsageError

        secrets = Secrets()
        secrets.add(getattr(arguments, "accesskey", None), getattr(arguments, "token", None))
        secrets.add((getattr(arguments, "login", None) or "").partition(":")[2], os.environ.get("VOIPBIN_API_KEY"))
        try:
            return command(arguments)
        except (MockUsageError, TargetError, _Unusable) as error:
            print(f"voipbin-mock: {secrets.clean(str(error))}", file=sys.stderr)
            return USAGE_ERROR
        except KeyboardInterrupt:
            print("voipbin-mock: interrupted; what was made was deleted again", file=sys.stderr)
            return INTERRUPTED

    return run


class _Unusable(Exception):
    """An argument that cannot be used."""


def _values(arguments: argparse.Namespace) -> dict[str, str]:
    values = {}
    for text in arguments.set:
        name, equals, value = text.partition("=")
        if not equals or not name.isidentifier():
            raise _Unusable(f"--set {text}: write NAME=VALUE")
        values[name] = value
    return values


def _target(arguments: argparse.Namespace, where: str | None) -> Target:
    from voipbin_mock.contract.targets import HttpTarget, MockTarget

    if where is None or where.startswith("mock:"):
        profile = (where or "mock:documented").partition(":")[2]
        if where is None and arguments.profile != "auto":
            profile = arguments.profile
        mock = MockTarget(profile, areas=areas_of(arguments))
        mock.values.update(_values(arguments))
        return mock
    login = arguments.login
    if login is not None and ":" not in login:
        raise _Unusable("--login: write USER:PASS")
    username, _, password = (login or "").partition(":")
    accesskey = arguments.accesskey or (None if arguments.token or login else os.environ.get("VOIPBIN_API_KEY"))
    target = HttpTarget(
        where,
        timeout=arguments.timeout,
        accesskey=accesskey or None,
        token=arguments.token or None,
        username=username or None,
        password=password or None,
        values=_values(arguments),
    )
    target.catalog = catalog_for(arguments)
    return target


def _cases(arguments: argparse.Namespace, profile: str | None = None) -> list[Case]:
    from voipbin_mock.contract.casebook import load

    return load(*arguments.cases, only=arguments.only, profile=profile, catalog=catalog_for(arguments))


def _run(arguments: argparse.Namespace) -> int:
    from voipbin_mock.contract import report
    from voipbin_mock.contract.runner import Runner

    profile = arguments.profile
    cases = _cases(arguments, None if profile == "auto" else profile)
    target = _target(arguments, arguments.base_url)
    runner = Runner(target, profile, allowed=_allowed(arguments, target))
    progress = Progress(len(cases))
    try:
        with _stoppable(target):
            run = runner.run(cases, progress)
    except KeyboardInterrupt:
        for left in runner.left_behind:
            print(f"voipbin-mock: LEFT BEHIND: {target.secrets.clean(left)}", file=sys.stderr)
        raise
    finally:
        progress.done()
    _write(arguments, target.secrets.clean(report.render(run, arguments.format, _colour(arguments))))
    return KEPT if run.ok else BROKEN


def _allowed(arguments: argparse.Namespace, target: Target) -> Allowed | None:
    from voipbin_mock.contract.runner import Allowed

    if not target.remote:
        return None
    return Allowed(arguments.allow_writes or arguments.allow_costs, arguments.allow_costs)


def _compare(arguments: argparse.Namespace) -> int:
    from voipbin_mock.contract import comparison

    cases = _cases(arguments)
    first, second = (_target(arguments, where) for where in arguments.targets)
    allowed = [_allowed(arguments, target) for target in (first, second)]
    progress = Progress(2 * len(cases))
    try:
        with _stoppable(first, second):
            found = comparison.compare(first, second, cases, allowed=allowed, told=progress)
    finally:
        progress.done()
    text = comparison.render(found, arguments.format, every=arguments.all)
    _write(arguments, second.secrets.clean(first.secrets.clean(text)))
    return KEPT if found.same else BROKEN


def _verify(arguments: argparse.Namespace) -> int:
    from voipbin_mock.contract import verification

    found = verification.verify(
        arguments.recording, profile=arguments.profile, base_url=arguments.base_url, catalog=catalog_for(arguments)
    )
    _write(arguments, verification.render(found, arguments.format))
    return KEPT if found.ok else BROKEN


@contextmanager
def _stoppable(*targets: Target) -> Iterator[None]:
    """The first Ctrl-C or SIGTERM lets the request under way end, and cleans up; the second does neither."""

    def stop() -> None:
        for target in targets:
            target.stopping.set()

    with interrupts.heard(stop, lambda number: os._exit(INTERRUPTED)):
        yield


def _colour(arguments: argparse.Namespace) -> bool:
    return not arguments.output and sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def _write(arguments: argparse.Namespace, text: str) -> None:
    if not arguments.output:
        encoding = sys.stdout.encoding or "utf-8"
        try:
            sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding))
            sys.stdout.flush()
        except BrokenPipeError:  # whoever read it has seen enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return
    try:
        Path(arguments.output).write_text(text, encoding="utf-8")
    except OSError as error:
        raise _Unusable(f"--output {arguments.output}: {error.strerror}") from None


class Progress:
    """A bar on a terminal; elsewhere nothing."""

    WIDTH = 30

    def __init__(self, total: int) -> None:
        self._total, self._asked, self._failed = total, 0, 0
        self._shown = sys.stderr.isatty()

    def __call__(self, result: Result) -> None:
        self._asked += 1
        self._failed += result.outcome == "failed"
        if self._shown:
            full = self.WIDTH * self._asked // max(self._total, 1)
            bar = "#" * full + "." * (self.WIDTH - full)
            failed = f", {self._failed} failed" if self._failed else ""
            sys.stderr.write(f"\r\033[K[{bar}] {self._asked}/{self._total}{failed} {result.case.name[:40]}")
            sys.stderr.flush()

    def done(self) -> None:
        if self._shown:
            sys.stderr.write("\r\033[K")
            sys.stderr.flush()
