"""Files: what is uploaded, who reads it, and links that are good for a while."""

from __future__ import annotations

import io
from typing import Any

import pytest

from tests.support.campaigning import foreigner, refusal
from tests.support.desk import Desk, an_agent, shown
from voipbin_mock import Mock
from voipbin_mock.wire.values import MAX_UPLOAD

DESK, TOP = "/v1.0/service_agents/files", "/v1.0/storage_files"
PNG = b"\x89PNG\r\n\x1a\n\x00\xff"


def documented(mock: Mock) -> bool:
    return mock.world.profile.name == "documented"


def upload(client: Any, path: str = DESK, data: bytes = PNG, name: str = "a/b/shot.png", **fields: str) -> Any:
    form: dict[str, Any] = {"file": (io.BytesIO(data), name), "type": "talk" if path == DESK else "rag", **fields}
    return client.post(path, data=form, content_type="multipart/form-data")


def test_an_agent_uploads_a_file_and_a_colleague_gets_its_bytes_by_the_link(either: Mock) -> None:
    ann, bob = (an_agent(either, name)[1] for name in ("ann", "bob"))
    file = shown(upload(ann.client))
    wanted = {
        "owner_type": "agent", "owner_id": ann.id, "reference_type": "", "type": "talk", "name": "shot.png",
        "detail": "Uploaded by agent", "filename": "shot.png", "filesize": len(PNG),
    }  # fmt: skip
    assert file.items() >= wanted.items()
    chat = shown(ann.post("/talk_chats", type="group", participants=[{"owner_type": "agent", "owner_id": bob.id}]))
    media = {"type": "file", "file_id": file["id"]}
    said = shown(ann.post("/talk_messages", chat_id=chat["id"], type="normal", text="look", medias=[media]))
    assert shown(bob.get(f"/talk_messages/{said['id']}"))["medias"][0]["file_id"] == file["id"]
    link = bob.get(f"/files/{file['id']}/file")
    assert (link.status_code, link.content_type) == (307, "text/html; charset=utf-8")
    assert shown(bob.get(f"/files/{file['id']}")) == file
    got = either.anonymous.get(link.headers["Location"])
    assert (got.status_code, got.data) == (200, PNG)
    assert got.headers["Content-Disposition"] == 'attachment; filename="shot.png"'
    assert either.storage.read(file["id"]) == PNG


def test_a_name_beyond_ascii_is_told_as_clients_read_it(either: Mock) -> None:
    ann = an_agent(either, "ann")[1]
    file = shown(upload(ann.client, name="ünï.txt"))
    got = either.anonymous.get(ann.get(f"/files/{file['id']}/file").headers["Location"])
    assert got.headers["Content-Disposition"] == "attachment; filename=\"?n?.txt\"; filename*=UTF-8''%C3%BCn%C3%AF.txt"


def test_the_journal_keeps_the_beginning_of_a_large_file_only(either: Mock) -> None:
    client = an_agent(either, "ann")[1].client
    head = 'Content-Disposition: form-data; name="type"\r\n\r\ntalk\r\n--x\r\n'
    file = 'Content-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'
    body = f"--x\r\n{head}{file}".encode() + b"x" * (3 * 1024 * 1024) + b"\r\n--x--\r\n"
    assert client.post(DESK, data=body, content_type="multipart/form-data; boundary=x").status_code == 200
    assert either.requests[-1].cut
    assert len(either.requests[-1].body) < 64 * 1024


@pytest.mark.differs("desk-files")
def test_an_agent_lists_and_deletes_its_own_files(either: Mock) -> None:
    ann, bob = (an_agent(either, name)[1] for name in ("ann", "bob"))
    file = shown(upload(ann.client))
    other = shown(upload(bob.client))
    assert [each["id"] for each in shown(ann.get("/files"))["result"]] == [file["id"]]
    for path in (f"/files/{other['id']}", f"/files/{other['id']}/file"):
        assert ann.get(path).status_code == (403 if documented(either) else 307 if path.endswith("file") else 200)
    assert refusal(ann.delete(f"/files/{other['id']}")) == (403, "PERMISSION_DENIED")
    gone = shown(ann.delete(f"/files/{file['id']}"))
    assert gone["tm_delete"] == gone["tm_update"]
    assert shown(ann.get("/files"))["result"] == []


@pytest.mark.differs("file-deleted")
def test_a_deleted_file_is_missing_and_its_bytes_are_gone(either: Mock) -> None:
    _, ann = an_agent(either)
    file = shown(upload(ann.client))
    link = ann.get(f"/files/{file['id']}/file").headers["Location"]
    shown(ann.delete(f"/files/{file['id']}"))
    missing = (404, "FILE_NOT_FOUND" if documented(either) else "RESOURCE_NOT_FOUND")
    for reply in (ann.get(f"/files/{file['id']}"), ann.delete(f"/files/{file['id']}"),
                  either.client.get(f"{TOP}/{file['id']}/file")):  # fmt: skip
        assert refusal(reply) == missing
    assert either.anonymous.get(link).status_code == 404
    with pytest.raises(LookupError):
        either.storage.read(file["id"])


