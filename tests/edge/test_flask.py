"""The mock as a Flask app: what people do with such apps works, and nobody sees the short way round Flask."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.client import HTTPException
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import flask
import hypothesis
import pytest
from hypothesis import strategies as st
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.routing import BuildError
from werkzeug.test import Client, EnvironBuilder

import voipbin_mock
from tests.benchmarks.floors import BODY
from tests.benchmarks.on_socket import free_port, wait_for
from tests.conftest import NINE
from tests.world.test_timers import wait_until
from voipbin_mock import Mock
from voipbin_mock.api.catalog import catalog_of
from voipbin_mock.delivery.websockets import Sockets
from voipbin_mock.edge.pipeline import WARNING_HEADER
from voipbin_mock.interception import patches
from voipbin_mock.wire.values import Disruption
from voipbin_mock.world.ticker import Ticker

PATH = "/v1.0/outplans"
PROFILES = ("documented", "server")


@pytest.fixture(params=PROFILES)
def app(request: pytest.FixtureRequest) -> Iterator[flask.Flask]:
    app = voipbin_mock.create_app(profile=request.param, clock=NINE, ignore="all")
    yield app
    mock_of(app).close()


def mock_of(app: flask.Flask) -> Mock:
    mock: Mock = app.extensions["voipbin_mock"]
    return mock


def created(client: Any, mock: Mock, **more: Any) -> Any:
    return client.post(PATH, json=BODY, headers={**mock.headers, **more})


# --- what it is ----------------------------------------------------------------------------------


def test_it_is_a_flask_app_with_the_mock_in_it(app: flask.Flask) -> None:
    mock = mock_of(app)
    assert isinstance(app, flask.Flask)
    assert isinstance(mock, Mock)
    assert mock.app is app
    assert app.extensions.get("voipbin_mock") is mock
    reply = created(app.test_client(), mock)
    assert reply.status_code == 200
    assert mock.outplans.get(reply.json["id"]).name == BODY["name"]
    assert len(mock.requests) == 1


def test_it_takes_the_settings_of_a_mock_and_keeps_it_alive() -> None:
    app = voipbin_mock.create_app("server", seed="tutorial", clock=NINE, random_seed=7)
    assert mock_of(app).world.profile.name == "server"
    assert mock_of(app).now.year == 2026
    with pytest.raises(voipbin_mock.MockUsageError):
        voipbin_mock.create_app(profile="other")
    with pytest.raises(TypeError):
        voipbin_mock.create_app(unknown=1)


def test_a_world_alone_can_have_one() -> None:
    world = Mock().world
    app = voipbin_mock.create_app(world)  # type: ignore[arg-type]
    assert isinstance(app, flask.Flask)
    assert app.test_client().get("/ping").status_code == 200


def test_serving_needs_no_framework_and_no_token_library() -> None:
    text = """
import socket, sys
from voipbin_mock import Mock
mock = Mock(seed="tutorial")
server = mock.serve()
with socket.create_connection(("127.0.0.1", server.port)) as to:
    target = f"/v1.0/outplans?accesskey={mock.accesskey}"
    to.sendall(f"GET {target} HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n".encode())
    assert to.recv(65536).startswith(b"HTTP/1.1 200 OK")
