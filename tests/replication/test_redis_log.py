"""The log in Redis: many at once, answers that get lost, and a server that is killed, halted, full, emptied or old."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.lossy import LossyWay
from tests.support.redis_servers import SERVER, WHY_NOT, Fake, Server, come, free_port
from voipbin_mock._seconds import seconds
from voipbin_mock.replication.log import Behind, HistoryLost, Kept, LogGone, Unusable
from voipbin_mock.replication.redis_link import InDoubt
from voipbin_mock.replication.redis_log import RedisLog

RedisMaker = Callable[..., RedisLog]
StartServer = Callable[..., Server]
FACTS = {"version": "1"}
WHOLE = ("--appendonly", "yes", "--appendfsync", "always")  # a server that loses nothing
needs_server = pytest.mark.skipif(SERVER is None, reason=WHY_NOT)


class Now:
    """Seconds that a test may move."""

    def __init__(self) -> None:
        self.moved = 0.0

    def __call__(self) -> float:
        return seconds() + self.moved


def members(make: RedisMaker, number: int, **settings: object) -> list[RedisLog]:
    logs = [make(**settings) for _ in range(number)]
    for log in logs:
        log.found(FACTS)
    return logs


def filled(log: RedisLog, *payloads: bytes) -> None:
    for payload in payloads:
        log.append(payload, log.end())


def payloads(log: RedisLog, after: int = 0) -> list[bytes]:
    return [entry.payload for entry in log.read(after)]


def in_time(most: float, asked: Callable[[], object], error: type[Exception] = LogGone) -> None:
    began = seconds()
    with pytest.raises(error):
        asked()
    assert seconds() - began < most


def refound(log: RedisLog, position: int) -> bool:
    return log.refound(FACTS, Kept(position, 1, b"up to %d" % position))


# --- many at once -----------------------------------------------------------------------------------

EIGHT_THREADS = """
import sys, threading
from voipbin_mock.replication.redis_log import RedisLog

def write(number):
    log, position = RedisLog(sys.argv[1], sys.argv[2]), 0
    log.found({})
    for step in range(20):
        entries = log.append(f"{sys.argv[3]} {number} {step}".encode(), position)
        assert [entry.position for entry in entries] == list(range(position + 1, position + 1 + len(entries)))
        position = entries[-1].position
    log.close()
    done.append(number)

