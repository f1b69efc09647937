"""What a mock offers for the service: every area's records and far ends."""

from __future__ import annotations

from voipbin_mock.areas.accounts.handles import HasAccounts
from voipbin_mock.areas.ai_jobs.handles import HasAiJobs
from voipbin_mock.areas.billing.handles import HasBilling
from voipbin_mock.areas.calls.handles import HasCalls
from voipbin_mock.areas.campaigns.handles import HasCampaigns
from voipbin_mock.areas.cases.handles import HasCases
from voipbin_mock.areas.conferences.handles import HasConferences
from voipbin_mock.areas.contacts.handles import HasContacts
from voipbin_mock.areas.conversations.handles import HasConversations
from voipbin_mock.areas.customers.handles import HasCustomers
from voipbin_mock.areas.emails.handles import HasEmails
from voipbin_mock.areas.flows.handles import HasFlows
from voipbin_mock.areas.messages.handles import HasMessages
from voipbin_mock.areas.outbound.handles import HasOutbound
from voipbin_mock.areas.queues.handles import HasQueues
from voipbin_mock.areas.routing.handles import HasRouting
from voipbin_mock.areas.storage.handles import HasStorage
from voipbin_mock.areas.talk.handles import HasTalk
from voipbin_mock.areas.webchat.handles import HasWebchat


class HasService(
    HasAccounts,
    HasAiJobs,
    HasBilling,
    HasCalls,
    HasCampaigns,
    HasCases,
    HasConferences,
    HasContacts,
    HasConversations,
    HasCustomers,
    HasEmails,
    HasFlows,
    HasMessages,
    HasOutbound,
    HasQueues,
    HasRouting,
    HasStorage,
    HasTalk,
    HasWebchat,
):
    """A part of `Mock`."""