mock.close()
dear = {"flask", "werkzeug", "jinja2", "jwt", "cryptography", "asyncio", "http.client", "ssl", "jsonschema", "email"}
assert not dear & sys.modules.keys(), dear & sys.modules.keys()
"""
    subprocess.run([sys.executable, "-c", text], check=True)


def test_the_app_of_a_mock_is_made_when_it_is_asked_for() -> None:
    text = (
        "import sys; from voipbin_mock import Mock; mock = Mock(); mock.client.get('/ping'); "
        "assert 'flask' not in sys.modules; mock.app; assert 'flask' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", text], check=True)
    with Mock() as mock:
        assert mock.app is mock.app
        assert mock.app.extensions["voipbin_mock"] is mock


def test_an_app_whose_mock_is_gone_says_so() -> None:
    app = Mock().app
    assert app.test_client().get("/ping").status_code == 200
    assert "voipbin_mock" in app.extensions
    with pytest.raises(ReferenceError, match="create_app"):
        app.extensions["voipbin_mock"]


def test_nothing_is_intercepted() -> None:
    from http.client import HTTPConnection

    patches._INTERCEPTION._over()  # should threads of other tests go on
    before = HTTPConnection.connect.__code__
    app = voipbin_mock.create_app()
    assert HTTPConnection.connect.__code__ is before
    with mock_of(app):
        assert HTTPConnection.connect.__code__ is not before
    patches._INTERCEPTION._over()
    assert HTTPConnection.connect.__code__ is before


# --- routes --------------------------------------------------------------------------------------


def test_every_operation_has_a_rule(app: flask.Flask) -> None:
    world = mock_of(app).world
    operations = {
        (o.method, re.sub(r"\{([\w-]+)\}", lambda name: f"<{name[1].replace('-', '_')}>", o.template))
        for o in catalog_of(world).operations
        if o.served_by(world.profile)
    }
    rules = list(app.url_map.iter_rules())
    assert {(method, rule.rule) for rule in rules for method in rule.methods or ()} == operations
    assert len({rule.endpoint for rule in rules}) == len(rules) == len(operations)
    assert all(re.fullmatch(r"[a-z0-9_.]+", rule.endpoint) for rule in rules)
    by_endpoint = {rule.endpoint: rule for rule in rules}
    assert by_endpoint["outplans.get"].rule == "/v1.0/outplans/<id>"
    assert by_endpoint["control.post_clock"].rule == "/__mock__/clock"
    assert {"openapi", "ws", "ping"} <= by_endpoint.keys()


def test_every_path_is_found_with_the_ids_in_it(app: flask.Flask) -> None:
    world = mock_of(app).world
    for operation in catalog_of(world).operations:
        names = re.findall(r"\{([\w-]+)\}", operation.template)
        values = [*operation.words[:1], *(f"c0ffee00-0000-4000-8000-00000000000{n}" for n in range(9))][: len(names)]
        path = operation.template
        for name, value in zip(names, values, strict=True):
            path = path.replace(f"{{{name}}}", value)
        if operation.served_by(world.profile):
            with app.test_request_context(path, method=operation.method):
                assert list((flask.request.view_args or {}).values()) == values, operation.label


def test_rules_are_made_when_somebody_asks(app: flask.Flask) -> None:
    app.before_request(lambda: None)
    created(app.test_client(), mock_of(app))
    assert len(app.url_map._made) == 1  # type: ignore[attr-defined]


def test_addresses_are_built(app: flask.Flask) -> None:
    app.add_url_rule("/mine/<int:number>", "mine", lambda number: str(number))
    with app.test_request_context("/"):
        assert flask.url_for("outplans.get", id="7") == "/v1.0/outplans/7"
        assert flask.url_for("targets.get", id="7", target_id="8") == "/v1.0/outdials/7/targets/8"
        assert (
            flask.url_for("outplans.list", page_size=3, _external=True) == "http://localhost/v1.0/outplans?page_size=3"
        )
        assert flask.url_for("mine", number=3) == "/mine/3"
        with pytest.raises(BuildError):
            flask.url_for("outplans.got")
        with pytest.raises(BuildError):
            flask.url_for("outplans.get")
    app.config["SERVER_NAME"] = "mock.test"
    with app.app_context():
        assert flask.url_for("ping") == "http://mock.test/ping"
    assert app.url_map.is_endpoint_expecting("outplans.get", "id")
    assert [rule.rule for rule in app.url_map.iter_rules("ping")] == ["/ping"]
    assert "/v1.0/outplans" in repr(app.url_map)


def test_rules_of_the_user_win_where_they_match(app: flask.Flask) -> None:
    mock = mock_of(app)
    blueprint = flask.Blueprint("extra", __name__, url_prefix="/extra")
    blueprint.add_url_rule("/who", "who", lambda: {"endpoint": flask.request.endpoint})
    app.register_blueprint(blueprint)
    app.add_url_rule("/hello", "hello", lambda: "hello", strict_slashes=True)
    app.add_url_rule(f"{PATH}/<id>", "instead", lambda id: {"mine": id}, methods=["GET"])
    client = app.test_client()
    assert client.get("/extra/who").json == {"endpoint": "extra.who"}
    assert client.get("/hello").text == "hello"
    assert client.post("/hello").status_code == 405
    assert client.get(f"{PATH}/5").json == {"mine": "5"}
    made = created(client, mock).json["id"]
    assert client.delete(f"{PATH}/{made}", headers=mock.headers).json["id"] == made
    assert client.get(PATH, headers=mock.headers).status_code == 200
    assert client.get("/nowhere").json["error"]["reason"] == "ROUTE_NOT_FOUND"


@pytest.mark.parametrize(
    ("code", "phrase"),
    [(203, "NON AUTHORITATIVE INFORMATION"), (413, "REQUEST ENTITY TOO LARGE"), (418, "I'M A TEAPOT")],
)
def test_statuses_are_worded_as_flask_words_them(code: int, phrase: str) -> None:
    mock = Mock()
    mock.stub("GET /ping", status=code)
    assert mock.client.get("/ping").status == mock.app.test_client().get("/ping").status == f"{code} {phrase}"


def test_a_view_can_be_replaced(app: flask.Flask) -> None:
    with pytest.raises(AssertionError, match="overwriting"):
        app.add_url_rule("/x", "outplans.list", lambda: "x")

    @app.endpoint("ping")
    def ping() -> str:
        return "mine"

    assert app.test_client().get("/ping").text == "mine"
    assert callable(app.view_functions["outplans.list"])
    assert "outplans.list" in app.view_functions
    assert app.view_functions.get("no") is None
    assert dict(app.view_functions.items()).keys() == set(app.view_functions) == {*app.view_functions.keys()}
    assert len(app.view_functions) == len(list(app.view_functions.values())) > 90


# --- hooks ---------------------------------------------------------------------------------------


def test_hooks_see_requests_and_answers(app: flask.Flask) -> None:
    mock, seen = mock_of(app), []

    @app.before_request
    def before() -> None:
        request = flask.request
        flask.g.name = request.get_json(silent=True) and request.json["name"]
        seen.append((request.endpoint, request.url_rule and request.url_rule.rule, request.view_args))

    @app.after_request
    def after(response: flask.Response) -> flask.Response:
        response.headers["X-Mine"] = f"{flask.g.name} {len(flask.request.get_data())}"
        return response

    @app.teardown_request
    def teardown(error: BaseException | None) -> None:
        seen.append(error)

    client = app.test_client()
    reply = created(client, mock)
    assert reply.status_code == 200
    assert reply.headers["X-Mine"] == f"{BODY['name']} {reply.request.content_length}"
    made = reply.json["id"]
    assert client.get(f"{PATH}/{made}", headers=mock.headers).json["id"] == made
    assert client.get("/nowhere").status_code == 404
    assert seen == [
        ("outplans.create", PATH, {}), None,
        ("outplans.get", f"{PATH}/<id>", {"id": made}), None,
        (None, None, None), None,
    ]  # fmt: skip


def test_a_hook_answers_in_the_mocks_place(app: flask.Flask) -> None:
    app.before_request(lambda: ("closed", 503) if "closed" in flask.request.args else None)
    client, mock = app.test_client(), mock_of(app)
    assert client.get(f"{PATH}?closed").status_code == 503
    assert not mock.requests
    assert client.get("/ping").status_code == 200


def test_an_answer_can_be_rewritten(app: flask.Flask) -> None:
    @app.after_request
    def shout(response: flask.Response) -> flask.Response:
        response.set_data(response.get_data().upper())
        return response

    assert app.test_client().get("/nowhere").json["ERROR"]["REASON"] == "ROUTE_NOT_FOUND"


def test_signals_are_sent(app: flask.Flask) -> None:
    heard: list[Any] = []

    def listen(sender: flask.Flask, **more: Any) -> None:
        heard.append((sender, flask.request.endpoint, sorted(more)))

    with flask.request_started.connected_to(listen, app), flask.request_finished.connected_to(listen, app):
        app.test_client().get("/ping")
    app.test_client().get("/ping")
    assert heard == [(app, "ping", []), (app, "ping", ["response"])]


def test_errors_are_handled(app: flask.Flask) -> None:
    app.add_url_rule("/broken", "broken", lambda: 1 / 0)
    app.add_url_rule("/gone", "gone", lambda: flask.abort(410))
    app.register_error_handler(ZeroDivisionError, lambda error: ("divided", 418))
    app.register_error_handler(410, lambda error: ("was here", 410))
    client = app.test_client()
    assert client.get("/broken").text == "divided"
    assert client.get("/gone").text == "was here"
    assert client.get("/nowhere").json["error"]["reason"] == "ROUTE_NOT_FOUND"  # nobody handles that
    assert client.get(f"{PATH}/no", headers=mock_of(app).headers).status_code == 400  # an answer, and no error


def test_an_unknown_address_is_flasks_not_found(app: flask.Flask) -> None:
    app.register_error_handler(404, lambda error: (f"no {flask.request.path}", error.code))
    client, mock = app.test_client(), mock_of(app)
    assert client.get("/nowhere").text == "no /nowhere"
    assert mock.requests[-1].reason == "ROUTE_NOT_FOUND"
    missing = client.get(f"{PATH}/00000000-0000-4000-8000-000000000001", headers=mock.headers)
    assert missing.json["error"]["reason"] == "OUTPLAN_NOT_FOUND"


def test_an_error_without_a_handler_is_a_plain_500(app: flask.Flask) -> None:
    app.add_url_rule("/broken", "broken", lambda: 1 / 0)
    assert app.test_client().get("/broken").status_code == 500
    app.testing = True
    with pytest.raises(ZeroDivisionError):
        app.test_client().get("/broken")


def test_hooks_come_before_the_first_request(app: flask.Flask) -> None:
    app.test_client().get("/ping")
    with pytest.raises(AssertionError, match="before_request"):
        app.before_request(lambda: None)


def test_middleware(app: flask.Flask) -> None:
    inner, paths = app.wsgi_app, []

    def middleware(environ: Any, start_response: Any) -> Any:
        paths.append(environ["PATH_INFO"])
        return inner(
            environ, lambda status, headers, *rest: start_response(status, [*headers, ("X-Outer", "1")], *rest)
        )

    app.wsgi_app = middleware  # type: ignore[method-assign]
    assert created(app.test_client(), mock_of(app)).headers["X-Outer"] == "1"
    assert mock_of(app).client.get("/ping").headers["X-Outer"] == "1"
    assert paths == [PATH, "/ping"]


def test_it_can_be_mounted(app: flask.Flask) -> None:
    mock, client = mock_of(app), Client(DispatcherMiddleware(flask.Flask("outer"), {"/voipbin": app}))
    assert client.get(f"/voipbin{PATH}", headers=mock.headers).status_code == 200
    assert client.get("/voipbin/__mock__/health", headers={"Host": "localhost"}).status_code == 200
    assert client.get("/voipbin/nowhere").json["error"]["reason"] == "ROUTE_NOT_FOUND"
    based = Client(app)
    assert based.get("/outplans", base_url="http://localhost/v1.0", headers=mock.headers).status_code == 200
    slash = client.get(f"/voipbin{PATH}/", headers=mock.headers)
    if slash.status_code == 301:
        assert slash.headers["Location"] == f"/voipbin{PATH}"


# --- contexts, config, commands ------------------------------------------------------------------


def test_contexts(app: flask.Flask) -> None:
    mock = mock_of(app)
    with app.test_client() as client:
        created(client, mock)
        assert flask.request.endpoint == "outplans.create"
        assert flask.request.json == BODY
        assert flask.current_app == app
        flask.g.mine = 1
    with app.test_request_context(f"{PATH}/7?a=b", method="PUT"):
        assert flask.request.endpoint == "outplans.update"
        assert flask.request.view_args == {"id": "7"}
        assert flask.request.args["a"] == "b"
    assert not flask.has_request_context()


def test_a_user_has_sessions_of_flask(app: flask.Flask) -> None:
    app.config["SECRET_KEY"] = "secret"
    app.add_url_rule("/set", "set", lambda: flask.session.setdefault("name", "me"))
    app.add_url_rule("/get", "get", lambda: flask.session["name"])
    client = app.test_client()
    client.get("/set")
    assert client.get("/ping").status_code == 200
    assert client.get("/get").text == "me"


@pytest.mark.skipif("TRUSTED_HOSTS" not in flask.Flask.default_config, reason="Flask asks since 3.1")
def test_trusted_hosts_are_asked(app: flask.Flask) -> None:
    app.config["TRUSTED_HOSTS"] = ["good.test"]
    assert app.test_client().get("/ping", base_url="http://good.test").status_code == 200
    assert app.test_client().get("/ping", base_url="http://bad.test").status_code == 400


def test_a_step_that_is_replaced_is_called(app: flask.Flask) -> None:
    plain = app.full_dispatch_request
    calls = []

    def counted() -> flask.Response:
        calls.append(flask.request.path)
        return plain()

    app.full_dispatch_request = counted  # type: ignore[method-assign]
    app.test_client().get("/ping")
    assert calls == ["/ping"]


def test_commands_of_the_app(app: flask.Flask) -> None:
    app.cli.command("hello")(lambda: print("hello"))  # noqa: T201
    runner = app.test_cli_runner()
    assert "hello" in runner.invoke(args=["hello"]).output
    assert app.make_shell_context()["app"] is app


def flask_command(*arguments: str, **named: Any) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "flask", "--app", "voipbin_mock", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60, **named)


def test_flask_routes() -> None:
    listed = flask_command("routes").stdout.splitlines()
    rules = {tuple(line.split()) for line in listed[2:]}
    assert ("outplans.get", "GET", "/v1.0/outplans/<id>") in rules
    assert ("control.put_state", "PUT", "/__mock__/state") in rules
    world = Mock().world
    assert len(rules) == sum(operation.served_by(world.profile) for operation in catalog_of(world).operations)


def test_flask_shell() -> None:
    said = flask_command("shell", input="print(app.extensions['voipbin_mock'].accesskey)\n").stdout
    assert Mock().accesskey in said


def served(command: list[str], port: int) -> Iterator[str]:
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
        try:
            wait_for(f"http://127.0.0.1:{port}")
            yield f"http://127.0.0.1:{port}"
        finally:
            running.terminate()


def ask_it(origin: str) -> None:
    import requests

    base = origin + PATH
    made = requests.post(base, json=BODY, params={"accesskey": Mock().accesskey}, timeout=10)
    assert made.status_code == 200
    listed = requests.get(base, params={"accesskey": Mock().accesskey}, timeout=10).json()["result"]
    assert [row["id"] for row in listed] == [made.json()["id"]]
    # What befalls connections does so for real, where the server lets us at its socket.
    for fault in ({"kind": "refuse"}, {"kind": "reset"}, {"kind": "truncate", "after": 3}):
        planned = requests.post(f"{origin}/__mock__/faults", json={**fault, "on": "GET /ping", "times": 1}, timeout=10)
        assert planned.status_code == 200, planned.text
        with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
            requests.get(f"{origin}/ping", timeout=10)
    assert requests.get(f"{origin}/ping", timeout=10).json() == {"message": "pong"}


def test_flask_run() -> None:
    port = free_port()
    command = [sys.executable, "-m", "flask", "--app", "voipbin_mock", "run", "--port", str(port)]
    for origin in served(command, port):
        ask_it(origin)


@pytest.mark.skipif(importlib.util.find_spec("gunicorn") is None, reason="gunicorn is not installed")
def test_gunicorn() -> None:
    port = free_port()
    for origin in served(
        [
            sys.executable,
            "-m",
            "gunicorn",
            "--bind",
            f"127.0.0.1:{port}",
            "--threads",
            "4",
            "voipbin_mock:create_app()",
        ],
        port,
    ):
        ask_it(origin)


@pytest.mark.parametrize("call", ["create_app()", "create_app(profile='server', clock='2026-03-01')"])
def test_it_is_found_as_gunicorn_finds_it(call: str) -> None:
    """Its `import_app`: the name is parsed, looked up with getattr, and called with literals."""
    (expression,) = [node.value for node in ast.parse(call).body if isinstance(node, ast.Expr)]
    assert isinstance(expression, ast.Call)
    assert isinstance(expression.func, ast.Name)
    factory = getattr(importlib.import_module("voipbin_mock"), expression.func.id)
    app = factory(**{word.arg: ast.literal_eval(word.value) for word in expression.keywords})
    assert callable(app)


# --- servers -------------------------------------------------------------------------------------


class _Silent(WSGIRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Nothing is said."""


