"""The service itself, area by area. This is the index: what leads where, read without loading any area.

A test holds it against what the areas declare.
"""

from __future__ import annotations

from collections.abc import Mapping

# Area -> the first words of its paths, and the names of its resources.
WORDS: Mapping[str, tuple[str, ...]] = {
    "accounts": ("accesskeys", "agents", "auth", "billing_accounts", "customer", "customers", "me", "ping", "tags"),
    "calls": (
        "calls",
        "groupcalls",
        "providercalls",
        "recordingfiles",
        "recordings",
        "speakings",
        "transcribes",
        "transcripts",
        "transfers",
        "__mock__/calls",
        "__mock__/phones",
        "__mock__/recordingfiles",
    ),
    "campaigns": ("campaigncalls", "campaigns", "outdials", "outplans", "targets", "__mock__/campaigns"),
    "emails": ("emails", "__mock__/inbound/mail", "__mock__/mailboxes"),
    "flows": ("activeflows", "flows", "__mock__/flows", "__mock__/replies"),
    "messages": ("messages", "__mock__/inbound/sms", "__mock__/outbox", "__mock__/texts"),
    "queues": ("queuecalls", "queues"),
    "routing": (
        "available_numbers",
        "extensions",
        "numbers",
        "providers",
        "routes",
        "trunks",
        "__mock__/extensions",
        "__mock__/providers",
    ),
    "conferences": ("conferencecalls", "conferences"),
    "cases": ("contact_case_notes", "contact_cases", "contact_interactions", "contact_peer_events"),
    "contacts": ("contact_addresses", "contacts"),
    "conversations": (
        "conversation",
        "conversation_accounts",
        "conversation_messages",
        "conversations",
        "__mock__/chats",
        "__mock__/inbound/line",
        "__mock__/inbound/whatsapp",
    ),
    "timelines": ("aggregated-events", "timelines"),
    "storage": ("storage_account", "storage_accounts", "storage_files", "__mock__/files", "__mock__/storage"),
    "talk": (
        "service_agents/talk_channels",
        "service_agents/talk_chats",
        "service_agents/talk_messages",
        "talk_chats",
        "talk_messages",
        "talk_participants",
    ),
    "webchat": ("webchat_messages", "webchat_sessions", "webchat_widgets", "__mock__/visits"),
    "service_agents": (
        "service_agents/agents",
        "service_agents/calls",
        "service_agents/contact_addresses",
        "service_agents/contact_cases",
        "service_agents/contact_interactions",
        "service_agents/contact_peer_events",
        "service_agents/contacts",
        "service_agents/conversations",
        "service_agents/customer",
        "service_agents/extensions",
        "service_agents/files",
        "service_agents/me",
        "service_agents/tags",
        "service_agents/transcribes",
        "service_agents/transcripts",
    ),
}
# Type of an event -> the areas that act on it in the moment it is published.
FOLLOWS: Mapping[str, tuple[str, ...]] = {
    "activeflow_ended": ("calls", "campaigns", "insight"),
    "activeflow_hands_over": ("calls",),
    "activeflow_waits": ("calls",),
    "call_far_end": ("calls",),
    "call_hangup": ("calls", "campaigns", "queues"),
    "call_joined": ("conferences", "queues"),
    "call_left": ("calls", "conferences", "queues"),
    "call_key_pressed": ("calls",),
    "call_progressing": ("calls", "campaigns"),
    "groupcall_hangup": ("calls", "queues"),
    "groupcall_progressing": ("calls",),
    "customer_created": ("storage",),
    "customer_deleted": ("routing", "storage"),
    "number_created": ("routing",),
    "recording_finished": ("conferences",),
    "flow_deleted": ("routing",),
    "flow_sends": ("delivery",),
    "email_created": ("conversations",),
    "email_updated": ("conversations",),
    "message_created": ("conversations",),
    "webchat_message_created": ("conversations",),
    "webchat_session_created": ("conversations",),
}
# Area -> the types of flow actions that it declares.
ACTIONS: Mapping[str, tuple[str, ...]] = {
    "cases": ("case_create",),
    "calls": (
        "amd", "answer", "beep", "call", "condition_call_status", "confbridge_join", "connect", "digits_receive",
        "digits_send", "echo", "external_media_start", "external_media_stop", "hangup", "mute", "play",
        "recording_start", "recording_stop", "sleep", "stream_echo", "talk", "transcribe_recording",
        "transcribe_start", "transcribe_stop",
    ),
    "conferences": ("conference_join",),
    "conversations": ("conversation_send",),
    "emails": ("email_send",),
    "flows": (
        "ai_summary", "ai_talk", "ai_task", "block", "branch", "condition_call_digits",
        "condition_datetime", "condition_variable", "fetch", "fetch_flow", "goto", "stop",
        "variable_set", "webhook_send",
    ),
    "messages": ("message_send",),
    "queues": ("queue_join",),
}  # fmt: skip
