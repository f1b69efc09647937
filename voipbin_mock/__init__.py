"""A stateful mock of the VoIPBIN API, for tests.

`Mock` is the door: a context manager around one isolated world. Everything is imported when it is
first asked for, so that naming this package costs nothing.
"""

from __future__ import annotations

from voipbin_mock._version import __version__

TYPE_CHECKING = False  # type checkers take it for true; the module that has it is dear to load
if TYPE_CHECKING:
    from voipbin_mock.api.lint import VoIPBINWarning
    from voipbin_mock.areas.calls.far_end import HangUp, Press, Say, Step, Wait
    from voipbin_mock.areas.calls.handset import Phone
    from voipbin_mock.areas.calls.live import LiveCall
    from voipbin_mock.areas.calls.phones import (
        Answer,
        Busy,
        Canceled,
        Chance,
        Cleared,
        Machine,
        NoAnswer,
        Rejected,
        Unreachable,
    )
    from voipbin_mock.areas.calls.voice import CallRefused
    from voipbin_mock.areas.campaigns.plan import CampaignPlan
    from voipbin_mock.areas.campaigns.timeline import Attempt, Timeline
    from voipbin_mock.areas.conversations.outcomes import Accepted, Refused
    from voipbin_mock.areas.conversations.users import ChatDropped
    from voipbin_mock.areas.emails.mailbox import Mailbox
    from voipbin_mock.areas.emails.outcomes import Bounce, Deferred, Dropped, Mail, Spam, Unsubscribed
    from voipbin_mock.areas.messages.asserting import Inbox, Outbox
    from voipbin_mock.areas.messages.outcomes import (
        Delivered,
        Failed,
        GatewayTimeout,
        Queued,
        ReceiptTimeout,
        Sent,
        Stuck,
    )
    from voipbin_mock.areas.messages.texting import TextDropped
    from voipbin_mock.areas.routing.health import Healthy, Unhealthy
    from voipbin_mock.areas.webchat.visit import VisitRefused
    from voipbin_mock.delivery.log import Delivery
    from voipbin_mock.delivery.receivers import Webhook
    from voipbin_mock.factory import create_app
    from voipbin_mock.insight.journal import Journal
    from voipbin_mock.interception.patches import guard
    from voipbin_mock.mock import Mock
    from voipbin_mock.trouble.faults import PlannedFault
    from voipbin_mock.wire.errors import (
        ApiError,
        LeakError,
        MockUsageError,
        SeedError,
        TimerError,
        UnusedPlanError,
        UnusedPlanWarning,
        WindingStopped,
    )
    from voipbin_mock.wire.exchange import Exchange
    from voipbin_mock.wire.matching import MISSING
    from voipbin_mock.world.clock import Clock
    from voipbin_mock.world.resource import Resource
    from voipbin_mock.world.settings import Settings
    from voipbin_mock.world.steps import Snapshot
    from voipbin_mock.world.world import World

__all__ = [
    "MISSING",
    "Accepted",
    "Answer",
    "ApiError",
    "Attempt",
    "Bounce",
    "Busy",
    "CallRefused",
    "CampaignPlan",
    "Canceled",
    "Chance",
    "ChatDropped",
    "Cleared",
    "Clock",
    "Deferred",
    "Delivered",
    "Delivery",
    "Dropped",
    "Exchange",
    "Failed",
    "GatewayTimeout",
    "HangUp",
    "Healthy",
    "Inbox",
    "Journal",
    "LeakError",
    "LiveCall",
    "Machine",
    "Mail",
    "Mailbox",
    "Mock",
    "MockUsageError",
    "NoAnswer",
    "Outbox",
    "Phone",
    "PlannedFault",
    "Press",
    "Queued",
    "ReceiptTimeout",
    "Refused",
    "Rejected",
    "Resource",
    "Say",
    "SeedError",
    "Sent",
    "Settings",
    "Snapshot",
    "Spam",
    "Step",
    "Stuck",
    "TextDropped",
    "Timeline",
    "TimerError",
    "Unhealthy",
    "Unreachable",
    "Unsubscribed",
    "UnusedPlanError",
    "UnusedPlanWarning",
    "VisitRefused",
    "VoIPBINWarning",
    "Wait",
    "Webhook",
    "WindingStopped",
    "World",
    "__version__",
    "create_app",
    "guard",
]

_HOMES = {
    "MISSING": "wire.matching",
    "Accepted": "areas.conversations.outcomes",
    "Answer": "areas.calls.phones",
    "ApiError": "wire.errors",
    "Attempt": "areas.campaigns.timeline",
    "Bounce": "areas.emails.outcomes",
    "Busy": "areas.calls.phones",
    "CallRefused": "areas.calls.voice",
    "CampaignPlan": "areas.campaigns.plan",
    "Canceled": "areas.calls.phones",
    "ChatDropped": "areas.conversations.users",
    "Chance": "areas.calls.phones",
    "Cleared": "areas.calls.phones",
    "Clock": "world.clock",
    "Deferred": "areas.emails.outcomes",
    "Delivered": "areas.messages.outcomes",
    "Delivery": "delivery.log",
    "Dropped": "areas.emails.outcomes",
    "Exchange": "wire.exchange",
    "Failed": "areas.messages.outcomes",
    "GatewayTimeout": "areas.messages.outcomes",
    "HangUp": "areas.calls.far_end",
    "Healthy": "areas.routing.health",
    "Inbox": "areas.messages.asserting",
    "Journal": "insight.journal",
    "LeakError": "wire.errors",
    "LiveCall": "areas.calls.live",
    "Machine": "areas.calls.phones",
    "Mail": "areas.emails.outcomes",
    "Mailbox": "areas.emails.mailbox",
    "Mock": "mock",
    "MockUsageError": "wire.errors",
    "NoAnswer": "areas.calls.phones",
    "Outbox": "areas.messages.asserting",
    "Phone": "areas.calls.handset",
    "PlannedFault": "trouble.faults",
    "Press": "areas.calls.far_end",
    "Queued": "areas.messages.outcomes",
    "ReceiptTimeout": "areas.messages.outcomes",
    "Refused": "areas.conversations.outcomes",
    "Rejected": "areas.calls.phones",
    "Resource": "world.resource",
    "Say": "areas.calls.far_end",
    "SeedError": "wire.errors",
    "Sent": "areas.messages.outcomes",
    "Settings": "world.settings",
    "Snapshot": "world.steps",
    "Spam": "areas.emails.outcomes",
    "Step": "areas.calls.far_end",
    "Stuck": "areas.messages.outcomes",
    "TextDropped": "areas.messages.texting",
    "Timeline": "areas.campaigns.timeline",
    "TimerError": "wire.errors",
    "Unhealthy": "areas.routing.health",
    "Unreachable": "areas.calls.phones",
    "Unsubscribed": "areas.emails.outcomes",
    "UnusedPlanError": "wire.errors",
    "UnusedPlanWarning": "wire.errors",
    "VisitRefused": "areas.webchat.visit",
    "VoIPBINWarning": "api.lint",
    "Wait": "areas.calls.far_end",
    "Webhook": "delivery.receivers",
    "WindingStopped": "wire.errors",
    "World": "world.world",
    "create_app": "factory",
    "guard": "interception.patches",
}


if not TYPE_CHECKING:  # to a type checker, there are the names above and no others

    def __getattr__(name: str) -> object:
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        from voipbin_mock._real_files import real_files

        with real_files():
            return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