def tickers() -> int:
    return sum(thread.name == "voipbin-mock-ticker" for thread in threading.enumerate())


def test_time_passes_where_it_is_served() -> None:
    """A call that was dialled rings, is answered and ends, although no further request comes."""
    import requests

    app = voipbin_mock.create_app(speed=3600, ignore="all")
    mock = mock_of(app)
    mock.phone("*").script(voipbin_mock.Answer("30s"))
    plan, outdial = mock.outplans.create(dial_timeout=30_000, max_try_count_0=1), mock.outdials.create(name="x")
    mock.targets.create(outdial_id=outdial.id, destination_0={"type": "tel", "target": "+15550000001"})
    campaign = mock.campaigns.create(outplan_id=plan.id, outdial_id=outdial.id)
    app.test_client().get("/ping")
    assert not mock.world.has(Ticker)
    server = make_server("127.0.0.1", 0, app, handler_class=_Silent)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        url = f"http://127.0.0.1:{server.server_port}/v1.0/campaigns/{campaign.id}/status"
        assert requests.put(url, json={"status": "run"}, headers=mock.headers, timeout=10).status_code == 200
        assert tickers() == 1
        wait_until(lambda: [row.data["status"] for row in mock.world.store["campaigncalls"]] == ["done"])
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        mock.close()
    assert tickers() == 0


