// The agents' desk: who is there, what each works on, and what they say to each other.

import {asCurl, bar, button, el, field, filter, h, link, many, mark, part, record, row, says, section, select, soft, split, stamp, state, table, terms, to} from "../dom.js";
import {acts, the, those} from "./acting.js";

const STATUSES = ["available", "away", "busy", "offline"];
const TALK = "/v1.0/service_agents/talk_";

export async function view() {
  let agents = [], chats = [], work = {}, members = [];
  const nameOf = (id) => agents.filter((one) => one.id === id).map(({username}) => username)[0] ?? `${id}`.slice(0, 8);
  const of = (name, id) => work[name].filter((one) => one.owner_id === id);
  const desk = table("Agents", [
    ["agent", (one) => row(to("desk", one.id), one.username), "long"], ["name", null, "long wide"],
    ["status", ({status}) => state(status)], ["works on", (one) => [[one.open, "case"], [one.talks, "conversation"], [one.calls, "call"]].filter(([n]) => n).map((each) => many(...each)).join(", ") || soft("nothing"), "long"],
  ], ({id}) => id, "There are no agents.");
  const rooms = table("Chats of agents", [
    ["chat", (one) => row(to("desk", "chats", one.id), one.title), "long"], ["kind", ({type}) => mark(type)], ["who", ({who}) => who, "long wide"],
  ], ({id}) => `chats/${id}`, "Nobody talks yet.");

  function agent(one) {
    const how = select(STATUSES.map((name) => [name]), one.status, {"aria-label": "Status"});
    const list = (title, rows, draw) => part(`${title}: ${rows.length}`, rows.length > 0 && h("ul.chips", rows.slice(0, 50).map((each) => h("li", draw(each)))));
    const reached = (one.addresses ?? []).map(({target}) => target).join(", ");
    return [
      [one.username, " ", state(one.status)],
      bar(record("agents", one.id, "record"), asCurl("GET", `/records/agents/${one.id}`)),
      terms("facts", [["name", one.name], ["detail", one.detail], ["reached at", reached], ["rings", one.ring_method]]),
      field("Says that it is", how, button("Set", async () => (await acts("PUT /v1.0/service_agents/me/status", [], {status: how.value}, one.id), panes.update()))),
      list("Open cases", one.cases, (each) => link(to("contacts", "cases", each.id), each.name || each.peer?.target)),
      list("Conversations", one.conversations, (each) => record("conversations", each.id, each.name)),
      list("Calls", one.calls, (each) => link(to("calls", each.id), `${each.source?.target} → ${each.destination?.target}`)),
      list("Chats", one.chats, (each) => link(to("desk", "chats", each.id), each.title)),
    ];
  }

  function room([one, lines, inside]) {
    const who = select(inside.map((id) => [id, nameOf(id)]), inside[0], {"aria-label": "Who says it"});
    const others = agents.filter(({id}) => !inside.includes(id)), comes = select(others.map(({id, username}) => [id, username]), "", {"aria-label": "Who joins"});
    const marks = ({metadata}) => (metadata?.reactions ?? []).map(({emoji}) => emoji).join(" ");
    return [
      [title(one), " ", mark(one.type)],
      bar(record("talk_chats", one.id, "record"), asCurl("GET", `/records/talk_messages?find=${one.id}`)),
      soft(one.detail), h("p", inside.map(nameOf).join(", ") || "Nobody is in it."),
      el("ol", {class: "talk", "aria-label": "Lines"}, lines.map((line) => h("li.in", h("b", line.type === "system" ? "system" : nameOf(line.owner_id)), h("p", line.text),
        h("small", stamp(line.tm_create, true), " ", marks(line), " ", record("talk_messages", line.id, "record"))))), !lines.length && soft("Nothing was said."),
      inside.length > 0 && h("section.card", field("As", who), says("What is said", "Say", (text) => acts(`POST ${TALK}messages`, [], {chat_id: one.id, text, type: "normal"}, who.value).then(panes.update))),
      one.type === "talk" && others.length > 0 && bar(comes, button("Join", async () => (await acts(`POST ${TALK}chats/{id}/join`, [one.id], undefined, comes.value), panes.update()))),
    ];
  }

  const insiders = (chat) => members.filter(({chat_id}) => chat_id === chat).map(({owner_id}) => owner_id);
  const open = (id) => of("contact_cases", id).filter(({status}) => status === "open");
  const title = (one) => one.name || insiders(one.id).map(nameOf).join(", ") || one.id.slice(0, 8);
  const panes = split(() => to("desk"), {
    async list(id) {
      const names = ["contact_cases", "conversations", "calls"];
      let several;
      [agents, chats, members, ...several] = await Promise.all(["agents", "talk_chats", "talk_participants", ...names].map((name) => those(name)));
      agents.reverse(); // the first that was made is the first
      work = Object.fromEntries(names.map((name, at) => [name, several[at]]));
      chats = chats.map((one) => ({...one, title: title(one), who: insiders(one.id).map(nameOf).join(", ")}));
      desk.show(agents.map((one) => ({
        ...one, talks: of("conversations", one.id).length, open: open(one.id).length,
        calls: of("calls", one.id).filter(({status}) => status !== "hangup").length,
      })), id);
      rooms.show(chats, id);
    },
    async read(id) {
      const [kind, chat] = id.split("/");
      if (kind !== "chats") {
        return {...await the("agents", kind), cases: open(kind), conversations: of("conversations", kind), calls: of("calls", kind), chats: chats.filter((one) => insiders(one.id).includes(kind))};
      }
      const lines = await those("talk_messages", chat);
      return [await the("talk_chats", chat), lines.filter(({chat_id}) => chat_id === chat).reverse(), insiders(chat)];
    },
    draw: (data) => (Array.isArray(data) ? room(data) : agent(data)),
  }, section("Agents", desk), section("Chats", rooms));
  return {...panes, kinds: ["records"], curl: "/records/agents"};
}