def test_a_link_is_good_for_seven_virtual_days_and_made_anew_after(either: Mock) -> None:
    _, ann = an_agent(either)
    file = shown(upload(ann.client))
    old = file["uri_download"]
    either.advance(days=6, hours=23)
    assert ann.get(f"/files/{file['id']}/file").headers["Location"] == old
    assert shown(ann.get(f"/files/{file['id']}"))["tm_update"] == file["tm_update"]
    either.advance(hours=1)
    assert refusal(either.anonymous.get(old)) == (403, "PERMISSION_DENIED")
    new = ann.get(f"/files/{file['id']}/file").headers["Location"]
    assert either.anonymous.get(new).data == PNG
    now = shown(ann.get(f"/files/{file['id']}"))
    assert (now["uri_download"] == new != old, now["tm_update"] != file["tm_update"]) == (True, True)
    forged = new.replace("expires=", "expires=9")
    assert refusal(either.anonymous.get(forged)) == (403, "PERMISSION_DENIED")


@pytest.mark.parametrize("path", [DESK, TOP])
def test_what_is_no_upload(either: Mock, path: str) -> None:
    client, key = either.client, {"accesskey": either.accesskey}
    multipart = {"content_type": "multipart/form-data"}
    no_name = b'--x\r\nContent-Disposition: form-data; name="file"\r\n\r\nabc\r\n--x--\r\n'
    for sent in (
        {"json": {"type": "talk"}},
        {"data": {"type": "talk"}, **multipart},
        {"data": no_name, "content_type": "multipart/form-data; boundary=x"},
        {"data": b"", **multipart},
        {"data": b"x" * (MAX_UPLOAD + 1), "content_type": "multipart/form-data; boundary=x"},
    ):
        assert refusal(client.post(path, **sent)) == (400, "INVALID_FILE_UPLOAD")
        assert refusal(either.anonymous.post(path, query_string=key, **sent)) == (400, "INVALID_FILE_UPLOAD")
    assert refusal(upload(client, path, type="recording")) == (400, "INVALID_FILE_TYPE")
    assert not either.storage_files.list()


def test_the_top_has_the_same_store_for_admins(either: Mock) -> None:
    _, ann = an_agent(either)
    rag, talk = shown(upload(either.client, TOP)), shown(upload(ann.client))
    assert (rag["type"], rag["name"], rag["detail"], rag["filename"]) == ("rag", "", "", "shot.png")
    assert {each["id"] for each in either.client.get(TOP).json["result"]} == {rag["id"], talk["id"]}
    assert either.client.get(f"{TOP}/{talk['id']}").json == shown(ann.get(f"/files/{talk['id']}"))
    assert ann.client.get(TOP).status_code == ann.client.get(f"{TOP}/{rag['id']}").status_code == 200
    for reply in (
        upload(ann.client, TOP),
        ann.client.delete(f"{TOP}/{rag['id']}"),
        ann.client.get(f"{TOP}/{rag['id']}/file"),
    ):
        assert refusal(reply) == (403, "PERMISSION_DENIED")
    key = {"accesskey": either.accesskey}
    assert either.anonymous.get(TOP, query_string=key).status_code == 200
    assert refusal(either.anonymous.get(DESK, query_string=key)) == (401, "AUTHENTICATION_REQUIRED")
    foreign = either.anonymous.get(f"{TOP}/{rag['id']}", query_string={"token": foreigner(either)})
    assert refusal(foreign) == ((404, "FILE_NOT_FOUND") if documented(either) else (403, "PERMISSION_DENIED"))


def test_ids_are_typed_where_the_bytes_are_asked_for(either: Mock) -> None:
    desk = Desk(either, either.username)
    assert refusal(desk.get("/files/seven/file")) == (400, "INVALID_REQUEST_PARAMETER")
    assert refusal(desk.get("/files/seven")) == (400, "INVALID_ID")


def test_quota_and_signing_are_set_by_a_test(either: Mock) -> None:
    client = either.client
    either.storage.quota = 2 * len(PNG)
    for _ in range(2):
        shown(upload(client))
    assert refusal(upload(client)) == (500, "INTERNAL")
    assert either.anonymous.get("/__mock__/storage").json["bytes"] == 2 * len(PNG)
    changed = either.anonymous.put("/__mock__/storage", json={"quota": 1000, "signs": False})
    assert changed.json == {"files": 2, "bytes": 2 * len(PNG), "quota": 1000, "signs": False}
    file = shown(upload(client))
    assert file["uri_download"] == ""
    assert refusal(client.get(f"{DESK}/{file['id']}/file")) == (503, "SIGNING_NOT_CONFIGURED")
    either.storage.signs = True
    assert client.get(f"{DESK}/{file['id']}/file").status_code == 307
    for wrong, why in (
        ({"quota": "much"}, "'much' is no number of bytes"), ({"quota": -1}, "-1 is no number of bytes"),
        ({"signs": 1}, "neither true nor false"), ({"qouta": 1}, "no 'qouta'; there are quota and signs"),
    ):  # fmt: skip
        reply = either.anonymous.put("/__mock__/storage", json=wrong)
        assert (reply.status_code, why in reply.json["error"]["message"]) == (400, True), reply.json
        name, value = wrong.popitem()
        with pytest.raises((ValueError, AttributeError)):
            setattr(either.storage, name, value)
    assert (either.storage.quota, either.storage.signs) == (1000, True)


