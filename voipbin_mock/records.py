"""Records as Python objects, by their public names."""

from __future__ import annotations

from voipbin_mock.api.records import Address, Record, Records, Stored, compare
from voipbin_mock.areas.accounts.records import Accesskey, Agent, BillingAccount, Customer, Tag
from voipbin_mock.areas.ais.records import Ai, Aicall, Aimessage, AiParticipant, AiPromptHistory, Team
from voipbin_mock.areas.calls.media_records import Recording, Speaking, Transcribe, Transcript
from voipbin_mock.areas.calls.records import Call, Groupcall, Providercall, Transfer
from voipbin_mock.areas.campaigns.records import Campaign, Campaigncall, Outdial, Outplan, Target
from voipbin_mock.areas.cases.records import ContactCase, ContactCaseNote
from voipbin_mock.areas.conferences.records import Conference, Conferencecall
from voipbin_mock.areas.contacts.records import Contact, ContactAddress
from voipbin_mock.areas.conversations.records import Conversation, ConversationAccount, ConversationMessage
from voipbin_mock.areas.emails.records import Email
from voipbin_mock.areas.flows.records import Activeflow, Flow
from voipbin_mock.areas.messages.records import Message
from voipbin_mock.areas.queues.records import Queue, Queuecall
from voipbin_mock.areas.routing.records import Number
from voipbin_mock.areas.storage.records import StorageFile
from voipbin_mock.areas.talk.records import TalkChat, TalkMessage, TalkParticipant
from voipbin_mock.areas.webchat.records import WebchatMessage, WebchatSession, WebchatWidget

__all__ = [
    "Accesskey",
    "Activeflow",
    "Address",
    "Agent",
    "Ai",
    "AiParticipant",
    "AiPromptHistory",
    "Aicall",
    "Aimessage",
    "BillingAccount",
    "Call",
    "Campaign",
    "Campaigncall",
    "Conference",
    "Conferencecall",
    "Contact",
    "ContactAddress",
    "ContactCase",
    "ContactCaseNote",
    "Conversation",
    "ConversationAccount",
    "ConversationMessage",
    "Customer",
    "Email",
    "Flow",
    "Groupcall",
    "Message",
    "Number",
    "Outdial",
    "Outplan",
    "Providercall",
    "Queue",
    "Queuecall",
    "Record",
    "Recording",
    "Records",
    "Speaking",
    "StorageFile",
    "Stored",
    "Tag",
    "TalkChat",
    "TalkMessage",
    "TalkParticipant",
    "Target",
    "Team",
    "Transcribe",
    "Transcript",
    "Transfer",
    "WebchatMessage",
    "WebchatSession",
    "WebchatWidget",
    "compare",
]
