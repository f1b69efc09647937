// What was sent, and what was wrong with it.

import {bar, button, code, copy, el, fill, filter, h, json, link, many, mark, more, part, record, remove, row, select, shell, soft, split, stamp, steady, table, tell, terms, to} from "../dom.js";
import {control} from "../wire.js";

const FIRST = 100, MOST = 500, PROBLEMS = "problem:yes";
const FILTERS = /(?:^|\s)(method|status|op|problem):(\S+)/g;
const COPIES = [["curl", "curl line"], ["python", "Python test"], ["javascript", "JavaScript test"], ["stub"]];

const status = ({status, reason}) => mark(status ? `${status} ${reason ?? ""}` : "no answer", status && status < 400 ? "ok" : "bad");
const count = (n, word, tone) => n > 0 && mark(many(n, word), tone);
const marks = ({violations, warnings, planned = [], console}) => [count(violations, "violation", "bad"), count(warnings, "warning", "warn"),
  planned.map(({kind}) => mark(kind === "stub" ? kind : `fault: ${kind}`, "info")), console && mark("console")].flat().map((one) => [one, one && " "]);
const query = (text) => (text = text.split("&").filter((pair) => !pair.endsWith("=***")).join("&")) && `?${text}`;

export async function view() {
  let q, number, rows = [], unseen = 0, seen = 0, older, refused, whole, timer;
  const href = (number, q) => to("requests", ...(number ? [number] : [])) + (q && `?${new URLSearchParams({q})}`);
  const choose = (text) => text !== q && location.replace(href(number, text));
  const find = filter("status:4xx op:outplans.* method:POST problem:yes text", () => (clearTimeout(timer), timer = setTimeout(() => choose(find.value.trim()), 250)));
  const problems = button("Problems", () => choose((q.includes(PROBLEMS) ? q.replace(PROBLEMS, "") : `${q} ${PROBLEMS}`).trim()));
  const fresh = button("", async () => (add(await found({...since(), limit: FIRST})), scrollTo(0, 0)), {class: "primary"}), foot = bar();
  const list = table("Requests", [
    ["#", ({number}) => number, "right"], ["Time", ({time}) => stamp(time)],
    ["Request", (one) => [row(href(one.number, one.q), h("code", h("b", one.method), ` ${one.path}`, query(one.query))), one.wrong && h("small.wrong", one.wrong)], "long"],
    ["Status", (one) => [status(one), " ", marks(one)]],
  ], (one) => one.number);

  const since = () => ({after: rows[0]?.number ?? 0});

  // "status:4xx op:outplans.* evening" as a query.
  async function found(more) {
    const text = q.replace(FILTERS, "").trim(), named = Object.fromEntries([...q.matchAll(FILTERS)].map(([, name, value]) => [name, value]));
    const got = await control("GET", `/requests?${new URLSearchParams({brief: "yes", limit: MOST, ...named, ...(text && {text}), ...more})}`);
    return {...got, requests: got.requests.reverse()};
  }

  function show() {
    list.show(rows.map((one) => ({...one, q})), number);
    fresh.hidden = !unseen;
    fill(fresh, `${unseen} new`);
    fill(list.none, q ? "No request is like this." : ["No requests yet. Send one:", shell("GET", "/v1.0/outplans")]);
    fill(foot, rows.length > 0 && soft(`${rows.length} of ${seen}`), older && button("older", async () => {
      const got = await found({before: rows.at(-1).number});
      rows.push(...got.requests);
      older = got.found > MOST;
      show();
    }));
  }

  // The newest, which came after those that are shown.
  function add(got) {
    const all = got.found ?? got.requests.length, gap = all > got.requests.length;
    rows = gap ? got.requests : [...got.requests, ...rows];
    older ||= gap || rows.length > MOST;
    [rows, unseen, seen] = [rows.slice(0, MOST), 0, got.seen];
    show();
  }

  async function load() {
    refused = true; // until it is not, so that it is not asked for again and again
    const got = await found({limit: FIRST});
    [rows, older, refused, whole] = [[], false, false, false];
    add(got);
  }

  // What is being read stays where it is: then they are only counted.
  const news = steady(async () => {
    const reads = scrollY >= 40 || list.contains(document.activeElement), got = !whole && await found({...since(), limit: reads ? 0 : FIRST});
    if (!got || got.seen < seen) return load();
    if (!reads) return add(got);
    [unseen, seen] = [got.found ?? got.requests.length, got.seen];
    show();
  });

  const panes = split(() => href(0, q), {list: (id) => ((number = id), show()), read: (id) => control("GET", `/requests/${id}`), draw: detail}, fresh, list, foot);
  return {
    kinds: ["requests"], curl: "/requests?brief=yes", parts: panes.parts,
    tools: [find, problems, remove("Clear", "Clear the requests?", () => `Gone for good: ${many(seen, "request")}, and all warnings. Records stay.`, () => control("DELETE", "/requests"))],
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
    more(many(headers.length, "header"), terms("headers", headers)));
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
