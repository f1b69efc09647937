"""What operations answer when it is no record and no page of them: shapes, for OpenAPI and for the contract."""

from __future__ import annotations

from voipbin_mock.api.operations import Answers, Operation, Schema

_DAYS = "((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))"
# A moment as the service reads it; the 29th of February is taken in leap years too.
MOMENT = (
    rf"(?!0000)[0-9]{{4}}-{_DAYS}([ T]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{{1,9}})?Z?)?"  # no offsets here
)
RECORD, LIST, ARRAY = "record", "list", "array"
# A page: its members in order, and which of them hold records.
PAGE = {"result": True, "next_page_token": False}


def closed_object(properties: Schema) -> Schema:
    """An object with these members and no others."""
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def array_of(description: str) -> Answers:
    """An array of records."""
    return Answers(ARRAY, lambda shown: {"type": "array", "items": shown, "description": description})


def result_of() -> Answers:
    """A list that has no second page: nothing but `result`."""
    return Answers(LIST, lambda shown: closed_object({"result": {"type": "array", "items": shown}}), {"result": True})


def plain(schema: Schema) -> Answers:
    """Something that has nothing to do with records."""
    return Answers("", lambda shown: schema)


# No body at all.
NOTHING = Answers("", lambda shown: {}, empty=True)


def file_of(media: str, description: str) -> Answers:
    """A file, of this media type."""
    schema = {"type": "string", "format": "binary", "description": description}
    return Answers("file", lambda shown: schema, media=media)


def is_file(operation: Operation | None, http_code: int) -> bool:
    """Whether an answer is no JSON, and is not meant to be."""
    answers = None if operation is None else operation.answers
    return answers is not None and bool(answers.media) and http_code < 400


def shape_of(operation: Operation) -> str:
    """The name of the form of a good answer: `outplans.record`, `outplans.list`, `calls.made`; "" for none."""
    answers = operation.answers
    if operation.resource is None or (answers is not None and (answers.empty or not answers.shape)):
        return ""
    usual = LIST if operation.lists else RECORD
    return f"{operation.resource.name}.{usual if operation.answers is None else operation.answers.shape}"
