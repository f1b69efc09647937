"""Storage: one store of files, which admins see whole and agents by their desks."""

from __future__ import annotations

from pathlib import Path

from voipbin_mock.api.answers import NOTHING
from voipbin_mock.api.area import Area
from voipbin_mock.api.cascades import gone_with_customer
from voipbin_mock.api.crud import operations
from voipbin_mock.api.operations import ADMIN, AGENT, ANYONE, MANAGER, SUPER_ADMIN, Access, Example, action, own
from voipbin_mock.areas.storage import accounts, control, differences, files
from voipbin_mock.areas.storage.resources import ACCOUNTS, FILES
from voipbin_mock.areas.storage.shelf import Shelf
from voipbin_mock.world.profiles import Profile


def _a_form(profile: Profile) -> str:
    return "a form with a file in it"


def _a_file(profile: Profile) -> str:
    return "a file that was uploaded"


NEEDS_FILE = Example(needs=_a_file)


def _gone(profile: Profile) -> tuple[str, ...]:
    return (differences.DELETED_FILE.by(profile),)


AREA = Area(
    "storage",
    operations(
        FILES,
        action(
            "GET /storage_files/{id}/file",
            "file",
            files.redirect,
            uuid_ids=True,
            summary="Where the bytes of a file are",
            note="The link is good for seven days, and made anew after that.",
            done=307,
            answers=NOTHING,
            refuses=files.links,
            example=NEEDS_FILE,
        ),
        plain=("list", "create", "get", "delete"),
        list=own(access=Access(ANYONE)),
        create=own(
            files.upload,
            part_name=None,
            summary="Upload a file",
            note="As multipart/form-data: `file`, and `type`.",
            refuses=files.UPLOADS,
            example=Example(needs=_a_form),
        ),
        get=own(files.get, access=Access(AGENT | ADMIN | MANAGER | 0x80), refuses=_gone, example=NEEDS_FILE),
        delete=own(files.delete, refuses=_gone, example=NEEDS_FILE),
    ),
    operations(
        ACCOUNTS,
        action(
            "GET /storage_account",
            "own",
            accounts.own,
            summary="Get the caller's own storage account",
            refuses=accounts.none,
            nulls=differences.NULL_FOR_NONE,
        ),
        plain=("list", "create", "get", "delete"),
        list=own(access=Access(SUPER_ADMIN)),
        create=own(accounts.create, access=Access(SUPER_ADMIN), refuses=accounts.refusals),
        delete=own(accounts.delete, access=Access(SUPER_ADMIN)),
    ),
    follows={
        "customer_created": accounts.customer_created,
        "customer_deleted": gone_with_customer(FILES, ACCOUNTS),
    },
    leaving={FILES.name: files.leaving},
    reasons=files.REASONS,
    parts=(Shelf,),
    controls={
        "GET /__mock__/files/{id}": files.download,
        "GET /__mock__/storage": control.told,
        "PUT /__mock__/storage": control.change,
    },
    differences=differences.ALL,
    records="voipbin_mock.areas.storage.records",
    cases=Path(__file__).parent / "cases",
)