done = []
threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
assert len(done) == 8
"""


def test_eight_threads_of_two_processes_write_one_order_without_a_gap(
    redis_server: Server | Fake, redis_logs: RedisMaker
) -> None:
    [log] = members(redis_logs, 1)
    processes = [
        subprocess.Popen([sys.executable, "-c", EIGHT_THREADS, redis_server.url, log.name, writer], cwd=Path.cwd())
        for writer in ("a", "b")
    ]
    assert [process.wait(60) for process in processes] == [0, 0]
    entries = log.read(0)
    assert [entry.position for entry in entries] == list(range(1, 2 * 8 * 20 + 1))
    moments = [entry.moment for entry in entries]
    assert moments == sorted(moments)
    written = [entry.payload.decode().split() for entry in entries]
    for writer in "ab":
        for number in range(8):
            assert [int(step) for who, which, step in written if (who, which) == (writer, str(number))] == [*range(20)]


def test_more_may_be_missing_than_one_answer_holds(redis_logs: RedisMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("voipbin_mock.replication.redis_log.MOST", 3)
    one, two = members(redis_logs, 2)
    filled(one, *(b"%d" % number for number in range(10)))
    assert [entry.payload for entry in two.append(b"10", 0)] == [b"%d" % number for number in range(11)]
    assert one.read(10)[0].position == 11


def test_logs_of_other_names_are_others(redis_logs: RedisMaker) -> None:
    one, two = redis_logs(name="one"), redis_logs(name="two")
    assert one.found({"version": "1"})["version"] != two.found({"version": "2"})["version"]
    filled(one, b"a")
    assert payloads(two) == []
    assert [one.lead(), two.lead()] == [True, True]
    assert [one.claim("x"), two.claim("x")] == [True, True]


def test_scripts_that_the_server_forgot_are_sent_again(redis_server: Server | Fake, redis_logs: RedisMaker) -> None:
    [log] = members(redis_logs, 1)
    redis_server.client.script_flush()
    filled(log, b"a")
    assert payloads(log) == [b"a"]


# --- who leads, and who is there --------------------------------------------------------------------


def test_a_leader_that_says_nothing_is_followed_by_another(redis_logs: RedisMaker) -> None:
    one, two = members(redis_logs, 2, lease=0.1)
    assert [one.lead(), two.lead()] == [True, False]
    come(two.lead)
    assert one.lead() is False
    assert [one.leads(), two.leads()] == [False, True]


def test_a_leader_that_hears_nothing_knows_by_its_own_clock_that_it_leads_no_more(redis_logs: RedisMaker) -> None:
    now = Now()
    [log] = members(redis_logs, 1, seconds=now)
    assert log.leads() is False
    log.lead()
    now.moved = 2.5
    assert log.leads() is True
    now.moved = 3.1
    assert log.leads() is False
    assert log.lead() is True


def test_what_a_process_told_is_forgotten_when_it_tells_no_more(redis_logs: RedisMaker) -> None:
    one, two = members(redis_logs, 2, told=0.1)
    one.tell({"id": "one"})
    assert two.replicas() == [{"id": "one"}]
    come(lambda: not two.replicas())


# --- what cannot be used ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://localhost", "not a URL of Redis (redis://HOST:PORT/DB)"),
        ("redis://localhost:port", "not a URL of Redis (redis://HOST:PORT/DB)"),
        ("redis://localhost/zero", "the database of redis://HOST:PORT/DB is a number, not 'zero'"),
        ("redis://me:hush@127.0.0.1:1/2", "Redis at 127.0.0.1:1/2 cannot be reached: "),
        ("redis://nowhere.invalid/2", "Redis at nowhere.invalid:6379/2 cannot be reached: "),
        ("unix:///nowhere/redis.sock", "Redis at /nowhere/redis.sock cannot be reached: "),
    ],
)
def test_a_server_that_cannot_be_used_is_told_in_a_line_without_the_password(url: str, said: str) -> None:
    with pytest.raises(Unusable) as caught, closing(RedisLog(url)) as log:
        log.found(FACTS)
    assert str(caught.value).startswith(said)
    assert "\n" not in str(caught.value)
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize("name", ["", "a b", "a{b}", "a:b", "x" * 65])
def test_a_name_that_cannot_be_a_key_is_refused(name: str) -> None:
    with pytest.raises(Unusable, match="a name of a log has letters"):
        RedisLog("redis://localhost", name)


@needs_server
def test_a_server_that_wants_a_password_gets_it_from_the_url(server: StartServer) -> None:
    ours = server()
    ours.client.config_set("requirepass", "sesame")
    for url in (ours.url, ours.url.replace("//", "//:guess@")):
        with pytest.raises(Unusable, match=f"Redis at 127.0.0.1:{ours.port}/0 refuses: ") as caught:
            RedisLog(url).found(FACTS)
        assert "guess" not in str(caught.value)
    with closing(RedisLog(ours.url.replace("//", "//:sesame@"), grace=0)) as log:
        assert log.found(FACTS)["version"] == "1"


@needs_server
def test_a_node_of_a_cluster_that_does_not_hold_the_log_is_no_good(server: StartServer) -> None:
    with pytest.raises(Unusable, match=r"refuses: .*Hash slot not served"):
        RedisLog(server("--cluster-enabled", "yes").url).found(FACTS)


@needs_server
def test_a_server_that_may_throw_keys_away_is_warned_of(server: StartServer, caplog: pytest.LogCaptureFixture) -> None:
    ours = server("--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru")
    with closing(RedisLog(ours.url, grace=0)) as log:
        log.found(FACTS)
    assert "its maxmemory-policy is allkeys-lru; set it to noeviction" in caplog.text


def test_what_was_thrown_away_is_as_if_all_was_lost(redis_server: Server | Fake, redis_logs: RedisMaker) -> None:
    [log] = members(redis_logs, 1)
    filled(log, b"a", b"b")
    redis_server.client.delete(f"voipbin-mock:{{{log.name}}}:entries")
    come(lambda: lost(log, 1))
    come(lambda: refound(log, 2))
    log.keep(Kept(2, 1, b"again"))
    redis_server.client.delete(f"voipbin-mock:{{{log.name}}}:kept")
    with pytest.raises(LogGone):
        log.kept()
    come(lambda: lost(log, 2))


def lost(log: RedisLog, after: int) -> bool:
    """Whether it is known by now that the log is not the one that it was."""
    try:
        log.read(after)
    except HistoryLost:
        return True
    except LogGone:
        return False
    raise AssertionError("it reads as if nothing were lost")


# --- answers that get lost --------------------------------------------------------------------------


def test_an_append_whose_answer_gets_lost_is_written_once(redis_server: Server | Fake, redis_logs: RedisMaker) -> None:
    with closing(LossyWay(redis_server.port, b"MARK", lost=1)) as way:
        one, two = members(redis_logs, 1, url=way.url) + members(redis_logs, 1)
        filled(two, b"before")  # the server has the script from now on
        entries = one.append(b"MARK", 0)
        assert way.lost == 0
        assert [entry.payload for entry in entries] == [b"before", b"MARK"]
        assert payloads(two) == [b"before", b"MARK"]


def test_what_others_wrote_after_an_append_whose_answer_got_lost_comes_later(
    redis_server: Server | Fake, redis_logs: RedisMaker
) -> None:
    with closing(LossyWay(redis_server.port, b"MARK", lost=1)) as way:
        one, two = members(redis_logs, 1, url=way.url) + members(redis_logs, 1)
        filled(two, b"before")
        way.meanwhile = lambda: two.append(b"after", 1)
        assert [entry.payload for entry in one.append(b"MARK", 0)] == [b"before", b"MARK"]
        assert payloads(one, 2) == [b"after"]


def test_an_append_whose_answer_got_lost_together_with_the_log_is_in_doubt(
    redis_server: Server | Fake, redis_logs: RedisMaker
) -> None:
    with closing(LossyWay(redis_server.port, b"MARK", lost=1)) as way:
        [log] = members(redis_logs, 1, url=way.url)
        filled(log, b"before")
        way.meanwhile = lambda: forget(redis_server, log.name)
        in_time(1, lambda: log.append(b"MARK", 1), InDoubt)  # another may have read it, and be the furthest
        come(lambda: lost(log, 1))


@pytest.mark.parametrize("hangs", [False, True])
def test_an_append_that_is_in_doubt_is_found_among_the_entries_and_not_doubled(
    hangs: bool, redis_server: Server | Fake, redis_logs: RedisMaker
) -> None:
    now = Now()
    with closing(LossyWay(redis_server.port, b"MARK", lost=1 if hangs else 2, hangs=hangs)) as way:
        [log] = members(redis_logs, 1, url=way.url, answer=0.3, seconds=now)
        filled(log, b"before")  # the server has the script from now on
        in_time(1, lambda: log.append(b"MARK", 1), InDoubt)
        now.moved = 1  # for a moment nobody asks
        assert [entry.payload for entry in log.append(b"next", 1)] == [b"MARK", b"next"]
        assert payloads(log) == [b"before", b"MARK", b"next"]


def test_a_claim_whose_answer_gets_lost_is_had(redis_server: Server | Fake, redis_logs: RedisMaker) -> None:
    with closing(LossyWay(redis_server.port, b"claim:x", lost=1)) as way:
        [log] = members(redis_logs, 1, url=way.url)
        assert log.claim("y") is True
        assert log.claim("x") is True
        assert way.lost == 0
        assert log.claim("x") is False


def test_a_clock_of_ours_that_goes_back_holds_nothing_up(redis_logs: RedisMaker) -> None:
    now = Now()
    [log] = members(redis_logs, 1, seconds=now)
    filled(log, b"a")
    now.moved = -60
    filled(log, b"b")
    assert payloads(log) == [b"a", b"b"]


# --- a server that is gone for a while --------------------------------------------------------------


def everything(log: RedisLog) -> Sequence[Callable[[], object]]:
    return (
        lambda: log.append(b"x", 2), lambda: log.read(2), lambda: log.wait(2, 30), log.kept,
        lambda: log.keep(Kept(1, 1, b"x")), log.lead, lambda: log.claim("x"), lambda: log.tell({}), log.replicas,
    )  # fmt: skip


def test_a_server_that_is_killed_is_gone_at_once_and_has_it_all_when_it_is_back(
    server: StartServer, redis_logs: RedisMaker
) -> None:
    ours = server(*WHOLE)
    one, two = members(redis_logs, 2, url=ours.url)
    filled(one, b"a", b"b")
    two.read(0)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(two.wait, 2, 30)
        come(lambda: b"cmd=xread" in b"".join(_clients(ours)))
        ours.kill()
        in_time(1, lambda: waiting.result(10))
    for asked in everything(one):
        in_time(0.5, asked)
    ours.start()
    entries = come(lambda: two.append(b"c", 2), LogGone)
    assert [entry.payload for entry in entries] == [b"c"]
    assert payloads(one) == [b"a", b"b", b"c"]
    assert one.lead() is True


def _clients(ours: Server) -> Iterator[bytes]:
    for client in ours.client.client_list():
        yield b"cmd=%s " % client["cmd"].encode()


def test_a_server_that_is_halted_is_gone_in_time_and_does_not_do_later_what_was_given_up(
    server: StartServer, redis_logs: RedisMaker
) -> None:
    ours, now = server(), Now()
    [log] = members(redis_logs, 1, url=ours.url, answer=0.2, seconds=now)
    filled(log, b"a")
    ours.halt()
    in_time(0.9, lambda: log.append(b"too late", 1))
    for asked in everything(log):
        in_time(0.1, asked)  # nobody waits for it once more
    ours.go_on()
    now.moved = 1
    assert [entry.payload for entry in come(lambda: log.append(b"b", 1), LogGone)] == [b"b"]
    assert payloads(log) == [b"a", b"b"]


def test_a_server_that_is_full_or_read_only_writes_nothing_and_goes_on_when_it_can(
    server: StartServer, redis_logs: RedisMaker
) -> None:
    ours = server()
    [log] = members(redis_logs, 1, url=ours.url)
    filled(log, b"a")
    ours.client.config_set("maxmemory", 1)
    in_time(0.5, lambda: log.append(b"x", 1))
    ours.client.config_set("maxmemory", 0)
    ours.client.replicaof("127.0.0.1", free_port())
    in_time(0.5, lambda: log.append(b"x", 1))
    ours.client.replicaof("NO", "ONE")
    filled(log, b"b")
    assert payloads(log) == [b"a", b"b"]


def test_a_server_that_reads_what_it_has_is_waited_for(server: StartServer, redis_logs: RedisMaker) -> None:
    slowly = ("--key-load-delay", "3000", "--loading-process-events-interval-bytes", "1024", "--rdbcompression", "no")
    ours = server(*slowly)
    [log] = members(redis_logs, 1, url=ours.url)
    filled(log, b"a", b"b" * 2000)
    ours.client.mset({f"other {number}": "x" * 2000 for number in range(100)})
    ours.client.save()
    ours.kill()
    ours.start()
    with pytest.raises(LogGone, match="loading"):
        log.append(b"not yet", 2)
    newcomer = redis_logs(url=ours.url)
    assert newcomer.found(FACTS) == log.found(FACTS)
    assert payloads(newcomer) == [b"a", b"b" * 2000]


def test_a_log_that_is_closed_is_gone(redis_logs: RedisMaker) -> None:
    [log] = members(redis_logs, 1)
    log.close()
    log.close()
    assert log.wait(0, 30) is False
    for asked in (lambda: log.append(b"x", 0), lambda: log.read(0), log.lead):
        in_time(0.1, asked)


# --- a server that lost what it had -----------------------------------------------------------------


def test_the_furthest_founds_the_log_anew_after_all_was_deleted(
    redis_server: Server | Fake, redis_logs: RedisMaker
) -> None:
    one, two, three = members(redis_logs, 3)
    filled(one, *(b"%d" % number for number in range(5)))
    two.read(0)
    three.read(0, 2)
    forget(redis_server, one.name)
    for log, position in ((three, 2), (one, 5), (two, 5)):
        come(lambda log=log, position=position: lost(log, position))
    with ThreadPoolExecutor(3) as pool:
        founded = list(pool.map(refound, (one, two, three), (5, 5, 2)))
    assert sorted(founded[:2]) == [False, True]  # of two who are as far, one
    assert founded[2] is False
    assert one.kept() == two.kept() == three.kept() == Kept(5, 1, b"up to 5")
    assert [entry.position for entry in three.append(b"5", 5)] == [6]
    assert payloads(one, 5) == payloads(two, 5) == [b"5"]
    with pytest.raises(Behind):
        three.read(2)


def forget(redis_server: Server | Fake, name: str) -> None:
    keys = redis_server.client.keys(f"voipbin-mock:{{{name}}}:*")
    assert keys
    redis_server.client.delete(*keys)


def test_it_is_settled_as_soon_as_all_have_come_back_who_were_there(
    redis_server: Server | Fake, redis_logs: RedisMaker
) -> None:
    members(redis_logs, 1)
    one, two = members(redis_logs, 2, grace=60, hurry=0.05)
    filled(one, b"a")
    filled(two, b"b")
    for log in (one, two, one):
        log.tell({})
    forget(redis_server, one.name)
    assert lost(one, 1) is False
    come(lambda: lost(two, 2))
    assert refound(two, 2) is True


def test_one_who_comes_anew_does_not_found_an_empty_log_over_those_who_are_there(
    redis_server: Server | Fake, redis_logs: RedisMaker
) -> None:
    [log] = members(redis_logs, 1)
    filled(log, b"a")
    forget(redis_server, log.name)
    newcomer = redis_logs(grace=0.3)
    with ThreadPoolExecutor(1) as pool:
        founding = pool.submit(newcomer.found, {"version": "2"})
        come(lambda: lost(log, 1))
        assert not founding.done()
        assert refound(log, 1) is True
        assert founding.result(10)["version"] == "1"
    assert newcomer.end() == 1
    assert newcomer.kept() == log.kept()


def test_a_restarted_server_without_its_keys_is_founded_anew_by_who_has_them(
    server: StartServer, redis_logs: RedisMaker
) -> None:
    ours = server()
    one, two = members(redis_logs, 2, url=ours.url)
    filled(one, b"a", b"b", b"c")
    two.read(0, 2)
    ours.kill()
    ours.start()
    assert [come(lambda: lost(two, 2), LogGone), come(lambda: lost(one, 3), LogGone)] == [True, True]
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(refound, (one, two), (3, 2))) == [True, False]
    assert [entry.position for entry in two.append(b"d", 3)] == [4]


def test_what_a_restarted_server_lost_of_the_newest_is_brought_back_before_anybody_writes(
    server: StartServer, redis_logs: RedisMaker
) -> None:
    ours = server()
    one, two = members(redis_logs, 2, url=ours.url)
    filled(one, b"a", b"b")
    two.read(0)
    ours.client.save()
    filled(one, b"c", b"d")
    ours.kill()
    ours.start()
    with pytest.raises(LogGone):
        two.append(b"not yet", 2)
    come(lambda: lost(one, 4), LogGone)
    with pytest.raises(LogGone):
        two.append(b"not yet", 2)
    assert refound(one, 4) is True
    with pytest.raises(Behind):
        two.read(2)
    assert [entry.position for entry in two.append(b"e", 4)] == [5]
    assert payloads(one, 4) == [b"e"]


def test_one_who_was_away_while_the_others_went_on_without_what_it_had_takes_what_they_have(
    server: StartServer, redis_logs: RedisMaker
) -> None:
    ours = server()
    one, two = members(redis_logs, 2, url=ours.url)
    filled(one, b"a")
    ours.client.save()
    filled(two, b"never seen by the other")
    ours.kill()
    ours.start()
    entries = come(lambda: one.append(b"b", 1), LogGone)
    assert [entry.position for entry in entries] == [2]
    filled(one, b"c")
    with pytest.raises(HistoryLost):  # its position is there again, but it is another's
        two.read(2)
    assert refound(two, 2) is False
    assert two.kept() is None
    assert payloads(two) == [b"a", b"b", b"c"]


# --- hosts apart ------------------------------------------------------------------------------------

ACROSS = """
import json, sys
from voipbin_mock.replication.log import LogGone
from voipbin_mock.replication.redis_log import RedisLog
log, position = RedisLog(sys.argv[1], answer=0.2, grace=0), 0
log.found({})
print(json.dumps("there"), flush=True)
for line in sys.stdin:
    try:
        entries = log.append(line.strip().encode(), position)
        position = entries[-1].position
        print(json.dumps([entry.payload.decode() for entry in entries]), flush=True)
    except LogGone:
        print(json.dumps("gone"), flush=True)
