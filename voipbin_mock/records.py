"""Records as Python objects, by their public names."""

from __future__ import annotations

from voipbin_mock.api.records import Address, Record, Records, Stored, compare
from voipbin_mock.areas.accounts.records import Accesskey, Agent, Customer, Tag
from voipbin_mock.areas.ai_jobs.records import Audit, PromptProposal, Rag, Summary, TimelineAnalysis
from voipbin_mock.areas.ais.records import Ai, Aicall, Aimessage, AiParticipant, AiPromptHistory, Team
from voipbin_mock.areas.billing.records import Billing, BillingAccount
from voipbin_mock.areas.calls.media_records import Recording, Speaking, Transcribe, Transcript
from voipbin_mock.areas.calls.records import Call, Groupcall, Providercall, Transfer
from voipbin_mock.areas.campaigns.records import Campaign, Campaigncall, Outdial, Outplan, Target
from voipbin_mock.areas.cases.records import ContactCase, ContactCaseNote
from voipbin_mock.areas.conferences.records import Conference, Conferencecall
from voipbin_mock.areas.contacts.records import Contact, ContactAddress
from voipbin_mock.areas.conversations.records import Conversation, ConversationAccount, ConversationMessage
from voipbin_mock.areas.customers.records import AccountMail
from voipbin_mock.areas.emails.records import Email
from voipbin_mock.areas.flows.records import Activeflow, Flow
from voipbin_mock.areas.messages.records import Message
from voipbin_mock.areas.outbound.records import OutboundConfig
from voipbin_mock.areas.queues.records import Queue, Queuecall
from voipbin_mock.areas.routing.records import Extension, Number, Provider, Route, Trunk
from voipbin_mock.areas.storage.records import StorageAccount, StorageFile
from voipbin_mock.areas.talk.records import TalkChat, TalkMessage, TalkParticipant
from voipbin_mock.areas.webchat.records import WebchatMessage, WebchatSession, WebchatWidget

__all__ = [
    "Accesskey",
    "AccountMail",
    "Activeflow",
    "Address",
    "Agent",
    "Ai",
    "AiParticipant",
    "AiPromptHistory",
    "Aicall",
    "Aimessage",
    "Audit",
    "Billing",
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
    "Extension",
    "Flow",
    "Groupcall",
    "Message",
    "Number",
    "OutboundConfig",
    "Outdial",
    "Outplan",
    "PromptProposal",
    "Provider",
    "Providercall",
    "Queue",
    "Queuecall",
    "Rag",
    "Record",
    "Recording",
    "Records",
    "Route",
    "Speaking",
    "StorageAccount",
    "StorageFile",
    "Stored",
    "Summary",
    "Tag",
    "TalkChat",
    "TalkMessage",
    "TalkParticipant",
    "Target",
    "Team",
    "TimelineAnalysis",
    "Transcribe",
    "Transcript",
    "Transfer",
    "Trunk",
    "WebchatMessage",
    "WebchatSession",
    "WebchatWidget",
    "compare",
]
