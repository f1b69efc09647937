"""Timelines: what happened to calls, conferences and flows, and how the calls' signalling went."""

from __future__ import annotations

from pathlib import Path

from voipbin_mock.api.answers import file_of, plain
from voipbin_mock.api.area import Area
from voipbin_mock.api.operations import Example, IdOf, action
from voipbin_mock.areas.timelines import captures, differences, events, shapes
from voipbin_mock.world.history import Histories

AREA = Area(
    "timelines",
    action(
        "GET /timelines/{resource_type}/{resource_id}/events",
        "timelines.events",
        events.of_record,
        summary="List what happened to a call, a conference, a flow or a run of a flow",
        note="The newest first. Each event has the record as it was then.",
        words=events.TYPES,
        uuid_ids=True,
        query=shapes.PAGED,
        answers=plain(shapes.PAGE),
        refuses=events.record_refusals,
        example=Example({"resource_type": "calls", "resource_id": IdOf("calls")}),
    ),
    action(
        "GET /aggregated-events",
        "timelines.aggregated",
        events.of_run,
        summary="List what happened in a run of a flow, whatever it happened to",
        note="The newest first. Either of the two ids must be given.",
        query={**shapes.RUN, **shapes.PAGED},
        answers=plain(shapes.PAGE),
        refuses=events.run_refusals,
        example=Example({"call_id": IdOf("calls", made=True)}),
    ),
    action(
        "GET /timelines/calls/{call_id}/sip-analysis",
        "timelines.sip_analysis",
        captures.analysis,
        summary="Get the SIP messages of a call, and how good the sound was",
        note="`rtcp_stats` is null as long as the call goes on, or if nobody answered it.",
        uuid_ids=True,
        answers=plain(shapes.ANALYSIS),
        refuses=events.call_refusals,
    ),
    action(
        "GET /timelines/calls/{call_id}/pcap",
        "timelines.pcap",
        captures.pcap,
        summary="Get the SIP messages of a call as a file for packet readers",
        uuid_ids=True,
        answers=file_of(captures.PCAP, "A capture file (pcap): the messages in UDP, IPv4 and Ethernet."),
        refuses=events.call_refusals,
    ),
    parts=(Histories,),
    reasons=events.REASONS,
    differences=differences.ALL,
    cases=Path(__file__).parent / "cases",
)
