// Contacts, and the cases that one has with them.

import {asCurl, bar, button, code, field, fill, filter, h, link, part, record, remove, row, says, section, select, shell,
  soft, split, stamp, state, table, tell, terms, to} from "../dom.js";
import {actor, acts, agents, the, those, write} from "./acting.js";

const NONE = /^[0-]*$/;
const some = (id) => (id && !NONE.test(id) ? id : "");
const nameOf = (one) => one.display_name || [one.first_name, one.last_name].filter(Boolean).join(" ") || one.company || one.id.slice(0, 8);
const about = (one) => one.name || one.peer?.target || one.id.slice(0, 8);
const EDITED = ["first_name", "last_name", "display_name", "company", "job_title", "source", "external_id", "notes"];

export async function view() {
  let people = [], cases = [], desk = [], chosen = "";
  const find = filter("name, number, mailbox", () => show());
  const contacts = table("Contacts", [
    ["name", (one) => row(to("contacts", one.id), nameOf(one)), "long"], ["company", null, "long wide"],
    ["addresses", ({addresses}) => (addresses ?? []).map(({target}) => target).join(", "), "long mono"],
  ], ({id}) => id, "There are no contacts. Create one:", shell("POST", "/v1.0/contacts", {first_name: "Ann", addresses: [{type: "tel", target: "+15550100042"}]}));
  const open = table("Cases", [
    ["case", (one) => row(to("contacts", "cases", one.id), about(one)), "long"], ["with", ({peer, contact_id}) => [owner(contact_id) || peer?.target], "long"],
    ["owner", ({owner_id}) => agent(owner_id)], ["opened", ({opened_at}) => stamp(opened_at, true), "wide"], ["", ({status}) => state(status)],
  ], ({id}) => `cases/${id}`, "There are no cases. A flow opens one by the action case_create.");
  const owner = (id) => people.filter((one) => one.id === id).map(nameOf)[0];
  const agent = (id) => desk.filter((one) => one.id === id).map(({username}) => username)[0] ?? some(id).slice(0, 8);

  function show() {
    const text = find.value.toLowerCase(), like = (one) => JSON.stringify(one).toLowerCase().includes(text);
    contacts.show(people.filter(like), chosen);
    open.show(cases.filter(like), chosen);
  }

  const does = (said, f) => button(said, async () => (await f(), panes.update()));

  async function contact(one) {
    const path = `/v1.0/contacts/${one.id}`, events = h("div.stack");
    const past = button("Ask the service", async () => {
      const {result} = await acts("GET /v1.0/contact_peer_events?contact_id={id}", [one.id]);
      fill(events, h("ol.story", result.map(({timestamp, event_type, direction, peer, publisher, reference_id}) =>
        h("li", stamp(timestamp, true), " ", h("b", event_type), ` ${direction} ${peer.target} `, record(`${publisher}s`, reference_id)))), !result.length && soft("Nothing yet."));
    });
    return [
      nameOf(one),
      bar(button("Edit…", () => write(`Change ${nameOf(one)}`, "PUT /v1.0/contacts/{id}", Object.fromEntries(EDITED.map((name) => [name, one[name] ?? ""])), (body) => acts("PUT /v1.0/contacts/{id}", [one.id], body))),
        remove("Delete", `Delete ${nameOf(one)}?`, () => "Its numbers and mailboxes are free for others; its cases stay.", () => acts("DELETE /v1.0/contacts/{id}", [one.id])),
        record("contacts", one.id, "record"), asCurl("GET", path)),
      terms("facts", ["company", "job_title", "source", "external_id", "notes"].map((name) => [name.replace("_", " "), one[name]])),
      part("Addresses", (one.addresses ?? []).length ? h("ul.chips", one.addresses.map(({type, target, is_primary}) => h("li", code(target), ` ${type}${is_primary ? ", first" : ""}`))) : soft("None."),
        says("A number or a mailbox", "Add", (target) => acts("POST /v1.0/contacts/{id}/addresses", [one.id], {type: target.includes("@") ? "email" : "tel", target}))),
      part("Cases", h("ul.chips", one.cases.map((each) => h("li", link(to("contacts", "cases", each.id), about(each), " ", state(each.status)))))),
      part("What happened", bar(past), events),
    ];
  }

  async function casework([one, notes]) {
    const id = one.id, is = one.status === "open", attach = select([["", "(nobody)"], ...people.map((each) => [each.id, nameOf(each)])], some(one.contact_id), {"aria-label": "Contact"});
    const owners = select(desk.map(({id, username}) => [id, username]), some(one.owner_id), {"aria-label": "Owner"});
    const path = "/v1.0/contact_cases/{id}", mine = "/v1.0/service_agents/contact_cases/{id}";
    return [
      [about(one), " ", state(one.status)],
      bar(is ? does("Close", () => acts(`POST ${mine}/close`, [id])) : does("Go on with it", () => acts(`POST ${path}/continue`, [id])), record("contact_cases", id, "record"), asCurl("GET", `/records/contact_cases/${id}`)),
      terms("facts", [["with", one.peer?.target], ["at", one.local?.target], ["about", some(one.reference_id) && record(one.reference_type === "call" ? "calls" : "conversations", one.reference_id)],
        ["opened", stamp(one.opened_at, true)], ["closed", one.closed_at && [stamp(one.closed_at, true), ` ${one.closed_reason}`]], ["owner", agent(one.owner_id)]]),
      h("div.fields", await actor("Acts as"), field("Contact", attach, does("Attach", () => acts(`PUT ${mine}`, [id], {contact_id: attach.value || null}))),
        field("Owner", owners, does("Assign", () => acts(`POST ${mine}/assign`, [id], {owner_id: owners.value})))),
      part("Notes", notes.length ? h("ol.story", notes.map(({text, tm_create, author_id}) => h("li", stamp(tm_create, true), " ", h("small", agent(author_id)), h("p", text)))) : soft("None yet."),
        says("A note", "Write", (text) => acts(`POST ${mine}/notes`, [id], {text}).then(panes.update))),
      is && part("Write to them", says("A text", "Send", async (text) => {
        await acts(`POST ${path}/messages`, [id], {source: one.local.target, destination: one.peer.target, text});
        tell("Sent: see the inbox.");
      })),
    ];
  }

  const panes = split(() => to("contacts"), {
    async list(id) {
      chosen = id;
      [people, cases, desk] = await Promise.all([those("contacts"), those("contact_cases"), agents()]);
      show();
    },
    async read(id) {
      const [kind, one] = id.split("/");
      if (kind !== "cases") return {...await the("contacts", kind), cases: cases.filter(({contact_id}) => contact_id === kind)};
      const notes = await those("contact_case_notes", one);
      return [await the("contact_cases", one), notes.reverse()];
    },
    draw: (data) => (Array.isArray(data) ? casework(data) : contact(data)),
  }, bar(find), section("Contacts", contacts), section("Cases", open));
  return {
    ...panes, kinds: ["records"], curl: "/records/contacts",
    tools: button("Create…", () => write("Create a contact", "POST /v1.0/contacts", {first_name: "Ann", last_name: "", addresses: [{type: "tel", target: "+15550100042"}]}, async (body) => {
      location.hash = to("contacts", (await acts("POST /v1.0/contacts", [], body)).id);
    })),
  };
}
