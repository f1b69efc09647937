"""JSON Schemas at work: documents, checks, decoding, wording."""
