"""What every log promises, whatever keeps it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from voipbin_mock.replication.log import Behind, Kept, Log

LogMaker = Callable[[], Log]


def filled(log: Log, *payloads: bytes) -> None:
    for payload in payloads:
        log.append(payload, log.end())


def test_the_first_to_come_founds_it_and_the_others_are_told_its_facts(log_maker: LogMaker) -> None:
    one, two = log_maker(), log_maker()
    facts = one.found({"version": "1"})
    assert facts == two.found({"version": "2"})
    assert facts["version"] == "1"
    assert isinstance(facts["founded"], int)
    assert one.end() == two.end() == 0
    assert list(one.read(0)) == []
    assert one.kept() is None


def test_what_is_appended_is_read_in_order_and_to_the_byte(log_maker: LogMaker) -> None:
    log, payloads = log_maker(), [b"one", b"", bytes(range(256)), b"\r\n$5\r\n", "späť".encode()]
    filled(log, *payloads)
    entries = log.read(0)
    assert [entry.payload for entry in entries] == payloads
    assert [entry.position for entry in entries] == [1, 2, 3, 4, 5]
    moments = [entry.moment for entry in entries]
    assert moments == sorted(moments)
    assert moments[0] >= log.found({})["founded"]
    assert [entry.payload for entry in log.read(1, 2)] == payloads[1:3]
    assert list(log.read(5)) == []
    assert log.end() == 5


def test_an_append_gives_what_others_wrote_before_it(log_maker: LogMaker) -> None:
    one, two = log_maker(), log_maker()
    filled(one, b"a", b"b")
    entries = two.append(b"c", 0)
    assert [entry.payload for entry in entries] == [b"a", b"b", b"c"]
    assert list(one.read(0)) == list(entries)
    assert [entry.payload for entry in one.append(b"d", 2)] == [b"c", b"d"]


def test_entries_that_a_kept_state_holds_are_cut(log_maker: LogMaker) -> None:
    one, two = log_maker(), log_maker()
    filled(one, *(b"%d" % number for number in range(6)))
    state = Kept(4, one.read(3, 1)[0].moment, b"{}" * 1000)
    one.keep(state)
    assert two.kept() == state
    for ask in (lambda: two.read(0), lambda: two.read(3), lambda: two.append(b"x", 2)):
        with pytest.raises(Behind):
            ask()
    assert [entry.payload for entry in two.read(4)] == [b"4", b"5"]
    assert [entry.payload for entry in two.append(b"6", 4)] == [b"4", b"5", b"6"]
    one.keep(Kept(7, state.moment, b"all"))
    assert list(two.read(7)) == []
    assert [entry.position for entry in two.append(b"7", 7)] == [8]


def test_a_state_may_be_kept_before_there_is_any_entry(log_maker: LogMaker) -> None:
    log = log_maker()
    state = Kept(0, log.found({})["founded"], b"a seed")
    log.keep(state)
    assert log.kept() == state
    assert [entry.position for entry in log.append(b"a", 0)] == [1]


def test_one_who_waits_is_woken_by_what_another_writes(shared_log_maker: LogMaker) -> None:
    one, two = shared_log_maker(), shared_log_maker()
    assert two.wait(0, 0) is False
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(two.wait, 0, 30)
        one.append(b"a", 0)
        assert waiting.result(10) is True
    assert two.end() == 1
    assert two.wait(0, 30) is True  # it is there already


def test_one_who_waits_is_let_go_when_the_log_is_closed(shared_log_maker: LogMaker) -> None:
    log, begun = shared_log_maker(), threading.Event()

    def wait() -> bool:
        begun.set()
        return log.wait(0, 30)

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(wait)
        begun.wait(10)
        log.close()
        assert waiting.result(5) is False


def test_one_leads_until_it_leaves(shared_log_maker: LogMaker) -> None:
    one, two = shared_log_maker(), shared_log_maker()
    assert [one.lead(), two.lead(), one.lead()] == [True, False, True]
    one.close()
    assert two.lead() is True


def test_of_many_who_claim_the_same_one_has_it(log_maker: LogMaker) -> None:
    logs, start = [log_maker() for _ in range(2)], threading.Barrier(8)

    def claim(number: int) -> bool:
        start.wait(10)
        return logs[number % 2].claim("webhook 1")

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(claim, range(8))) == [False] * 7 + [True]
    assert logs[0].claim("webhook 2") is True


def test_processes_know_what_the_others_tell(shared_log_maker: LogMaker) -> None:
    one, two = shared_log_maker(), shared_log_maker()
    one.tell({"id": "one", "position": 1})
    two.tell({"id": "two"})
    one.tell({"id": "one", "position": 2})
    assert sorted(two.replicas(), key=str) == [{"id": "one", "position": 2}, {"id": "two"}]
    one.close()
    assert list(two.replicas()) == [{"id": "two"}]