"""


def _ip(*words: str) -> bool:
    try:
        return subprocess.run(["ip", *words], capture_output=True, timeout=10, check=False).returncode == 0
    except OSError:
        return False


@pytest.fixture
def other_host() -> Iterator[tuple[str, str, str]]:
    """A host of its own, joined to this one by a wire: its name, the address of this one, and the name of the wire."""
    number = free_port()
    name, wire, net = f"vm{number}", f"vm{number}a", f"198.18.{number % 256}"
    if not _ip("netns", "add", name):
        pytest.skip("no network namespace can be made here: that needs root and `ip`")
    try:
        made = (
            _ip("link", "add", wire, "type", "veth", "peer", "name", "far", "netns", name)
            and _ip("addr", "add", f"{net}.1/24", "dev", wire)
            and _ip("link", "set", wire, "up")
            and _ip("-n", name, "addr", "add", f"{net}.2/24", "dev", "far")
            and _ip("-n", name, "link", "set", "far", "up")
        )
        if not made:
            pytest.skip("no two network namespaces can be joined here")
        yield name, f"{net}.1", wire
    finally:
        _ip("link", "del", wire)
        _ip("netns", "del", name)


@needs_server
def test_a_host_that_is_cut_off_is_told_so_and_catches_up_when_it_is_back(
    other_host: tuple[str, str, str], server: StartServer
) -> None:
    host, address, wire = other_host
    ours = server("--protected-mode", "no", host=address)
    with closing(RedisLog(ours.url, grace=0)) as near:
        near.found(FACTS)
        command = ["ip", "netns", "exec", host, sys.executable, "-c", ACROSS, ours.url]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=Path.cwd()) as far:
            assert far.stdin is not None
            assert far.stdout is not None

            def say(text: str) -> object:
                far.stdin.write(text.encode() + b"\n")
                far.stdin.flush()
                return json.loads(far.stdout.readline())

            try:
                assert json.loads(far.stdout.readline()) == "there"
                assert say("far 1") == ["far 1"]
                assert _ip("link", "set", wire, "down")
                assert say("far, but cut off") == "gone"
                near.append(b"near", 1)
                assert _ip("link", "set", wire, "up")
                assert come(lambda: (said := say("far 2")) != "gone" and said) == ["near", "far 2"]
                assert payloads(near) == [b"far 1", b"near", b"far 2"]
            finally:
                far.stdin.close()
                far.kill()


def test_eight_waiting_threads_need_no_more_than_their_own_connections(redis_logs: RedisMaker) -> None:
    [log] = members(redis_logs, 1)
    start = threading.Barrier(8)

    def ask(number: int) -> bool:
        start.wait(10)
        return all(log.claim(f"{number} {step}") for step in range(5))

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(ask, range(8)))
