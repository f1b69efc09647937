"""Secrets: wherever one is sent, and in whatever form, no output shows it; and what is kept plays back all the same."""

from __future__ import annotations

import io
import json
import logging
import stat
import subprocess
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.processes import COMMAND, environment, facts_of, port_of, serving, stop, talk
from voipbin_mock import Mock, catalog
from voipbin_mock.command import main as cli
from voipbin_mock.command.logbook import Logbook
from voipbin_mock.edge.bundle import play

pytest_plugins = ["pytester"]

START = "2026-03-01T09:00:00Z"
PROFILES = pytest.mark.parametrize("profile", ["documented", "server"])
CANARY = "c4n4ry0815"
KEY = f"vb_{CANARY}-and-more-of-it"
JWT = f"eyJhbGciOiJIUzI1NiJ9.eyJ{CANARY}.c2ln"
NUMBER = 481516234200
ADDRESS = {"type": "tel", "target": "+12025550100"}
NAMES = ("password", "pwd", "pass", "pin", "userPin", "passcode", "token", "api_key", "apiKey", "client-secret", "otp")
URL = f"http://user:{CANARY}@127.0.0.1:1/hook?token={CANARY}&x=1"
HTML = f'<form><input type="password" name="password" value="{CANARY}"></form>'
MULTIPART = f'--b\r\nContent-Disposition: form-data; name="password"\r\n\r\n{CANARY}\r\n--b--\r\n'

names = st.sampled_from(NAMES)
held = st.sampled_from([CANARY, KEY, JWT, [CANARY], {"a": CANARY}, NUMBER])
# What is a secret by its look, or by what stands before it, in a member that is none.
texts = st.sampled_from([
    KEY, f"my key is {KEY}", JWT, URL, f"Bearer {CANARY}{CANARY}", f"password={CANARY}",
    f'see <{{"password": "{CANARY}"}}> & so on',
    f"Authorization: Basic {CANARY}", f"{{'pin': '{CANARY}'}}",
])  # fmt: skip
members = st.builds(lambda name, value: {name: value}, names, held) | st.builds(lambda text: {"detail": text}, texts)
objects = st.recursive(
    members, lambda inner: st.builds(lambda value: {"name": "x", "in": [value]}, inner), max_leaves=3
)


def unreadable(name: str) -> st.SearchStrategy[bytes]:
    pair = f'{{"username": "u", "{name}": "{CANARY}"'
    whole = pair + "}"
    return st.sampled_from([
        pair.encode(), whole.encode("utf-16"), whole.encode() + b"\xff", f"{name}={CANARY}&a=b".encode(),
        f"a=b; {name}={CANARY}".encode(), (whole + f' {{"{name}": "{CANARY}"}}').encode(), HTML.encode(),
        MULTIPART.encode(),
        f"[{whole},]".encode(), f'{{"{name}": "{CANARY}", "n": NaN}}'.encode(), KEY.encode(), URL.encode(),
    ])  # fmt: skip


bodies = objects.map(lambda value: json.dumps(value).encode()) | names.flatmap(unreadable)
queries = (
    st.builds(lambda name: f"{name}={CANARY}", names)
    | st.builds(lambda text: f"next={quote(text, safe='')}", texts)
    | st.just("page_size=1")
)
headers = st.sampled_from([
    {}, {"Authorization": f"Bearer {CANARY}"}, {"Authorization": f"Basic {CANARY}"}, {"Authorization": CANARY},
    {"Cookie": f"token={CANARY}; accesskey={KEY}"}, {"X-Api-Key": CANARY}, {"X-Auth": CANARY}, {"X-Note": KEY},
    {"Referer": URL},
])  # fmt: skip
paths = st.sampled_from([
    "/v1.0/agents", "/v1.0/customer", "/v1.0/outplans/", f"/v1.0/accesskeys/{KEY}", f"/v1.0/outplans/{JWT}",
    f"/v1.0/agents;token={CANARY}", f"/v1.0/nothing/{KEY}", "/auth/login", "/v1.0/accesskeys",
])  # fmt: skip
requests = st.tuples(st.sampled_from(["GET", "POST", "PUT", "DELETE"]), paths, queries, headers, bodies)


