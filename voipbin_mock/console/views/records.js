// Every resource, its records, and what became of each.

import {about, ask, asCurl, bar, button, code, copier, el, field, fill, filter, h, json, link, mark, part, record, row, soft, split, stamp,
  table, tell, to} from "../dom.js";
import {control} from "../wire.js";
import {acts, actor, write} from "./acting.js";

const NAMES = ["name", "username", "number", "status", "source", "destination", "direction", "type", "result", "detail"];
const columns = (one) => [...NAMES.filter((name) => name in one), ...Object.keys(one).filter((name) => /_id$/.test(name) && name !== "customer_id"), "tm_create"].slice(0, 5);

function brief(value) {
  const text = value?.target ?? value?.type ?? (typeof value === "string" ? value : JSON.stringify(value ?? ""));
  if (/^[\da-f-]{36}$/.test(text)) return /^[0-]+$/.test(text) ? "" : text.slice(0, 8);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text === '""' ? "" : text.replace(/\.\d{6}Z?$/, "");
}

const struck = (deleted, ...text) => el(deleted ? "del" : "span", null, text);
const relation = ({at, resource, id, name, deleted}) => el("li", {title: at}, struck(deleted, record(resource, id, about(resource, id, name))));
const past = (one) => h("li", stamp(one.time, true), " ", one.kind === "request" ? [link(to("requests", one.number), `request ${one.number}`), " ", code(one.call)]
  : [h("b", one.type), Object.entries(one.changed).map(([name, [was, is]]) => h("div", code(name), " ", h("del", brief(was)), " → ", h("ins", brief(is))))]);

export async function view() {
  const kinds = el("ul", {class: "chips kinds", "aria-label": "Resources"}), place = h("div"), foot = bar(), tools = bar();
  const find = filter("a text in them", () => (clearTimeout(timer), timer = setTimeout(load, 200)));
  let resource = "", chosen = "", known = {}, rows = [], list, timer;

  async function counts() {
    const {resources} = await control("GET", "/records");
    known = Object.fromEntries(resources.map((one) => [one.name, one]));
    if (kinds.told === (kinds.told = resource + JSON.stringify(resources))) return;
    fill(kinds, resources.map(({name, records, deleted}) => h("li", el("a", {href: to("records", name), "aria-current": name === resource && "page"},
      name, " ", h("span.soft", records, deleted > 0 && [" ", h("del", deleted)])))));
  }

  async function load(after) {
    const found = await control("GET", `/records/${resource}?find=${encodeURIComponent(find.value)}${after?.big ? `&after=${after}` : ""}`);
    rows = after?.big ? [...rows, ...found.records] : found.records;
    fill(foot, rows.length > 0 && soft(`${rows.length} of ${found.found}`), found.next && button("more", () => load(found.next)));
    const names = columns(rows[0]?.record ?? {}), shape = [resource, ...names].join();
    if (list?.shape !== shape) {
      list = table(resource, [
        ["id", (one) => [struck(one.deleted, row(to("records", resource, one.id), one.id.slice(0, 8), {title: one.id})), one.deleted && [" ", mark("deleted")]], "mono"],
        ...names.map((name, at) => [name.replaceAll("_", " "), (one) => struck(one.deleted, brief(one.record[name])), at > 1 ? "wide long" : "long"]),
      ], (one) => one.id);
      list.shape = shape;
      fill(place, list);
    }
    if (!rows.length) fill(list.none, h("p", find.value ? "None has this text in it." : `There are no ${resource}.`));
    list.show(rows, chosen);
  }

  const calls = () => known[resource]?.operations ?? {};

  // A body as the operation takes it, of this record as far as it has it.
  async function sample(what, one = {}) {
    const {body} = await control("GET", `/operations/${resource}.${what}`);
    return Object.fromEntries(Object.entries(body ?? {}).map(([name, value]) => [name, one[name] ?? value]));
  }

  async function create() {
    const call = calls().create, of = call.includes("{") && el("input");
    await write(`Create one of ${resource}`, call, await sample("create"), async (body) => {
      const {id} = await acts(call, [of && of.value.trim()], body) ?? {};
      tell(`Created ${id ?? ""}`);
      if (id) location.hash = to("records", resource, id);
    }, of && field(known[resource].parent || call.match(/(\w+)\/\{/)[1], of));
  }

  function changes(one, name) {
    const {update, delete: goes} = calls(), ids = goes?.split("{").length > 2 ? [one[known[resource].parent]] : [];
    return [
      update && button("Edit…", async () => write(`Change ${name}`, update, await sample("update", one), async (body) => (await acts(update, [one.id], body), tell(`Changed ${name}.`)))),
      goes && !ids.includes(undefined) && button("Delete…", async () => await ask(`Delete ${name}?`, [await actor(), soft(goes)], "Delete") && (await acts(goes, [...ids, one.id]), tell(`Deleted ${name}.`)), {class: "danger"}),
    ];
  }

  function draw({record: one, deleted, links, related, history}) {
    const groups = [...Map.groupBy(new Map([...related, ...links].map((one) => [one.id, one])).values(), (one) => one.resource).values()];
    return [
      struck(deleted, one.name || one.number || about(resource, one.id)),
      bar(/^(calls|campaigns)$/.test(resource) && link(to(resource, one.id), "what it does"), !deleted && changes(one, one.name || one.number || one.id.slice(0, 8)),
        copier("id", one.id), copier("as seed", JSON.stringify({[resource]: [one]}, null, 2)), asCurl("GET", `/records/${resource}/${one.id}`)),
      json(one, {label: `Record ${one.id}`, links: Object.fromEntries(links.map(({at, resource, id}) => [at, to("records", resource, id)]))}),
      groups.length > 0 && part("It names, or is named by", h("ul.chips", groups.map((several) => several.slice(0, 5).map(relation)))),
      part("What changed it", history.length ? h("ol.story", history.map(past)) : soft("Nothing since the start.")),
    ];
  }

  const panes = split(() => to("records", resource), {
    list: async (id) => {
      chosen = id;
      await counts();
      if (resource) await load();
    },
    read: (id) => control("GET", `/records/${resource}/${encodeURIComponent(id)}`), draw,
  }, tools, place, foot);
  return {
    kinds: ["records"], curl: "/records", parts: [kinds, panes.parts],
    async go({rest: [name = "", ...rest], query}) {
      const other = name !== resource;
      resource = name;
      if (other) find.value = query.get("find") ?? "";
      if (!name) fill(place, list = null, h("div.empty", "Choose a resource."));
      await panes.go({rest});
      if (other) fill(tools, name && [find, calls().create && button("Create…", create), asCurl("GET", `/records/${name}`), h("span.soft", "API:"), Object.keys(known[name]?.operations ?? {}).map((kind) => link(`docs#${name}.${kind}`, kind))]);
    },
    update: (notices) => (notices.some((one) => one.kind !== "records" || one.resource === resource) ? panes.update() : counts()),
    close: () => clearTimeout(timer),
  };
}