def test_the_live_server_goes_through_the_app() -> None:
    import requests

    with Mock() as mock:
        server = mock.serve()
        assert requests.get(f"{server.origin}/ping", timeout=10).status_code == 200
        mock.app.after_request(lambda response: (response.headers.update({"X-Mine": "1"}), response)[1])
        assert requests.get(f"{server.origin}/ping", timeout=10).headers["X-Mine"] == "1"
        assert mock.client.get("/ping").headers["X-Mine"] == "1"


@pytest.mark.parametrize("profile", PROFILES)
def test_websockets_and_broken_answers_go_through_the_app(profile: str) -> None:
    import requests
    import simple_websocket

    with Mock(profile, ignore="all") as mock:
        mock.app.before_request(lambda: None)
        mock.serve()
        url = mock.url.replace("http://", "ws://")
        socket = simple_websocket.Client(f"{url}/ws?token={mock.token}")
        customer = mock.world.owner
        socket.send(flask.json.dumps({"type": "subscribe", "topics": [f"customer_id:{customer}:number"]}))
        wait_until(lambda: any(mock.world.part(Sockets).listed()))
        mock.client.post("/v1.0/numbers", json={"number": "+899100000001", "type": "virtual"})
        assert "+899100000001" in str(socket.receive(10))
        socket.close()
        socket.thread.join(10)
        mock.faults.reset("GET /ping")
        mock.faults.truncate("GET /ping")
        for error in (requests.exceptions.ConnectionError, requests.exceptions.ChunkedEncodingError):
            with pytest.raises(error):
                requests.get(f"{mock.origin}/ping", timeout=10)
        assert requests.get(f"{mock.origin}/ping", timeout=10).status_code == 200


