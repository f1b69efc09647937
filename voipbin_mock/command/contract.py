"""`voipbin-mock contract`: run the cases, compare two targets, verify a recording."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from voipbin_mock.command import interrupts
from voipbin_mock.command.usage import add_areas, areas_of, catalog_for

if TYPE_CHECKING:
    from voipbin_mock.contract.case import Case
    from voipbin_mock.contract.runner import Allowed, Result, Runner
    from voipbin_mock.contract.targets import Target

KEPT, BROKEN, USAGE_ERROR, INTERRUPTED = 0, 1, 2, 130
PROFILES = ("auto", "documented", "server")
FORMATS = ("text", "json", "junit")
EXITS = (
    "Exit 0 if everything is as promised, 1 if something is not or is left behind, 2 for what you can fix and where "
    "nothing was checked, 130 if interrupted."
)


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
    parser.add_argument(
        "--timeout",
        type=_seconds,
        default=30.0,
        metavar="SECONDS",
        help="for each request, to the end of its answer (30)",
    )


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
        from voipbin_mock.contract.secrecy import Secrets
        from voipbin_mock.contract.targets import TargetError
        from voipbin_mock.wire.errors import MockUsageError

        secrets = Secrets()
        secrets.add(getattr(arguments, "accesskey", None), getattr(arguments, "token", None))
        secrets.add((getattr(arguments, "login", None) or "").partition(":")[2], os.environ.get("VOIPBIN_API_KEY"))
        try:
            return command(arguments)
        except (MockUsageError, TargetError, _Unusable) as error:
            _say(secrets.clean(str(error)))
            return USAGE_ERROR
        except KeyboardInterrupt:
            _say("interrupted")
            return INTERRUPTED

    return run


def _say(line: str) -> None:
    with suppress(OSError):
        print(f"voipbin-mock: {line}", file=sys.stderr, flush=True)


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
    from voipbin_mock.contract.remote import HttpTarget
    from voipbin_mock.contract.targets import MockTarget

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


def _cases(arguments: argparse.Namespace, profile: str | None = None) -> tuple[list[Case], list[str]]:
    """The cases, and what is wrong with those that cannot be used."""
    from voipbin_mock.contract.case import CaseError
    from voipbin_mock.contract.casebook import load

    mistakes: list[CaseError] = []
    try:
        found = load(
            *arguments.cases,
            only=arguments.only,
            profile=profile,
            catalog=catalog_for(arguments),
            given=_values(arguments),
            mistakes=mistakes,
        )
    except CaseError:
        if not mistakes:
            raise
        found = []  # the cases that are asked for are those that cannot be used
    for mistake in mistakes:
        _say(str(mistake))
    return found, [str(mistake) for mistake in mistakes]


def _run(arguments: argparse.Namespace) -> int:
    from voipbin_mock.contract import report
    from voipbin_mock.contract.runner import Runner

    profile = arguments.profile
    cases, refused = _cases(arguments, None if profile == "auto" else profile)
    target = _target(arguments, arguments.base_url)
    target.admitted()
    runner = Runner(target, profile, allowed=_allowed(arguments, target))
    progress = Progress(len(cases))
    interrupted = False
    try:
        with _stoppable(arguments, runner):
            runner.run(cases, progress)
    except KeyboardInterrupt:
        interrupted = True
    finally:
        progress.done()
    run = runner.so_far
    run.refused = refused
    _write(arguments, target.secrets.clean(report.render(run, arguments.format, _colour(arguments))))
    if interrupted:
        return _after_interrupt(runner.left_behind, target)
    if not run.checked:
        why = "; ".join(sorted({result.why for result in run.results})) or "there is no case"
        _say(f"nothing was checked: {why}")
    return USAGE_ERROR if refused or not run.checked else KEPT if run.ok else BROKEN


def _after_interrupt(left_behind: list[str], *targets: Target) -> int:
    for left in left_behind:
        for target in targets:
            left = target.secrets.clean(left)
        _say(f"LEFT BEHIND: {left}")
    _say("interrupted; " + ("not all that was made is deleted" if left_behind else "what was made was deleted again"))
    return INTERRUPTED


def _allowed(arguments: argparse.Namespace, target: Target) -> Allowed | None:
    from voipbin_mock.contract.runner import Allowed

    if not target.remote:
        return None
    return Allowed(arguments.allow_writes or arguments.allow_costs, arguments.allow_costs)


def _compare(arguments: argparse.Namespace) -> int:
    from voipbin_mock.contract import comparison

    cases, refused = _cases(arguments)
    first, second = (_target(arguments, where) for where in arguments.targets)
    for target in (first, second):
        target.admitted()
    both = comparison.Comparing(first, second, [_allowed(arguments, target) for target in (first, second)])
    progress = Progress(2 * len(cases))
    interrupted = False
    try:
        with _stoppable(arguments, *both.runners):
            both.run(cases, progress)
    except KeyboardInterrupt:
        interrupted = True
    finally:
        progress.done()
    found = both.found
    found.refused = refused
    text = comparison.render(found, arguments.format, every=arguments.all)
    _write(arguments, second.secrets.clean(first.secrets.clean(text)))
    if interrupted:
        return _after_interrupt(found.left_behind, first, second)
    if not found.checked and found.same:
        _say("nothing was compared: " + ("; ".join(sorted(set(found.left_out.values()))) or "there is no case"))
        return USAGE_ERROR
    return USAGE_ERROR if refused else KEPT if found.ok else BROKEN


def _verify(arguments: argparse.Namespace) -> int:
    from voipbin_mock.contract import verification

    found = verification.verify(
        arguments.recording, profile=arguments.profile, base_url=arguments.base_url, catalog=catalog_for(arguments)
    )
    _write(arguments, verification.render(found, arguments.format))
    if not found.checked and not found.findings:
        _say(f"nothing was checked: {found.why_nothing()}")
        return USAGE_ERROR
    return KEPT if found.ok else BROKEN


@contextmanager
def _stoppable(arguments: argparse.Namespace, *runners: Runner) -> Iterator[None]:
    """The first Ctrl-C or SIGTERM lets the request under way end, and cleans up; the second names what is left."""

    def stop() -> None:
        for runner in runners:
            runner.target.stopping.set()
        _say(
            f"interrupted; the request under way may take {arguments.timeout:g} seconds, then what was made is "
            "deleted; once more ends it at once"
        )

    def end(number: int) -> None:
        for runner in runners:
            for left in [*runner.left_behind, *runner.pending()]:
                _say(f"LEFT BEHIND: {runner.target.secrets.clean(left)}")
        _say("interrupted twice; what is named above was not deleted, nor what the request under way may have made")
        os._exit(INTERRUPTED)

    with interrupts.heard(stop, end):
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
            _shut(sys.stdout)
        except OSError as error:
            _shut(sys.stdout)
            raise _Unusable(f"the report cannot be written: {error.strerror}") from None
        return
    try:
        Path(arguments.output).write_text(text, encoding="utf-8")
    except OSError as error:
        raise _Unusable(f"--output {arguments.output}: {error.strerror}") from None


def _shut(stream: Any) -> None:
    """What is still to be written goes nowhere, or Python would complain at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


class Progress:
    """A bar on a terminal, as wide as that is; elsewhere nothing."""

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
            columns = shutil.get_terminal_size().columns
            count = f"{self._asked}/{self._total}{failed} "
            shown = f"[{bar}] {count}" if columns > self.WIDTH + 30 else count
            sys.stderr.write("\r\033[K" + (shown + result.case.name[:40])[: columns - 1])
            sys.stderr.flush()

    def done(self) -> None:
        if self._shown:
            sys.stderr.write("\r\033[K")
            sys.stderr.flush()
