"""Does it get slower as a table grows? The world itself is filled without any request."""

from __future__ import annotations

from collections.abc import Iterator

from tests.benchmarks import floors
from tests.benchmarks.in_process import PATH, creates, gets
from tests.benchmarks.measure import Effort, Row, calls_in_turns, once, ratio
from voipbin_mock import Mock

SMALL = 1_000
YEAR_2020 = 1_577_836_800_000_000


def crowded(size: int) -> Mock:
    """One record in ten is the caller's own, a third of all is deleted."""
    return _filled(size, own_every=10, deleted_every=3)


def small() -> Mock:
    """All its own and live: a tenth of a thousand does not fill a page of 100."""
    return _filled(SMALL, own_every=1, deleted_every=0)


def _filled(size: int, own_every: int, deleted_every: int) -> Mock:
    mock = Mock()
    resource = mock.world.blueprint.resource("outplans")
    table = mock.world.table(resource)
    own = mock.world.owner
    template = {**resource.blank, **floors.BODY, "source": {**floors.ADDRESS, **floors.BODY["source"]}}
    for number in range(size):
        account = own if number % own_every == 0 else f"{number % own_every:08d}-0000-4000-8000-000000000000"
        created = YEAR_2020 + number * 1_000_000
        deleted = deleted_every and number // own_every % deleted_every == 0
        record = {**template, "id": mock.world.ids.uuid(), "customer_id": account, "tm_create": created}
        if deleted:
            record["tm_update"] = record["tm_delete"] = created + 500_000
        table.insert(record, account)
    return mock


def middle(mock: Mock) -> str:
    """The path of a page from the middle of what the caller sees."""
    world = mock.world
    listed = world.store["outplans"].listed(world.owner)
    return f"{PATH}?page_token={world.profile.page_token(listed[len(listed) // 2].created)}".replace(" ", "%20")


def growth(effort: Effort, sizes: tuple[int, ...] = (100_000,)) -> Iterator[Row]:
    worlds = {SMALL: small()} | {size: crowded(size) for size in sizes}
    for what, path, target in (("first", lambda _: PATH, 1.15), ("middle", middle, 1.15)):
        calls = {str(size): gets(mock.app, mock.headers, path(mock)) for size, mock in worlds.items()}
        if any(len(call()["result"]) != 100 for call in calls.values()):
            raise RuntimeError("these pages cannot be compared: not all have 100 records")
        times = calls_in_turns(calls, effort)
        for size in sizes:
            yield ratio(f"{what} page of 100 at {size:,}", times, str(size), str(SMALL), target, "of the same at 1,000")
    calls = {str(size): creates(mock.app, mock.headers) for size, mock in worlds.items()}
    times = calls_in_turns(calls, effort)
    for size in sizes:
        worst = max(once(calls[str(size)]) for _ in range(3000))
        note = f"of the same at 1,000; worst of 3,000: {worst * 1000:.1f} ms"
        yield ratio(f"create at {size:,}", times, str(size), str(SMALL), 1.10, note)


def large(effort: Effort) -> Iterator[Row]:
    return growth(effort, (100_000, 1_000_000))
