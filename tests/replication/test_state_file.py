"""The file of `serve --state`: what is no good is told in one line and left as it is, and what is outlives a kill."""

from __future__ import annotations

import json
import random
import signal
import sqlite3
import stat
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.support.processes import facts_of, serving, stop
from tests.support.targets import Target
from voipbin_mock import Mock
from voipbin_mock.command.main import main
from voipbin_mock.replication.sqlite_log import summed
from voipbin_mock.server import live

TAG = {"name": "vip", "detail": "of the state"}
FLAGS = ("--port", "0", "--json", "--quiet", "--clock", "2026-03-01T09:00:00Z")


class Served(Exception):
    """It got so far that it would have been served."""


def serve(path: Path, *flags: str) -> int:
    """The exit code; a file that is good is refused by there being no server."""
    return main(["serve", *FLAGS, "--state", str(path), *flags])


@pytest.fixture
def unserved(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: Any, **__: Any) -> Any:
        raise Served

    monkeypatch.setattr(live, "LiveServer", never)


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state with 30 entries and none kept, of a server that was killed."""
    path = tmp_path_factory.mktemp("killed") / "mock.state"
    with serving(*FLAGS, "--state", str(path)) as server, closing(Target("kept", [facts_of(server)])) as mock:
        for _ in range(30):
            mock.done("POST", "/v1.0/tags", TAG)
        stop(server, signal.SIGKILL)
    return path


@pytest.fixture(scope="module")
def good(killed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, as one file."""
    path = tmp_path_factory.mktemp("good") / "mock.state"
    for suffix in ("", "-wal"):
        Path(f"{path}{suffix}").write_bytes(Path(f"{killed}{suffix}").read_bytes())
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


def with_sql(*statements: str) -> Callable[[Path], None]:
    def spoil(path: Path) -> None:
        with closing(sqlite3.connect(path)) as connection:
            for statement in statements:
                connection.execute(statement)
            connection.commit()

    return spoil


def cut(size: int) -> Callable[[Path], None]:
    return lambda path: path.write_bytes(path.read_bytes()[:size]) and None


def with_bytes(content: bytes) -> Callable[[Path], None]:
    return lambda path: path.write_bytes(content) and None


def other_program(path: Path) -> None:
    path.unlink()
    with_sql("CREATE TABLE recipes (name TEXT)")(path)


def an_entry_changed(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content.replace(b"of the state", b"of the stage", 1))


SPOILT: dict[str, tuple[Callable[[Path], None], str]] = {
    "newer": (with_sql("PRAGMA user_version = 2"), "of version 2, made by a newer voipbin-mock; this one reads 1"),
    "another program's": (other_program, "a database of another program"),
    "another program's by name": (with_sql("PRAGMA application_id = 7"), "a database of another program"),
    "text": (with_bytes(b"hello\n" * 100), "no state of voipbin-mock"),
    "half a header": (cut(50), "no state of voipbin-mock, or a damaged one"),
    "cut within": (cut(20_000), "malformed"),
    "cut at a page": (cut(16_384), "malformed"),
    "an entry that is another": (an_entry_changed, "damaged (entries, "),
    "an entry less": (with_sql("DELETE FROM entries WHERE position = 7"), "damaged (entries, 8)"),
    "the first is gone": (with_sql("DELETE FROM entries WHERE position = 1"), "damaged (entries, 2)"),
    "an entry of text": (with_sql("UPDATE entries SET payload = 'x' WHERE position = 3"), "damaged"),
    "facts that are others": (with_sql("UPDATE facts SET document = x'7b7d'"), "damaged (facts, 1)"),
    "a kept state of nothing": (with_sql("INSERT INTO kept VALUES (30, 1, x'00', 1)"), "damaged (kept, 30)"),
    "a table less": (with_sql("DROP TABLE kept"), "no such table"),
}


def everything_at(path: Path) -> dict[str, bytes]:
    return {each.name: each.read_bytes() for each in path.parent.iterdir()}


@pytest.mark.parametrize("what", SPOILT)
@pytest.mark.usefixtures("unserved")
def test_a_file_that_is_no_good_is_told_in_one_line_and_left(
    what: str, good: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spoil, said = SPOILT[what]
    path = tmp_path / "mock.state"
    path.write_bytes(good.read_bytes())
    spoil(path)
    before = everything_at(path)
    assert serve(path) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"voipbin-mock: --state {path}: ")
    assert said in line
    assert serve(path, "--workers", "2") == 2
    assert capsys.readouterr().err == f"{line}\n"
    assert everything_at(path) == before, "nothing was changed, nothing made and nothing taken away"


