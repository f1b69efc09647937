// What happened and what there is: requests, records, the clock, coverage.

import {about, asCurl, bar, button, code, copier, copy, el, entry, fill, filter, h, json, lasts, link, mark, more, part, record, remove, row,
  section, select, shell, soft, split, stamp, steady, table, tell, terms, to} from "../dom.js";
import {control} from "../wire.js";
import {speed, wind} from "../app.js";

// requests

const FIRST = 100, MOST = 500, PROBLEMS = "problem:yes";
const FILTERS = /(?:^|\s)(method|status|op|problem):(\S+)/g;
const COPIES = [["curl", "curl line"], ["python", "Python test"], ["javascript", "JavaScript test"], ["stub"]];

const status = ({status, reason}) => mark(status ? `${status} ${reason ?? ""}` : "no answer", status && status < 400 ? "ok" : "bad");
const count = (n, word, tone) => n > 0 && mark(`${n} ${word}${n > 1 ? "s" : ""}`, tone);
const marks = ({violations, warnings, planned = [], console}) => [count(violations, "violation", "bad"), count(warnings, "warning", "warn"),
  planned.map(({kind}) => mark(kind === "stub" ? kind : `fault: ${kind}`, "info")), console && mark("console")].flat().map((one) => [one, one && " "]);
const query = (text) => (text = text.split("&").filter((pair) => !pair.endsWith("=***")).join("&")) && `?${text}`;

export async function requests() {
  let q, number, rows = [], held = [], seen = 0, older, refused, whole, timer;
  const href = (number, q) => to("requests", ...(number ? [number] : [])) + (q && `?${new URLSearchParams({q})}`);
  const choose = (text) => text !== q && location.replace(href(number, text));
  const find = filter("status:4xx op:outplans.* method:POST problem:yes text", () => (clearTimeout(timer), timer = setTimeout(() => choose(find.value.trim()), 250)));
  const problems = button("Problems", () => choose((q.includes(PROBLEMS) ? q.replace(PROBLEMS, "") : `${q} ${PROBLEMS}`).trim()));
  const fresh = button("", () => (take(), scrollTo(0, 0)), {class: "primary"}), foot = bar();
  const list = table("Requests", [
    ["#", ({number}) => number, "right"], ["Time", ({time}) => stamp(time)],
    ["Request", (one) => [row(href(one.number, one.q), h("code", h("b", one.method), ` ${one.path}`, query(one.query))), one.wrong && h("small.wrong", one.wrong)], "long"],
    ["Status", (one) => [status(one), " ", marks(one)]],
  ], (one) => one.number);

  // "status:4xx op:outplans.* evening" as a query.
  async function found(more) {
    const text = q.replace(FILTERS, "").trim(), named = Object.fromEntries([...q.matchAll(FILTERS)].map(([, name, value]) => [name, value]));
    const got = await control("GET", `/requests?${new URLSearchParams({brief: "yes", limit: MOST, ...named, ...(text && {text}), ...more})}`);
    return {...got, requests: got.requests.reverse()};
  }

  function show() {
    list.show(rows.map((one) => ({...one, q})), number);
    fresh.hidden = !held.length;
    fill(fresh, `${held.length} new`);
    fill(list.none, q ? "No request is like this." : ["No requests yet. Send one:", shell("GET", "/v1.0/outplans")]);
    fill(foot, rows.length > 0 && soft(`${rows.length} of ${seen}`), older && button("older", async () => {
      const got = await found({before: rows.at(-1).number});
      rows.push(...got.requests);
      older = got.found > MOST;
      show();
    }));
  }

  function take() {
    older ||= held.length + rows.length > MOST;
    [rows, held] = [[...held, ...rows].slice(0, MOST), []];
    show();
  }

  async function load() {
    refused = true; // until it is not, so that it is not asked for again and again
    const got = await found({limit: FIRST});
    [rows, held, seen, older, refused, whole] = [got.requests, [], got.seen, got.found > FIRST, false, false];
    show();
  }

  const news = steady(async () => {
    const got = !whole && await found({after: (held[0] ?? rows[0])?.number ?? 0});
    if (!got || got.seen < seen || got.found > MOST) return load();
    seen = got.seen;
    held = [...got.requests, ...held];
    if (scrollY < 40 && !list.contains(document.activeElement)) take();
    else show();
  });

  const panes = split(() => href(0, q), {list: (id) => ((number = id), show()), read: (id) => control("GET", `/requests/${id}`), draw: detail}, fresh, list, foot);
  return {
    kinds: ["requests"], curl: "/requests?brief=yes", parts: panes.parts,
    tools: [find, problems, remove("Clear", "Clear the requests?", () => `${seen} requests and their warnings go; records stay.`, () => control("DELETE", "/requests"))],
    async go(params) {
      const before = q;
      q = params.query.get("q") ?? "";
      if (document.activeElement !== find) find.value = q;
      problems.ariaPressed = String(q.includes(PROBLEMS));
      if (before !== q) await load();
      await panes.go(params);
    },
    close: () => clearTimeout(timer),
    update(notices) {
      whole ||= notices.some(({kind, id}) => kind === "reset" || kind === "gone" || kind === "requests" && !id);
      return refused || news();
    },
  };
}

