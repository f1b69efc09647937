"""The records of what an AI does in the background."""

from __future__ import annotations

from voipbin_mock.world.differences import NEVER_IS_NULL, STAMPS_RFC3339
from voipbin_mock.world.resource import GONE, MISSING, Resource

# Nobody is told of any of these but summaries.
RAGS = Resource("rags", deleted=MISSING, updated_on_create=True)
SUMMARIES = Resource("aisummaries", singular="summary", lookups=("reference_id",), events=True, rfc3339=STAMPS_RFC3339)
ANALYSES = Resource(
    "timeline_analyses",
    singular="analysis",
    word="timeline-analyses",
    unknown="RESOURCE_NOT_FOUND",
    lookups=("activeflow_id",),
    rfc3339=STAMPS_RFC3339,
    never_is_null=NEVER_IS_NULL,
)
AUDITS = Resource("aiaudits", singular="audit", unknown="RESOURCE_NOT_FOUND", deleted=GONE, rfc3339=STAMPS_RFC3339)
PROPOSALS = Resource(
    "aipromptproposals", singular="proposal", unknown="RESOURCE_NOT_FOUND", deleted=GONE, rfc3339=STAMPS_RFC3339
)
