"""The control API under /__mock__, but for the calls that belong to an area."""

from __future__ import annotations

from voipbin_mock.api.area import Area
from voipbin_mock.control import browsing, console, handlers, people, requests, snapshots, trouble

AREA = Area(
    "control",
    controls={
        "GET /__mock__": handlers.index,
        "GET /__mock__/health": handlers.health,
        "GET /__mock__/console": console.page,
        "GET /__mock__/console/{file}": console.page,
        "GET /__mock__/console/{folder}/{file}": console.page,
        "GET /__mock__/notices": console.notices,
        "GET /__mock__/stream": console.stream,
        "POST /__mock__/reset": handlers.reset,
        "POST /__mock__/seed": handlers.seed,
        "GET /__mock__/clock": handlers.clock,
        "POST /__mock__/clock": handlers.set_clock,
        "GET /__mock__/state": handlers.dump,
        "PUT /__mock__/state": handlers.load,
        "GET /__mock__/snapshots": snapshots.listed,
        "POST /__mock__/snapshots": snapshots.take,
        "DELETE /__mock__/snapshots": snapshots.forget_all,
        "POST /__mock__/snapshots/{name}": snapshots.back,
        "DELETE /__mock__/snapshots/{name}": snapshots.forget,
        "GET /__mock__/modes": handlers.modes,
        "PUT /__mock__/modes": handlers.set_modes,
        "GET /__mock__/requests": requests.journal,
        "DELETE /__mock__/requests": requests.clear,
        "GET /__mock__/requests/{number}": requests.one,
        "POST /__mock__/requests/{number}/again": requests.again,
        "GET /__mock__/warnings": handlers.warnings,
        "GET /__mock__/records": browsing.resources,
        "GET /__mock__/records/{resource}": browsing.records,
        "GET /__mock__/records/{resource}/{id}": browsing.record,
        "GET /__mock__/agents": people.agents,
        "GET /__mock__/coverage": handlers.coverage,
        "DELETE /__mock__/coverage": handlers.clear_coverage,
        "GET /__mock__/faults": trouble.faults,
        "POST /__mock__/faults": trouble.add_fault,
        "DELETE /__mock__/faults": trouble.clear_faults,
        "DELETE /__mock__/faults/{number}": trouble.cancel_fault,
        "GET /__mock__/stubs": trouble.stubs,
        "POST /__mock__/stubs": trouble.add_stub,
        "DELETE /__mock__/stubs": trouble.clear_stubs,
        "DELETE /__mock__/stubs/{number}": trouble.cancel_stub,
        "GET /__mock__/limits": trouble.limits,
        "PUT /__mock__/limits": trouble.set_limits,
        "DELETE /__mock__/limits": trouble.clear_limits,
        "GET /__mock__/sessions": trouble.sessions,
        "DELETE /__mock__/sessions": trouble.clear_sessions,
        "DELETE /__mock__/sessions/{key}": trouble.delete_session,
    },
    # These get through whatever else is going on.
    unlocked=(
        *(console.page, console.stream, requests.journal, requests.one, requests.again, snapshots.back),
        *(handlers.health, handlers.index, handlers.reset, handlers.seed, handlers.set_clock),
    ),
)