function detail(one) {
  const lit = Object.fromEntries(one.violations.filter(({pointer}) => pointer).map(({pointer, message, advice}) => [pointer, [message, advice].filter(Boolean).join("; ")]));
  const side = (title, name, headers, lit) => part(title,
    one[name] ? json(one[name], {text: true, lit, label: title, links: Object.fromEntries((one.links[name] ?? []).map(({at, resource, id}) => [at, to("records", resource, id)]))}) : soft("no body"),
    more(`${headers.length} headers`, terms("headers", headers)));
  const notice = (word, tone) => ({code: name, pointer, message, advice}) =>
    el("div", {class: `notice ${tone}`}, h("b", word), " ", name && tone === "warn" && `${name} `, code(pointer), ` ${message}`, advice && h("p", `→ ${advice}`));
  const form = select(COPIES, "curl", {"aria-label": "Copy as"}), path = `/requests/${one.number}`;
  return [
    `${one.method} ${one.path}`,
    bar(status(one), marks({...one, violations: 0, warnings: 0}), code(query(one.query))),
    terms("facts", [["Number", String(one.number)], ["Virtual time", stamp(one.time, true)], ["Operation", one.operation && link(`docs#${one.operation}`, one.operation)], ["Called at", one.called_at]]),
    one.violations.map(notice("Violation", "bad")), one.warnings.map(notice("Warning", "warn")),
    one.hint && !one.violations.some(({message}) => one.hint.includes(message)) && h("div.notice", h("b", "Hint "), one.hint),
    bar(form, button("Copy", async () => {
      const text = await control("GET", `${path}?as=${form.value}`);
      await copy(text.at ? text : JSON.stringify(text, null, 2), form.selectedOptions[0].text);
    }), button("Send again", async () => {
      const {number, status, reason} = await control("POST", `${path}/again`);
      tell(`Sent again as ${number}: ${status} ${reason ?? ""}`);
    }), el("a", {class: "button", href: `#/trouble?${new URLSearchParams({plan: "fault", on: one.on})}`}, "Plan a fault…")),
    side("Sent", "body", one.headers, lit), one.cut && soft("Only the beginning of the bodies is kept."), side("Answered", "reply", one.reply_headers),
    one.events?.length > 0 && part("Events it caused", el("ol", {class: "story"}, one.events.map(({type, resource, id}) => h("li", type, " ", resource && record(resource, id))))),
  ];
}

// records

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

export async function records() {
  const kinds = el("ul", {class: "chips", "aria-label": "Resources"}), place = h("div"), foot = bar(), tools = bar();
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
        ...names.map((name, at) => [name, (one) => struck(one.deleted, brief(one.record[name])), at > 1 ? "wide long" : "long"]),
      ], (one) => one.id);
      list.shape = shape;
      fill(place, list);
    }
    if (!rows.length) fill(list.none, h("p", find.value ? "None has this text in it." : `There are no ${resource}.`));
    list.show(rows, chosen);
  }

  function draw({record: one, deleted, links, related, history}) {
    const groups = [...Map.groupBy(new Map([...related, ...links].map((one) => [one.id, one])).values(), (one) => one.resource).values()];
    return [
      struck(deleted, one.name || one.number || about(resource, one.id)),
      bar(/^(calls|campaigns)$/.test(resource) && link(to(resource, one.id), "what it does"),
        copier("id", one.id), asCurl("GET", `/records/${resource}/${one.id}`)),
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
      if (other) fill(tools, name && [find, asCurl("GET", `/records/${name}`), Object.keys(known[name]?.operations ?? {}).map((kind) => link(`docs#${name}.${kind}`, kind))]);
    },
    update: (notices) => (notices.some((one) => one.kind !== "records" || one.resource === resource) ? panes.update() : counts()),
    close: () => clearTimeout(timer),
  };
}

// the clock