@pytest.mark.usefixtures("unserved")
def test_no_byte_can_change_unnoticed(good: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    content = good.read_bytes()
    kept = content.index(b"of the state")
    for seed in range(12):
        chance = random.Random(seed)
        spoilt = bytearray(content)
        at = kept + chance.randrange(-80, 12)  # within the newest entry: its head or its body
        spoilt[at] ^= 1 + chance.randrange(255)
        path = tmp_path / f"{seed}.state"
        path.write_bytes(spoilt)
        assert serve(path) == 2, at
        assert path.read_bytes() == spoilt
    assert capsys.readouterr().err.count("left as it is") == 12


@pytest.mark.parametrize(
    ("flag", "said"),
    [
        ("/proc/mock.state", "No such file or directory"),
        ("/nowhere/mock.state", "No such file or directory"),
        ("{tmp}", "Is a directory"),
    ],
)
@pytest.mark.usefixtures("unserved")
def test_where_no_file_can_be_is_told(flag: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = Path(flag.format(tmp=tmp_path))
    assert serve(path) == 2
    assert capsys.readouterr().err == f"voipbin-mock: --state {path}: {said}\n"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("unserved")
def test_other_settings_than_it_was_begun_with_are_refused(
    good: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "mock.state"
    path.write_bytes(good.read_bytes())
    for flags, said in ((("--profile", "server"), "--profile"), (("--random-seed", "7"), "--random-seed")):
        assert serve(path, *flags) == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert said in line
    assert path.read_bytes() == good.read_bytes()


@pytest.fixture
def kept_at(tmp_path: Path) -> Path:
    return tmp_path / "mock.state"


def started(path: Path, *flags: str) -> Any:
    return serving(*FLAGS, "--state", str(path), *flags)


def test_what_was_answered_is_there_after_a_kill_and_only_its_owner_reads_it(killed: Path, kept_at: Path) -> None:
    for suffix in ("", "-wal"):
        there = Path(f"{killed}{suffix}")
        assert stat.S_IMODE(there.stat().st_mode) == 0o600
        Path(f"{kept_at}{suffix}").write_bytes(there.read_bytes())
    with started(kept_at) as server, closing(Target("kept", [facts_of(server)])) as mock:
        assert names(mock).count("vip") == 30
        second = mock.done("POST", "/v1.0/tags", {**TAG, "name": "second"})
        assert main(["serve", *FLAGS, "--state", str(kept_at)]) == 2, "another process has it"
        assert stop(server) == (0, "")
    with started(kept_at) as server, closing(Target("kept", [facts_of(server)])) as mock:
        assert mock.done("GET", f"/v1.0/tags/{second['id']}") == second
        requests = mock.control("GET", "requests?limit=1000")["requests"]
        assert [each["number"] for each in requests] == list(range(1, len(requests) + 1))
        mock.control("POST", "reset")
        stop(server, signal.SIGKILL)
    with started(kept_at) as server, closing(Target("kept", [facts_of(server)])) as mock:
        assert "vip" not in names(mock)
        assert stop(server) == (0, "")
    assert [each.name for each in kept_at.parent.iterdir()] == [kept_at.name]


def names(mock: Target) -> list[str]:
    return [row["name"] for row in mock.done("GET", "/v1.0/tags?page_size=100")["result"]]


def test_it_begins_with_a_state_that_was_printed_and_takes_another(kept_at: Path, tmp_path: Path) -> None:
    with Mock(seed="tutorial", clock="2026-03-01T09:00:00Z") as mock:
        mock.client.post("/v1.0/tags", json={**TAG, "name": "printed"})
        printed = tmp_path / "printed.json"
        printed.write_text(json.dumps(mock.dump()))
    flags = ("--seed", str(printed))
    with started(kept_at, *flags) as server, closing(Target("kept", [facts_of(server)])) as served:
        assert "printed" in names(served)
        other = served.control("GET", "state")
        served.done("POST", "/v1.0/tags", {**TAG, "name": "later"})
        stop(server, signal.SIGKILL)
    with started(kept_at, *flags) as server, closing(Target("kept", [facts_of(server)])) as served:
        assert {"printed", "later"} <= set(names(served)), "it is begun with that once, and then goes on"
        served.control("PUT", "state", other)
        stop(server, signal.SIGKILL)
    with started(kept_at, *flags) as server, closing(Target("kept", [facts_of(server)])) as served:
        assert {"printed", "later"} & set(names(served)) == {"printed"}
        assert stop(server) == (0, "")


def test_workers_go_on_with_the_file_of_one_process_and_of_an_older_version(good: Path, kept_at: Path) -> None:
    kept_at.write_bytes(good.read_bytes())
    of_another_version(kept_at)
    with started(kept_at, "--workers", "2") as server, closing(Target("kept", [facts_of(server)])) as mock:
        assert names(mock).count("vip") == 30
        mock.done("POST", "/v1.0/tags", {**TAG, "name": "of a worker"})
        assert stop(server) == (0, "")
    with started(kept_at) as server, closing(Target("kept", [facts_of(server)])) as mock:
        assert "of a worker" in names(mock)
        assert stop(server) == (0, "")
    with started(kept_at, "--workers", "2", "--random-seed", "7") as server:
        code, said = server.wait(timeout=15), server.stderr
        assert code == 2
        assert said is not None
        assert "give it the same, or another file" in said.read()


def of_another_version(path: Path) -> None:
    """The file as if an older voipbin-mock had begun it."""
    with closing(sqlite3.connect(path)) as connection:
        facts = json.loads(connection.execute("SELECT document FROM facts").fetchone()[0])
        document = json.dumps({**facts, "version": "0.0.1"}).encode()
        connection.execute("UPDATE facts SET document = ?, sum = ?", (document, summed(1, 0, document)))
        connection.commit()


@pytest.fixture(autouse=True)
def nothing_is_left_open(recwarn: pytest.WarningsRecorder) -> Iterator[None]:
    yield
    assert not recwarn.list
