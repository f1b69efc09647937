"""Tries an installed voipbin-mock as a newcomer would; run by the interpreter it is installed for.

python smoke.py path/to/voipbin-mock path/to/the/checkout
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tempfile
from importlib.metadata import files
from pathlib import Path
from urllib.request import Request, urlopen

TEST = """
def test_in_process(voipbin):
    assert voipbin.client.get("/v1.0/outplans").json == {"result": [], "next_page_token": ""}


def test_over_a_socket(voipbin_server):
    from urllib.request import urlopen

    with urlopen(f"{voipbin_server.url}/numbers?accesskey={voipbin_server.accesskey}") as reply:
        assert reply.status == 200
"""
SOURCES = {".py", ".txt", ".typed", ".json", ".html", ".css", ".js"}
OUTPLAN = {
    "name": "test outplan",
    "detail": "outplan for test use.",
    "source": {"type": "tel", "target": "+15559876543"},
    "dial_timeout": 30000,
    "try_interval": 600000,
    **{f"max_try_count_{n}": 5 for n in range(5)},
}


def call(url: str, body: object = None) -> object:
    data = None if body is None else json.dumps(body).encode()
    with urlopen(Request(url, data, {"Content-Type": "application/json"}), timeout=10) as reply:
        return json.load(reply)


def everything_is_in_the_wheel_and_nothing_else(checkout: Path) -> None:
    """Of the checkout, the package and its data; no tests, and no folder of a name that others may have."""
    shipped = {str(file) for file in files("voipbin-mock") or () if "__pycache__" not in str(file)}
    wanted = {
        str(path.relative_to(checkout)) for path in (checkout / "voipbin_mock").rglob("*") if path.suffix in SOURCES
    }
    for kind in ("schemas", "fixtures"):
        wanted |= {f"voipbin_mock/_data/{path.relative_to(checkout)}" for path in (checkout / kind).rglob("*.json")}
    about = {name for name in shipped if name.startswith(("voipbin_mock-", "../"))}
    assert shipped - about == wanted, (shipped - about) ^ wanted
    assert any(name.endswith("licenses/LICENSE") for name in about), about


def the_server_answers(command: list[str]) -> None:
    server = subprocess.Popen([*command, "serve", "--port", "0", "--json"], stdout=subprocess.PIPE)
    assert server.stdout is not None
    try:
        facts = json.loads(server.stdout.readline())
        created = call(f"{facts['url']}/outplans?token={facts['token']}", OUTPLAN)
        assert list(created)[:5] == ["id", "customer_id", "name", "detail", "source"], created
        listed = call(f"{facts['url']}/outplans?accesskey={facts['accesskey']}")
        assert listed["result"][0] == created, listed
        login = call(
            facts["url"].removesuffix("/v1.0") + "/auth/login", {k: facts[k] for k in ("username", "password")}
        )
        assert login["token"], login
        assert call(f"{facts['control_url']}/health")["status"] == "ok"
    finally:
        server.send_signal(signal.SIGTERM)
        assert server.wait(10) == 0, "SIGTERM did not end the server cleanly"
        server.stdout.close()


def flask_takes_it_for_an_app(bin_folder: Path) -> None:
    routes = subprocess.check_output([bin_folder / "flask", "--app", "voipbin_mock", "routes"], text=True)
    assert "/v1.0/outplans/<id>" in routes, routes


def pytest_finds_the_fixtures() -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "test_smoke.py").write_text(TEST, encoding="utf-8")
        command = [sys.executable, "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider", folder]
        subprocess.run(command, check=True, cwd=folder)


def main() -> None:
    import voipbin_mock
    from voipbin_mock.schema import files as data

    package = Path(voipbin_mock.__file__).resolve().parent
    assert data.root().is_relative_to(package), f"the data is not in the package: {data.root()}"
    everything_is_in_the_wheel_and_nothing_else(Path(sys.argv[2]))
    the_server_answers([sys.argv[1]])
    the_server_answers([sys.executable, "-m", "voipbin_mock"])
    flask_takes_it_for_an_app(Path(sys.argv[1]).parent)
    pytest_finds_the_fixtures()
    sys.stdout.write(f"voipbin-mock {voipbin_mock.__version__} works from {package}\n")


if __name__ == "__main__":
    main()
