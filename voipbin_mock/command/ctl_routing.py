"""The subcommands of `voipbin-mock ctl` for phones that are registered, and for carriers."""

from __future__ import annotations

from urllib.parse import quote

from voipbin_mock.command.ctl_calls import Call, Subcommands, add_scripts


def add_routing(parts: Subcommands) -> None:
    add_scripts(parts, "providers", "host", "what checks of a provider find", "unhealthy, healthy")
    actions = parts.group("extensions", "phones of extensions: list, register, unregister")
    actions.add("list", "how many phones are registered with each", lambda _: Call("GET", "/extensions"))
    register = actions.add("register", "so many phones", lambda given: _registered(given.extension, given.contacts))
    register.add_argument("--contacts", type=int, default=1, help="how many (1)")
    unregister = actions.add("unregister", "no phone any more", lambda given: _registered(given.extension, 0))
    for action in (register, unregister):
        action.add_argument("extension", help="its name or its id")


def _registered(extension: str, contacts: int) -> Call:
    return Call("PUT", f"/extensions/{quote(extension, safe='')}", {"contacts": contacts})