def test_sessions_and_control_go_through_the_app(app: flask.Flask) -> None:
    seen = []
    app.before_request(lambda: seen.append((flask.request.script_root, flask.request.path, flask.request.endpoint)))
    client, mock = app.test_client(), mock_of(app)
    created(client, mock, **{"X-VoIPBIN-Mock-Session": "one"})
    listed = client.get(f"/__session__/one{PATH}?accesskey={mock.accesskey}").json["result"]
    assert len(listed) == 1
    assert not mock.outplans.list()
    assert client.get("/__session__/!/ping").status_code == 400
    assert client.get("/__mock__/sessions").status_code == 200
    app.control = voipbin_mock.edge.pipeline.ControlPolicy(enabled=False)  # type: ignore[attr-defined]
    assert client.get("/__mock__/sessions").status_code == 403
    assert seen[:2] == [("", PATH, "outplans.create"), ("/__session__/one", PATH, "outplans.list")]


# --- the short way -------------------------------------------------------------------------------

METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS")
PATHS = (
    PATH, f"{PATH}/", f"{PATH}/7", f"/{PATH}", "/ping", "/openapi.json", "/nowhere", "/", "/__mock__/clock",
    "/__mock__/nothing", "/auth/login", "/v1.0/ws", f"/__session__/k{PATH}", "/__session__/k", "/__session__/!/ping",
    f"{PATH}/00000000-0000-4000-8000-000000000001", "/v1.0/größe", "/v1.0/%2e%2e/x", "//ping",
)  # fmt: skip
HEADERS: dict[str, st.SearchStrategy[str]] = {
    "Host": st.sampled_from(["localhost", "api.voipbin.net", "bad host", "", "[::1]:80", "a" * 70 + ".test"]),
    "Origin": st.sampled_from(["http://localhost", "https://elsewhere.test"]),
    "X-Request-Id": st.sampled_from(["req_1", "not an id"]),
    "Cookie": st.sampled_from(["token=x", "a=b; c=d"]),
    "Content-Type": st.sampled_from(["application/json", "text/plain", "application/x-www-form-urlencoded"]),
    "Transfer-Encoding": st.just("chunked"),
    "Connection": st.just("Upgrade"),
    "Upgrade": st.just("websocket"),
    "X-VoIPBIN-Mock-Session": st.sampled_from(["k", "other", "?"]),
}
BODIES = st.sampled_from(
    [b"", b"{}", b"[", flask.json.dumps(BODY).encode(), b'{"name":1,"strange":2}', b"a=b", b"\xff"]
)