@contextmanager
def log() -> Iterator[Callable[[], str]]:
    """What a server would write of what happens inside."""
    book, stream, logger = Logbook(), io.StringIO(), logging.getLogger("voipbin_mock")
    logger.addHandler(book)
    before, logger.level = logger.level, logging.INFO
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("sys.stderr", stream)
            yield lambda: (book.close(), stream.getvalue())[1]  # type: ignore[func-returns-value]
    finally:
        book.close()
        logger.removeHandler(book)
        logger.level = before


def failure(ask: Callable[[], Any]) -> str:
    with pytest.raises(AssertionError) as failed:
        ask()
    return str(failed.value)


def outputs(mock: Mock) -> dict[str, str]:
    """Whatever tells of what was sent."""
    control = {"Host": "localhost"}
    told = {
        path: mock.client.get(f"/__mock__/{path}", headers=control).text
        for path in ("requests", "warnings", "coverage")
    }
    deliveries = mock.client.get("/__mock__/webhooks", headers=control).json["deliveries"]
    return {
        **told,
        "webhooks": json.dumps([{**each, "body": ""} for each in deliveries]),
        "report": mock.report(),
        "sections": str(list(mock.sections())),
        "assertion": failure(lambda: mock.journal.assert_called("PATCH", "/x", json={"name": "y"}, query={"a": "b"})),
        "order": failure(lambda: mock.journal.assert_order(["PATCH /x"])),
        "calls": repr(mock.requests),
        "python": str([warning.args for warning in mock.warnings]),
        "bundle": json.dumps(mock.bundle()),
    }


def assert_kept(told: dict[str, str]) -> None:
    shown = {name for name, text in told.items() if CANARY in text or str(NUMBER) in text}
    assert not shown, {name: told[name] for name in shown}


@PROFILES
@settings(max_examples=15, deadline=None)
@given(asked=st.lists(requests, min_size=1, max_size=4))
def test_no_output_shows_a_secret_that_was_sent_and_the_bundle_plays_back(profile: str, asked: Any) -> None:
    with log() as written, Mock(profile, clock=START, record=True, coverage=True) as mock, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        mock.door.observer = None
        for method, path, query, named, body in asked:
            client = mock.anonymous if "Authorization" in named or "Cookie" in named else mock.client
            client.open(path, method=method, query_string=query, headers=named, data=body)
        told = outputs(mock) | {"log": written() + "\n".join(line for call in mock.requests for line in call.explain())}
        assert_kept(told)
        again = list(play(json.loads(told["bundle"]), catalog.default()))
    assert len(again) == len(asked)
    assert [played.differences() for played in again if not played.same] == []


@PROFILES
def test_a_webhooks_address_and_what_a_receiver_raises_show_no_secret_and_play_back(profile: str) -> None:
    with log() as written, Mock(profile, clock=START, record=True, coverage=True, ignore="all") as mock:
        body = {"name": "n", "detail": "", "email": "", "phone_number": "", "address": "", "webhook_uri": URL}
        for method in ("POST", "PUT", "nonsense"):
            mock.client.put("/v1.0/customer", json={**body, "webhook_method": method})
        mock.client.get("/v1.0/customer")
        agent = {"username": "a@x.test", "password": CANARY, "name": "", "detail": "", "ring_method": "ringall"}
        mock.client.post("/v1.0/agents", json={**agent, "permission": 0, "tag_ids": [], "addresses": [ADDRESS]})

        def receiver(webhook: Any) -> None:
            raise ValueError(f"token={CANARY} at {URL}")

        mock.webhooks.connect(receiver)
        mock.client.post(
            "/v1.0/agents",
            json={**agent, "username": "b@x.test", "permission": 0, "tag_ids": [], "addresses": [ADDRESS]},
        )
        for _ in range(10):  # a machine that is busy may take longer than one flush waits
            mock.webhooks.flush()
            if mock.webhooks.report():
                break
        told = outputs(mock) | {"webhook report": mock.webhooks.report(), "log": written()}
        assert "-> failed" in told["log"]
        assert_kept(told)
        again = list(play(json.loads(told["bundle"]), catalog.default()))
    assert [played.differences() for played in again if not played.same] == []


