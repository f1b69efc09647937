// Records: every resource, each record with what it names and what changed it; writing goes through the real API.

import {ask, button, el, empty, field, fill, keyed, mark, stamp, table, tell} from "../dom.js";
import {control} from "../wire.js";
import {act, actor, asCurl, copier, filter, head, json, link, row, shell, soft, split, to, write} from "./pieces.js";

const FIRST = ["name", "username", "number", "status", "source", "destination", "direction", "type", "result", "detail"];
const FEW = 5; // of one resource that name a record
const VIEW = {calls: "trace and keypad", campaigns: "plan and timeline"};

export default {
  kinds: ["records"],
  async open(main, params) {
    const kinds = el("ul", {class: "chips", "aria-label": "Resources"}), place = el("div"), foot = el("div", {class: "toolbar"}), tools = el("div", {class: "toolbar"});
    const find = filter("a text in them", () => (clearTimeout(timer), timer = setTimeout(load, 200)));
    const panes = split(() => ["records", resource], tools, place, foot);
    let resource, id, known = [], rows = [], seen, timer;
    const calls = () => known.find(({name}) => name === resource)?.operations ?? {};
    const parent = () => known.find(({name}) => name === resource)?.parent;

    async function count() {
      ({resources: known} = await control("GET", "/records"));
      const rows = known.map(({name, records, deleted}) => ({name, records, deleted, current: name === resource && "page"}));
      keyed(kinds, rows, ({name}) => name, ({name, records, deleted, current}) => el("li", null, el("a", {href: to("records", name), "aria-current": current, class: !records && !deleted && "soft"},
        name, " ", el("span", {class: "number"}, records, deleted > 0 && [" ", el("del", {title: "deleted"}, deleted)]))));
    }

    async function load(after) {
      if (!resource) return fill(place, empty("Choose a resource."));
      const query = `?find=${encodeURIComponent(find.value)}${typeof after === "string" ? `&after=${after}` : ""}`;
      const found = await control("GET", `/records/${resource}${query}`);
      rows = typeof after === "string" ? [...rows, ...found.records] : found.records;
      fill(foot, soft(rows.length ? `${rows.length} of ${found.found}` : ""), found.next && button("more", () => load(found.next)));
      if (!rows.length) return fill(place, empty(el("p", null, find.value ? "None has this text in it." : `There are no ${resource}.`),
        !find.value && (calls().create ? [button("Create one…", create), shell("POST", calls().create.split(" ")[1], {})] : "They come about by calls and campaigns.")));
      const names = columns(rows[0].record), shape = names.join();
      if (place.shape !== resource + shape || !place.firstChild?.show) {
        fill(place, table(resource, [
          ["id", (one) => [row(to("records", resource, one.id), one.id.slice(0, 8), one.shown, {class: one.deleted && "deleted", title: one.id}), one.deleted && [" ", mark("deleted")]], "mono"],
          ...names.map((name, at) => [name, (one) => el("span", {class: one.deleted && "deleted"}, brief(one.record[name])), at > 1 ? "wide long" : "long"]),
        ], (one) => one.id, ""));
        place.shape = resource + shape;
      }
      place.firstChild.show(rows.map((one) => ({...one, shown: one.id === id})));
    }

    const sample = async (what, record = {}) => {
      const {body} = await control("GET", `/operations/${resource}.${what}`);
      return Object.fromEntries(Object.entries(body ?? {}).map(([name, value]) => [name, record[name] ?? value]));
    };

    async function create() {
      const call = calls().create, of = call.includes("{") && el("input");
      await write(`Create one of ${resource}`, call, await sample("create"), async (body) => {
        const made = await act(call, [of && of.value.trim()], body);
        tell(`Created ${made?.id ?? ""}`);
        if (made?.id) location.hash = to("records", resource, made.id);
      }, of && field(parent(), of));
    }

    async function details() {
      if (!id) return panes.show((seen = ""));
      const mine = `${resource}/${id}`, got = await control("GET", `/records/${resource}/${encodeURIComponent(id)}`), text = JSON.stringify(got);
      if (text === seen || mine !== `${resource}/${id}`) return; // nothing new, or not looked at any more
      seen = text;
      const {record, deleted, links, related, history} = got;
      const {update, delete: removal} = calls(), path = [record.id];
      if (removal?.split("{").length > 2) path.unshift(record[parent()]);
      const groups = Map.groupBy(related.filter((one) => !links.some((other) => other.id === one.id)), (one) => one.resource);
      panes.show(el("span", {class: deleted && "deleted"}, record.name || record.number || `${resource} ${id.slice(0, 8)}`),
        el("div", {class: "toolbar"},
          VIEW[resource] && el("a", {class: "button", href: to(resource, id)}, VIEW[resource]),
          !deleted && update && button("Edit…", async () => write(`Change ${record.name || id}`, update, await sample("update", record), (body) => act(update, path, body))),
          !deleted && removal && button("Delete…", async () => {
            const sure = await ask(`Delete ${record.name || id}?`, [await actor(), soft(`${removal}. As the service does, the mock keeps the record, marked as deleted.`)], "Delete");
            if (sure) await act(removal, path), tell(`Deleted ${id}`);
          }, {class: "danger"}),
          copier("id", id), copier("as seed", JSON.stringify({[resource]: [record]}, null, 2)), asCurl("GET", `/records/${resource}/${id}`)),
        json(record, {label: `Record ${id}`, links: Object.fromEntries(links.map((one) => [one.at, to("records", one.resource, one.id)]))}),
        links.length > 0 && [el("h3", null, "It names"), el("ul", {class: "chips"}, [...Map.groupBy(links, (one) => one.id).values()].map(([one]) => relation(one)))],
        groups.size > 0 && [el("h3", null, "These name it"), el("ul", {class: "chips"}, [...groups.values()].map((several) => [several.slice(0, FEW).map(relation),
          several.length > FEW && el("li", {class: "soft"}, `and ${several.length - FEW} more ${several[0].resource}`)]))],
        el("h3", null, "What changed it"), history.length ? el("ol", {class: "story"}, history.map(past)) : soft("Nothing since the start."));
    }

    async function go({rest: [name = "", one = ""], query}) {
      const other = name !== resource;
      [resource, id] = [name, one];
      if (other) find.value = query.get("find") ?? "";
      await count();
      if (other) fill(tools, resource && [find, calls().create && button("Create…", create), asCurl("GET", `/records/${resource}`)]);
      await Promise.all([load(), details().catch(panes.fails)]);
    }

    main.append(head("Records", asCurl("GET", "/records")), kinds, panes);
    await go(params);
    return {
      go,
      close: () => clearTimeout(timer),
      async update(notices) {
        const mine = notices.filter((one) => one.kind !== "records" || one.resource === resource);
        await count();
        if (mine.length) await load();
        if (id && mine.some((one) => (one.id ?? id) === id)) await details().catch(panes.fails);
      },
    };
  },
};

const columns = (record) => [...FIRST.filter((name) => name in record), ...Object.keys(record).filter((name) => /_id$/.test(name) && name !== "customer_id"), "tm_create"].slice(0, 5);

function brief(value) {
  const text = value?.target ?? value?.type ?? (typeof value === "string" ? value : JSON.stringify(value ?? ""));
  if (/^[\da-f-]{36}$/.test(text)) return /^[0-]+$/.test(text) ? "" : text.slice(0, 8);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text === '""' ? "" : text.replace(/\.\d{6}Z?$/, "");
}

const relation = ({at, resource, id, name, deleted}) => el("li", null, link(resource, id, `${resource} ${name || id.slice(0, 8)}`, {class: deleted && "deleted", title: at}));

const past = (one) => el("li", null, stamp(one.time, true), " ", one.kind === "request"
  ? [el("a", {href: to("requests", one.number)}, `request ${one.number}`), " ", el("code", null, one.call)]
  : [el("b", null, one.type), Object.entries(one.changed).map(([name, [was, is]]) => el("div", null, el("code", null, name), " ", el("del", null, brief(was)), " → ", el("ins", null, brief(is))))]);