const number = (text) => (text && isFinite(text) ? Number(text) : text);

export async function clock() {
  const big = h("p.big"), due = table("What is due next", [
    ["At", ({at}) => stamp(at, true)], ["In", ({at, now}) => lasts((Date.parse(at) - Date.parse(now)) / 1000), "right"], ["what", null, "long"],
    ["Of", ({resource, id, name}) => id && record(resource, id, about(resource, id, name)), "long"],
    ["", ({at}) => button("Go there", () => wind({freeze: at}), {class: "plain", "aria-label": `Wind to ${at}`})],
  ], ({at, what, id}) => at + what + id, "Nothing is due. Run a campaign, or call a flow.");
  const way = (label, placeholder, action, body) => entry(label, {size: 20, placeholder}, action, (text) => wind(body(text)));
  return {
    kinds: ["clock", "tick", "calls", "campaigns", "webhooks"], curl: "/clock",
    parts: [big, h("div.fields", way("Seconds to wind on by", "7200", "Wind", (text) => ({advance: number(text)})),
      way("Stand still at (UTC)", "2026-03-01T09:00:00Z", "Go there", (freeze) => ({freeze})),
      way("Seconds a second", "60", "Set", (text) => ({resume: true, speed: number(text)}))), section("What is due next", due)],
    async update() {
      const told = await control("GET", "/clock?limit=50"), {now, next = []} = told;
      fill(big, stamp(now, true), " ", mark(speed(told)));
      due.show(next.map((one) => ({...one, now})));
    },
  };
}

// coverage

const TITLES = {operations: "operations", members: "request members", values: "enum values", reasons: "error reasons"};
const SHOWN = 200, OFTEN = 2000; // milliseconds between two looks

export async function coverage() {
  let report, timer;
  const shares = table("Shares", [
    ["title"], ["exercised", ({covered, total}) => `${covered} of ${total}`, "right"],
    ["share", ({covered, total, title}) => el("progress", {max: total || 1, value: covered, "aria-label": title})],
  ], (one) => one.title);
  const kind = select(Object.entries(TITLES), "operations", {"aria-label": "Kind", on: {change: () => draw()}}), find = filter("filter", () => draw()), left = soft(), flows = h("div.stack");
  const missing = table("Not exercised", [["how to reach it", ({item: {reason, operation}, name}) => link(reason ? `#/trouble?${new URLSearchParams({plan: "fault", on: "any", reason})}` : `docs#${operation}`, name), "long"]],
    (one) => one.name, "All of it was exercised.");
  const warnings = table("Warnings", [
    ["request", ({request}) => row(to("requests", request), request), "right"], ["operation", null, "wide"], ["code", ({code: name}) => code(name)],
    ["what", ({pointer, message, advice}) => [code(pointer), " ", message, advice && soft(advice)], "long"],
  ], ({request, code, pointer}) => [request, code, pointer], "Nothing discouraged was sent.");

  function draw() {
    const rows = report[kind.value].items.filter(({count}) => !count)
      .map((item) => ({item, name: item.reason ?? [item.call, item.member, "value" in item && JSON.stringify(item.value)].filter(Boolean).join(" ")}))
      .filter(({name}) => name.toLowerCase().includes(find.value.toLowerCase()));
    missing.show(rows.slice(0, SHOWN));
    fill(left, rows.length > SHOWN ? `${SHOWN} of ${rows.length}` : rows.length);
  }

  async function load() {
    const [told, found] = await Promise.all([control("GET", "/coverage"), control("GET", "/warnings")]);
    report = told;
    shares.show([...Object.entries(TITLES).map(([name, title]) => ({title, covered: told[name].covered, total: told[name].total})), {title: "all", ...told.total}]);
    draw();
    fill(flows, told.flows.items.map((one) => more(`${one.name}: ${one.percent} %`, json(one.missing ?? one, {label: one.name}))), !told.flows.items.length && soft("No flow has run to its end."));
    warnings.show(found.warnings.slice(-SHOWN).reverse());
  }

  return {
    kinds: ["requests"], curl: "/coverage", go: load,
    tools: remove("Forget", "Count from nothing?", () => `${report.total.covered} things exercised are forgotten.`, async () => (await control("DELETE", "/coverage"), load())),
    parts: [shares, section("Warnings", warnings), section("Missing", bar(kind, find, left), missing), section("Flows", flows)],
    update: () => void (timer ??= setTimeout(() => (timer = undefined, load().catch(() => {})), OFTEN)),
    close: () => clearTimeout(timer),
  };
}