def test_bytes_are_in_states_and_snapshots(either: Mock) -> None:
    before = either.snapshot()
    file = shown(upload(either.client))
    state = either.world.dump()
    either.restore(before)
    with pytest.raises(LookupError):
        either.storage.read(file["id"])
    either.world.load(state)
    assert either.storage.read(file["id"]) == PNG
    assert either.anonymous.get(file["uri_download"]).data == PNG


# --- storage accounts --------------------------------------------------------------------------------

ACCOUNT, ACCOUNTS = "/v1.0/storage_account", "/v1.0/storage_accounts"


def totals(client: Any) -> tuple[int, int]:
    shown = client.get(ACCOUNT).json
    return shown["total_file_count"], shown["total_file_size"]


def test_an_account_counts_files_and_their_bytes(either: Mock) -> None:
    client = either.client
    before = client.get(ACCOUNT).json
    assert list(before) == ["id", "customer_id", "total_file_count", "total_file_size", "tm_create", "tm_update",
                            "tm_delete"]  # fmt: skip
    rag, talk = shown(upload(client, TOP)), shown(upload(client))
    assert totals(client) == (2, 2 * len(PNG))
    assert client.get(f"{ACCOUNTS}/{before['id']}").json == client.get(ACCOUNT).json
    client.delete(f"{TOP}/{rag['id']}")
    assert totals(client) == (1, len(PNG))
    either.storage_files.delete(talk["id"])
    assert totals(client) == (0, 0)
    with pytest.raises(LookupError):
        either.storage.read(talk["id"])
    key = either.anonymous.post(TOP, query_string={"accesskey": either.accesskey}, content_type="multipart/form-data",
                                data={"file": (io.BytesIO(PNG), "a.png"), "type": "rag"}).json  # fmt: skip
    assert (key["owner_type"], key["owner_id"]) == ("agent", either.accesskeys.list()[0].id)


@pytest.mark.differs("storage-account-none", "storage-account-second", "storage-account-customer")
def test_accounts_for_who_runs_the_service(either: Mock) -> None:
    boss = either.client_for(either.agents.create(username="boss@localhost", permission=1))
    own = either.client.get(ACCOUNT).json
    other = either.customers.create(name="other").id
    second = (409, "STATE_INVALID") if documented(either) else (500, "INTERNAL")
    assert [each["id"] for each in boss.get(ACCOUNTS).json["result"]] == [own["id"]]
    assert refusal(boss.post(ACCOUNTS, json={"customer_id": own["customer_id"]})) == second
    made = boss.post(ACCOUNTS, json={"customer_id": other})
    if documented(either):
        assert (made.json["customer_id"], made.json["total_file_count"]) == (other, 0)
        unknown = boss.post(ACCOUNTS, json={"customer_id": "c0ffee00-0000-4000-8000-000000000000"})
        assert refusal(unknown) == (404, "CUSTOMER_NOT_FOUND")
    else:
        assert refusal(made) == second, "it is the caller's own that is meant"
    for reply in (
        either.client.get(ACCOUNTS), either.client.post(ACCOUNTS, json={"customer_id": other}),
        either.client.delete(f"{ACCOUNTS}/{own['id']}"),
    ):  # fmt: skip
        assert refusal(reply) == (403, "PERMISSION_DENIED")
    gone = boss.delete(f"{ACCOUNTS}/{own['id']}").json
    assert gone["tm_delete"] == gone["tm_update"]
    assert refusal(boss.get(f"{ACCOUNTS}/{own['id']}")) == (404, "RESOURCE_NOT_FOUND")
    assert refusal(upload(either.client, TOP)) == (500, "INTERNAL"), "without an account, nothing can be kept"
    _, ann = an_agent(either)
    for client, refused in ((either.client, (404, "ACCOUNT_NOT_FOUND")), (ann.client, (403, "PERMISSION_DENIED"))):
        none = client.get(ACCOUNT)
        if documented(either):
            assert refusal(none) == refused
        else:
            assert (none.status_code, none.json) == (200, None)


def test_a_customer_whose_seed_says_nothing_of_storage_gets_it_with_its_first_file(either: Mock) -> None:
    other = either.customers.create(name="other").id
    client = either.client_for(either.agents.create(username="x@localhost", customer_id=other, permission=0x20))
    shown(upload(client, TOP))
    assert totals(client) == (1, len(PNG))