def both_ways(profile: str, prepare: Callable[[Mock], object] = lambda mock: None) -> list[tuple[Mock, flask.Flask]]:
    ways = []
    for hooked in (False, True):
        mock = Mock(profile, clock=NINE, random_seed=3)
        prepare(mock)
        if hooked:
            mock.app.before_request(lambda: None)
            mock.app.teardown_request(lambda error: None)
        ways.append((mock, mock.app))
    return ways


def raw(app: Any, environ: dict[str, Any]) -> Any:
    """Status, headers and body as a server sees them, or the error that it is given."""
    said: list[Any] = []
    try:
        parts = app(dict(environ), lambda status, headers, exc_info=None: said.append((status, list(headers))))
        return said, b"".join(parts)
    except (OSError, HTTPException, voipbin_mock.VoIPBINWarning) as error:
        return said, repr(error)


@pytest.mark.filterwarnings("ignore::voipbin_mock.VoIPBINWarning")
@hypothesis.given(
    profile=st.sampled_from(PROFILES),
    method=st.sampled_from(METHODS),
    path=st.sampled_from(PATHS),
    query=st.sampled_from(["", "page_size=2", "page_size=x", "accesskey=KEY", "token=%00"]),
    headers=st.fixed_dictionaries({}, optional=HEADERS),
    body=BODIES,
    short=st.integers(-2, 2),
    known=st.booleans(),
    read=st.booleans(),
)
def test_both_ways_give_the_same_answers(
    profile: str,
    method: str,
    path: str,
    query: str,
    headers: dict[str, str],
    body: bytes,
    short: int,
    known: bool,
    read: bool,
) -> None:
    answers = []
    for mock, app in both_ways(profile):
        if read and short == 0:
            app.after_request(lambda response: (flask.request.get_data(), response)[1])
        if known:
            headers = {**headers, "Authorization": mock.headers["Authorization"]}
        with_key = query.replace("KEY", mock.accesskey)
        environ = EnvironBuilder("/", "http://localhost", method=method, query_string=with_key, data=body).get_environ()
        environ["PATH_INFO"] = path.encode().decode("latin-1")
        environ["CONTENT_LENGTH"] = str(max(0, len(body) + short)) if short in (0, -1, 1) else ""
        for name, value in headers.items():
            key = name.upper().replace("-", "_")
            environ[key if key == "CONTENT_TYPE" else f"HTTP_{key}"] = value
        answers.append((raw(app, environ), [exchange.as_dict() for exchange in mock.requests]))
        if not app.before_request_funcs:  # and the way of those who never asked for an app
            lone = Mock(profile, clock=NINE, random_seed=3)
            assert lone.headers == mock.headers
            assert raw(lone.door, environ | {"wsgi.input": _again(environ, body)}) == answers[0][0]
    assert answers[0] == answers[1]


