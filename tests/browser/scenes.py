"""What happened before somebody opens the console: each scene is made through the service and the control API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.browser.driving import Service

ANN = "+15550100001"
TALK, KEYS, MENU, SALES, SUPPORT, END, BYE = (f"00000000-0000-4000-8000-00000000000{n}" for n in range(1, 8))
ACTIONS = [
    {"type": "answer"},
    {"id": TALK, "type": "talk", "option": {"text": "Press 1 for sales, 2 for support.", "language": "en-US"}},
    {"id": KEYS, "type": "digits_receive", "option": {"duration": 20000, "length": 1}},
    {"id": MENU, "type": "branch", "option": {"target_ids": {"1": SALES, "2": SUPPORT}, "default_target_id": TALK}},
    {"id": SALES, "type": "talk", "option": {"text": "This is sales.", "language": "en-US"}},
    {"id": END, "type": "goto", "option": {"target_id": BYE, "loop_count": 1}},
    {"id": SUPPORT, "type": "talk", "option": {"text": "This is support.", "language": "en-US"}},
    {"id": BYE, "type": "hangup"},
]
OWN = "+15559876543"  # a number of the account
RECEIPT = (
    "<style>h1 { color: #3a53c5 }</style><h1>Thank you, Ann</h1><p style='font-family: Georgia'>Your order <b>4711</b> "
    "is on its way.</p><table border=1 cellpadding=6><tr><td>Tea</td><td>2</td><td>9.80</td></tr></table>"
)
NO_FLOW = "00000000-0000-0000-0000-000000000000"
PLAN = {
    "name": "evening", "detail": "for a test", "dial_timeout": 30000, "try_interval": 600000,
    **{f"max_try_count_{n}": 2 for n in range(5)},
}  # fmt: skip


def made(service: Service, path: str, body: Any) -> Any:
    """What the service answers to a POST that it must accept."""
    reply = service.send("POST", path, body)
    assert reply.status_code == 200, reply.text
    return reply.json()


def refused_plan(service: Service, name: str = "evening") -> None:
    """A plan whose dial_timeout is a text: 400, and the journal says where and why."""
    reply = service.send("POST", "/outplans", {**PLAN, "name": name, "dial_timeout": "30 s"})
    assert reply.status_code == 400, reply.text


def menu(service: Service) -> Any:
    """A flow that asks for a key, and branches."""
    return made(service, "/flows", {"name": "menu", "detail": "sales or support", "actions": ACTIONS})


def calling(service: Service) -> Any:
    """Ann is in the menu, and is asked for a key."""
    call = service.control("POST", "/calls", {"from": ANN, "to": menu(service)["id"]})
    service.control("POST", "/clock", {"advance": 3})
    return call


def campaign(service: Service) -> Any:
    """A campaign of four that may be run."""
    plan = made(service, "/outplans", PLAN)
    outdial = made(service, "/outdials", {"name": "customers", "detail": "for a test", "data": "-"})
    for n, name in enumerate(("Ann", "Bob", "Cem", "Dee")):
        number = {"type": "tel", "target": f"+1202555010{n}"}
        target = {"name": name, "detail": "for a test", "data": "-", "destination_0": number}
        made(service, f"/outdials/{outdial['id']}/targets", target)
    body = {
        "name": "spring", "detail": "for a test", "type": "call", "service_level": 100, "end_handle": "stop",
        "actions": [{"type": "talk", "option": {"text": "Hello.", "language": "en-US"}}],
        "outplan_id": plan["id"], "outdial_id": outdial["id"],
        "queue_id": "99bf739a-932f-433c-b1bf-103d33d7e9bb",
        "next_campaign_id": "00000000-0000-0000-0000-000000000000",
    }  # fmt: skip
    return made(service, "/campaigns", body)


def ran(service: Service) -> Any:
    """The same, run to its end."""
    it = campaign(service)
    reply = service.send("PUT", f"/campaigns/{it['id']}/status", {"status": "run"})
    assert reply.status_code == 200, reply.text
    service.control("POST", "/clock", {"advance": 3600})
    return it


def written(service: Service) -> None:
    """A text that was answered, a mail with HTML, a visitor of a web chat, a user of LINE."""
    text = {"source": {"type": "tel", "target": OWN}, "destinations": [{"type": "tel", "target": ANN}]}
    made(service, "/messages", {**text, "text": "Your order 4711 is on its way. Anything else?"})
    service.control("POST", "/clock", {"advance": 30})
    service.control("POST", "/inbound/sms", {"from": ANN, "to": OWN, "text": "Yes: can it come after six? \U0001f64f"})
    made(service, "/messages", {**text, "text": "It can."})
    mail = {"destinations": [{"type": "email", "target": "ann@example.com"}], "attachments": []}
    made(service, "/emails", {**mail, "subject": "Your receipt", "content": RECEIPT})
    widget = made(
        service, "/webchat_widgets", {"name": "support", "session_flow_id": NO_FLOW, "message_flow_id": NO_FLOW}
    )
    visit = service.control("POST", "/visits", {"widget": widget["id"]})
    service.control("POST", f"/visits/{visit['session_id']}", {"say": "Do you ship to Norway?"})
    line = {"type": "line", "name": "shop", "detail": "", "secret": "s", "token": "t"}
    account = made(service, "/conversation_accounts", line)
    service.control(
        "POST",
        "/inbound/line",
        {"account": account["id"], "user": "Uann", "name": "Ann", "follow": True, "text": "\uc548\ub155"},
    )


def a_contact(service: Service) -> Any:
    address = {"type": "tel", "target": ANN}
    reply = service.send(
        "POST", "/contacts", {"first_name": "Ann", "last_name": "Lee", "company": "Acme", "addresses": [address]}
    )
    assert reply.status_code == 201, reply.text
    return reply.json()


def a_case(service: Service) -> Any:
    """Ann calls a number whose flow opens a case; it has a note."""
    contact = a_contact(service)
    opens = {"type": "case_create", "option": {"name": "Callback", "note": "asked to be called back"}}
    flow = made(service, "/flows", {"name": "desk", "detail": "", "actions": [{"type": "answer"}, opens]})
    service.control("POST", "/calls", {"from": ANN, "to": flow["id"]})
    service.control("POST", "/clock", {"advance": 5})
    case = service.control("GET", "/records/contact_cases?find=Callback")["records"][0]["record"]
    assert service.send("PUT", f"/contact_cases/{case['id']}", {"contact_id": contact["id"]}).ok
    return case


def talked(service: Service) -> Any:
    """Two agents in a chat, of whom one says something."""
    ann, bob = service.control("GET", "/agents")["agents"][:2]
    body = {"type": "group", "name": "support", "participants": [{"owner_type": "agent", "owner_id": bob["id"]}]}
    chat = made(service.by(ann["token"]), "/service_agents/talk_chats", body)
    line = {"chat_id": chat["id"], "type": "normal", "text": "Who takes Ann's case?"}
    made(service.by(ann["token"]), "/service_agents/talk_messages", line)
    return chat


def an_ai(service: Service) -> Any:
    """An AI of a shop, which has a tool, and answers what it is scripted to."""
    empty = dict.fromkeys(("detail", "engine_key", "tts_type", "tts_voice_id", "stt_type"), "")
    body = {**empty, "name": "Desk", "engine_model": "openai.gpt-4o", "init_prompt": "Be brief.", "parameter": {}}
    text = {"source": {"type": "tel", "target": OWN}, "destinations": [{"type": "tel", "target": ANN}]}
    link = {**text, "text": "https://shop.example.com/returns"}
    sends = {"outcome": "call", "tool": "send_message", "arguments": link, "then": "I have sent you a link."}
    service.control("PUT", "/ais", {"Desk": [{**sends, "match": "return"}, "How may I help?"]})
    return made(service, "/ais", body)


def an_aicall(service: Service) -> Any:
    """Somebody writes to the AI, which calls a tool; it goes on."""
    body = {"assistance_type": "ai", "assistance_id": an_ai(service)["id"], "reference_type": "", "reference_id": ""}
    aicall = made(service, "/aicalls", body)
    for said in ("hello", "I want to return a jacket"):
        service.control("POST", "/clock", {"advance": 4})
        made(service, "/aimessages", {"aicall_id": aicall["id"], "role": "user", "content": said})
    service.control("POST", "/clock", {"advance": 4})
    return aicall


def an_audit(service: Service) -> Any:
    """The AI call is over, and was judged; a proposal is on its way, and a document is being read."""
    aicall = an_aicall(service)
    made(service, f"/aicalls/{aicall['id']}/terminate", None)
    audit = service.send("POST", "/aiaudits", {"aicall_id": aicall["id"]}).json()["result"][0]
    service.control("POST", "/clock", {"advance": 3})
    assert service.send("POST", "/aipromptproposals", {"ai_id": audit["ai_id"], "audit_ids": [audit["id"]]}).ok
    made(service, "/rags", {"name": "manual", "description": "", "source_urls": ["https://docs.example.com/faq"]})
    return audit


def busy_day(service: Service) -> None:
    """Something of everything."""
    ran(service)
    refused_plan(service)
    service.send("GET", "/outplans")
    service.send("GET", "/outplan")
    service.send("POST", "/tags", {"name": "vip"})
    made(service, "/tags", {"name": "vip", "detail": "good customers"})
    made(service, "/numbers", {"number": "+899100000001", "type": "virtual"})
    written(service)
    a_case(service)
    talked(service)
    an_audit(service)
    service.control("POST", "/faults", {"kind": "error", "on": "GET /me", "reason": "INTERNAL"})
    service.control("POST", "/stubs", {"on": "GET /flows/{id}", "json": {"result": []}, "status": 200})
    service.send("GET", "/me")
    calling(service)


def named(service: Service, name: str) -> list[str]:
    """Something of everything that has a name or a text, all of them this; and where it is looked at."""
    ai = an_ai(service)
    kept = ("detail", "engine_model", "parameter", "tts_type", "tts_voice_id", "stt_type")
    own = {**{member: ai[member] for member in kept}, "engine_key": "", "name": name, "init_prompt": name}
    assert service.send("PUT", f"/ais/{ai['id']}", own).ok
    calls_tool = {"outcome": "call", "tool": name[:60], "arguments": {name: name}, "then": name}
    service.control("PUT", "/ais", {"default": [calls_tool]})
    aicall = made(
        service,
        "/aicalls",
        {"assistance_type": "ai", "assistance_id": ai["id"], "reference_type": "", "reference_id": ""},
    )
    service.control("POST", "/clock", {"advance": 4})
    made(service, "/aimessages", {"aicall_id": aicall["id"], "role": "user", "content": name})
    rag = made(service, "/rags", {"name": name, "description": name, "source_urls": ["https://docs.example.com"]})
    text = {"source": {"type": "tel", "target": OWN}, "destinations": [{"type": "tel", "target": ANN}], "text": name}
    made(service, "/messages", text)
    mail = {"destinations": [{"type": "email", "target": "ann@example.com"}], "attachments": []}
    made(service, "/emails", {**mail, "subject": name, "content": name.replace("<", "(")})
    flows = {"session_flow_id": NO_FLOW, "message_flow_id": NO_FLOW}
    widget = made(service, "/webchat_widgets", {"name": name, **flows})
    visit = service.control("POST", "/visits", {"widget": widget["id"]})
    service.control("POST", f"/visits/{visit['session_id']}", {"say": name})
    address = {"type": "tel", "target": ANN}
    contact = service.send("POST", "/contacts", {"first_name": name[:90], "notes": name, "addresses": [address]}).json()
    opens = {"type": "case_create", "option": {"name": name, "note": name}}
    talk = {"type": "talk", "option": {"text": name, "language": "en-US"}}
    flow = made(service, "/flows", {"name": name, "detail": name, "actions": [{"type": "answer"}, opens, talk]})
    call = service.control("POST", "/calls", {"from": ANN, "to": flow["id"]})
    service.control("POST", "/clock", {"advance": 4})
    ann, bob = service.control("GET", "/agents")["agents"][:2]
    body = {"type": "group", "name": name, "participants": [{"owner_type": "agent", "owner_id": bob["id"]}]}
    chat = made(service.by(ann["token"]), "/service_agents/talk_chats", body)
    line = {"chat_id": chat["id"], "type": "normal", "text": name}
    made(service.by(ann["token"]), "/service_agents/talk_messages", line)
    service.control("POST", "/stubs", {"on": "GET /flows/{id}", "json": {name: name}, "status": 200})
    cases = service.control("GET", f"/records/contact_cases?limit=9&find={ANN[1:]}")["records"]
    threads = service.control("GET", "/threads")["threads"][:3]
    return [
        *VIEWS, f"ai/{aicall['id']}", f"ai/rags/{rag['id']}", f"calls/{call['id']}", f"contacts/{contact['id']}",
        f"contacts/cases/{cases[0]['id']}", f"desk/chats/{chat['id']}", *(f"inbox/{one['id']}" for one in threads),
    ]  # fmt: skip


def a_campaign(service: Service) -> str:
    return str(service.send("GET", "/campaigns").json()["result"][0]["id"])


def a_call(service: Service) -> str:
    calls = service.control("GET", "/calls")["calls"]
    return str(next(one["id"] for one in calls if one["status"] == "progressing" and one["path"]))


def a_refusal(service: Service) -> int:
    return int(next(one["number"] for one in service.control("GET", "/requests")["requests"] if one["violations"]))


def a_thread(service: Service, kind: str, other: str = "") -> str:
    threads = service.control("GET", f"/threads?kind={kind}")["threads"]
    return f"inbox/{next(one['id'] for one in threads if other in one['other'])}"


def newest(service: Service, resource: str, text: str = "") -> str:
    return str(service.control("GET", f"/records/{resource}?limit=1&find={text}")["records"][0]["id"])


# What of a busy day can be looked at beside the views themselves: name -> its route.
DETAILS: dict[str, Callable[[Service], str]] = {
    "request": lambda service: f"requests/{a_refusal(service)}",
    "resource": lambda service: "records/campaigns",
    "record": lambda service: f"records/campaigns/{a_campaign(service)}",
    "call": lambda service: f"calls/{a_call(service)}",
    "campaign": lambda service: f"campaigns/{a_campaign(service)}",
    "texts": lambda service: a_thread(service, "text", ANN),
    "mail": lambda service: a_thread(service, "mail", "ann"),
    "visitor": lambda service: a_thread(service, "webchat"),
    "contact": lambda service: f"contacts/{newest(service, 'contacts')}",
    "case": lambda service: f"contacts/cases/{newest(service, 'contact_cases', 'Callback')}",
    "agent": lambda service: f"desk/{newest(service, 'agents', 'test1')}",
    "chat": lambda service: f"desk/chats/{newest(service, 'talk_chats')}",
    "aicall": lambda service: f"ai/{newest(service, 'aicalls', 'Be brief')}",
    "audit": lambda service: f"ai/aiaudits/{newest(service, 'aiaudits', 'dimensions')}",
    "proposal": lambda service: f"ai/aipromptproposals/{newest(service, 'aipromptproposals', 'progressing')}",
    "delivery": lambda service: "webhooks/3",
}
VIEWS = (
    "requests", "records", "clock", "calls", "campaigns", "inbox", "contacts", "desk", "ai", "billing", "webhooks",
    "trouble", "state", "coverage",
)  # fmt: skip


def route(name: str, service: Service) -> str:
    """The route of a view, or of one of the details."""
    return DETAILS[name](service) if name in DETAILS else name