def test_what_a_test_expects_is_told_without_the_secret_in_it() -> None:
    with Mock() as mock:
        mock.client.post("/v1.0/tags", json={"name": "x", "detail": KEY})
        wanted: list[dict[str, Any]] = [
            {"json": {"password": CANARY}}, {"json": {"detail": URL}}, {"query": {"token": CANARY}}, {"body": HTML},
            {"headers": {"authorization": CANARY}}, {"query": {"next": URL}},
        ]  # fmt: skip
        for filters in wanted:
            assert_kept({"told": failure(lambda filters=filters: mock.journal.assert_called(**filters))})  # type: ignore[misc]
        assert_kept({"told": failure(lambda: mock.journal.assert_called("GET", f"/accesskeys/{KEY}"))})
        with pytest.warns(match="cleared-member"):
            mock.client.put("/v1.0/customer", json={"webhook_uri": URL, "webhook_method": "POST"})
        with pytest.warns(match="cleared-member"):
            mock.client.put("/v1.0/customer", json={"name": "n"})
        assert_kept({"warnings": str([str(warning) for warning in mock.warnings])})


def test_neither_a_servers_log_nor_ctl_shows_one() -> None:
    with serving("--port", "0", "--json") as server:
        facts = facts_of(server)
        port, key = port_of(facts), facts["accesskey"]
        for line, body in (
            (f"GET /v1.0/accesskeys/{KEY}?accesskey={key}", ""),
            (f"GET http://u:{CANARY}@127.0.0.1:{port}/v1.0/me?token={CANARY}", ""),
            (f"PUT /v1.0/customer?accesskey={key}", json.dumps({"webhook_uri": URL, "webhook_method": "POST"})),
            (f"POST /v1.0/agents?accesskey={key}", json.dumps({"username": URL, "password": CANARY, "pin": NUMBER})),
            (f"POST /v1.0/tags?accesskey={key}", f"{KEY} {HTML}"),
        ):
            head = (
                f"{line} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n"
            )
            talk(port, (head + body).encode())
        told = {}
        for words in (["requests"], ["warnings"]):
            command = [*COMMAND, "ctl", "--url", facts["control_url"], *words]
            done = subprocess.run(command, capture_output=True, text=True, timeout=30, env=environment(), check=True)
            told[words[0]] = done.stdout + done.stderr
        code, told["log"] = stop(server)
        assert code == 0
        assert "/v1.0/agents" in told["log"]
        assert_kept(told)


def test_a_failing_tests_report_shows_none_and_its_bundle_is_for_its_owner_alone(
    pytester: pytest.Pytester, capsys: pytest.CaptureFixture[str]
) -> None:
    pytester.makepyfile(
        f"""
        def test_it(voipbin):
            for n in range(2):
                voipbin.client.get("/v1.0/accesskeys/{KEY}?token={CANARY}")
                voipbin.client.post("/v1.0/agents", data=b'{{"pwd": "{CANARY}"')
                voipbin.client.put("/v1.0/customer", json={{"webhook_uri": "{URL}"}})
            0 / 0
        """
    )
    folder = pytester.path / "bundles"
    for _ in range(2):  # a file that everybody can read is not written into
        result = pytester.runpytest_inprocess(
            "-W", "ignore", "--voipbin-mock-bundle=bundles", "-p", "no:randomly", "--tb=no"
        )
        result.assert_outcomes(failed=1)
        (path,) = folder.iterdir()
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert_kept({"report": result.stdout.str(), "bundle": path.read_text()})
        path.chmod(0o644)
    assert cli.main(["replay", str(path)]) == 0
    assert_kept({"replay": capsys.readouterr().out})


def test_what_is_no_secret_stays_readable() -> None:
    with Mock(clock=START) as mock:
        body = {"name": "shipping, typing and passing", "detail": "see https://x.test/a@b?page_token=1&keynote=2: ok"}
        mock.client.post("/v1.0/tags?page_token=1", json=body)
        (call,) = mock.requests
        assert (call.json, call.query) == (body, "page_token=1")
        assert mock.accesskey.startswith("vb_voipbin")
        shown = mock.client.get("/v1.0/accesskeys").json["result"][0]["token_prefix"]
        assert shown in mock.requests[-1].reply_body.decode(), "the beginning of a key that the service itself shows"


def test_old_bundles_with_secrets_in_them_are_shown_without(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Mock(clock=START, record=True) as mock:
        mock.client.get("/v1.0/me")
        bundle = mock.bundle()
    bundle["steps"][1]["answer"]["body"] = json.dumps({"password": CANARY})
    (tmp_path / "bundle.json").write_text(json.dumps(bundle))
    assert cli.main(["replay", str(tmp_path / "bundle.json")]) == 1
    assert_kept({"replay": capsys.readouterr().out})