def _again(environ: dict[str, Any], body: bytes) -> Any:
    environ["wsgi.input"].seek(0)
    return environ["wsgi.input"]


@pytest.mark.parametrize("kind", ["refuse", "reset", "reset_midway", "truncate", "delay", "slow"])
@pytest.mark.parametrize("profile", PROFILES)
def test_what_befalls_an_answer_befalls_it_both_ways(profile: str, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import voipbin_mock.edge.door as door

    plain = door.respond

    def disrupted(*arguments: Any) -> Any:
        reply, exchange = plain(*arguments)
        reply.disruption = Disruption(kind, 3.0, 5)
        return reply, exchange

    monkeypatch.setattr(door, "respond", disrupted)
    answers = []
    for mock, app in both_ways(profile):
        answers.append((raw(app, EnvironBuilder("/ping").get_environ()), mock.now))
    assert answers[0] == answers[1]


STUBBED: tuple[dict[str, Any], ...] = (
    {"status": 304, "headers": {"ETag": "1", "Content-Type": "text/x", "Content-Location": "/\u00e4 b"}},
    {"status": 204},
    {"status": 201, "headers": {"Location": "https://\u00e4.test/x y"}, "json": {"a": 1}},
    {"status": 599, "json": {"a": 1}},
    {"status": 302, "headers": {"location": "/v1.0/x?q=\u00e4"}, "json": {}},
)


@pytest.mark.parametrize("answer", STUBBED, ids=lambda answer: str(answer["status"]))
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_answers_of_stubs_come_the_same_both_ways(answer: dict[str, Any], method: str) -> None:
    ways = both_ways("documented", lambda mock: mock.stub(f"{method} /ping", **answer))
    answers = [raw(app, EnvironBuilder("/ping", method=method).get_environ()) for _, app in ways]
    assert answers[0] == answers[1]
    assert answers[0][0][0][0].startswith(str(answer["status"]))
    for mock, _ in ways:
        mock.close()


def test_warnings_point_at_the_callers_line_both_ways() -> None:
    for mock, app in both_ways("documented"):
        with pytest.warns(voipbin_mock.VoIPBINWarning) as caught:
            reply = app.test_client().post(PATH, json={**BODY, "strange": 1}, headers=mock.headers)
        assert {warning.filename for warning in caught} == {__file__}
        assert WARNING_HEADER in reply.headers


def test_a_redirect_is_followed_with_its_body_both_ways() -> None:
    for mock, app in both_ways("server"):
        reply = app.test_client().post(f"{PATH}/", json=BODY, headers=mock.headers, follow_redirects=True)
        assert reply.status_code == 200, reply.text
