// Requests: what was sent and answered, and what was wrong with it.

import {button, copy, el, facts, fill, json, mark, select, stamp, table, tell} from "../dom.js";
import {control} from "../wire.js";
import {asCurl, filter, head, more, remove, row, shell, split, to} from "./pieces.js";

const MOST = 500;
const FILTERS = /^(method|status|op|problem):(.+)$/;
const COPIES = [["curl", "curl line"], ["python", "Python test"], ["javascript", "JavaScript test"], ["stub", "stub"]];

const status = ({status: code, reason}) => mark(code ? `${code} ${reason ?? ""}` : "no answer", code && code < 400 ? "ok" : "bad");
const marks = ({violations, warnings, planned = [], console: own}) => [
  violations > 0 && mark(`${violations} violation${violations > 1 ? "s" : ""}`, "bad"), warnings > 0 && mark(`${warnings} warning${warnings > 1 ? "s" : ""}`, "warn"),
  planned.map(({kind}) => mark(kind === "stub" ? kind : `fault: ${kind}`, "info")), own && mark("console"),
].flat().filter(Boolean).flatMap((one) => [one, " "]);

// What was asked by the query, but for a credential.
const asked = (text) => (text = text.split("&").filter((pair) => !pair.endsWith("=***")).join("&")) && `?${text}`;

// "status:4xx op:outplans.* evening" as parameters of the control API.
function query(text) {
  const found = new URLSearchParams({brief: "yes"}), words = [];
  for (const word of text.split(/\s+/)) {
    const [, name, value] = word.match(FILTERS) ?? [];
    if (name) found.set(name, value);
    else if (word) words.push(word);
  }
  if (words.length) found.set("text", words.join(" "));
  return found;
}

export default {
  kinds: ["requests"],
  async open(main, params) {
    let q = "", number = 0, rows = [], held = [], seen = 0, older = false, busy, more_, timer;
    const href = (n) => `${to("requests", ...[].concat(n || []))}${q ? `?${new URLSearchParams({q})}` : ""}`;
    const find = filter("Filter: status:4xx op:outplans.* method:POST problem:yes text", () => (clearTimeout(timer), timer = setTimeout(() => choose(find.value), 250)));
    const problems = button("Problems", () => choose(/problem:yes/.test(q) ? q.replace(/\s*problem:yes/, "").trim() : `${q} problem:yes`.trim()), {"aria-pressed": "false"});
    const fresh = button("", () => (take(), scrollTo(0, 0)), {class: "primary", hidden: true});
    const list = table("Requests", [
      ["#", (one) => el("span", {class: "soft"}, String(one.number)), "right"],
      ["Time", ({time}) => stamp(time), "wide"],
      ["Request", (one) => [row(href(one.number), el("code", null, el("b", null, one.method), ` ${one.path}`, el("span", {class: "soft"}, asked(one.query))), one.shown), one.wrong && el("small", {class: "wrong"}, one.wrong)], "long"],
      ["Status", status],
      ["", marks, "wide"],
    ], (one) => one.number, []);
    const foot = el("div", {class: "toolbar"});
    const panes = split(() => ["requests"], fresh, list, foot);

    const ask = (more) => {
      const parameters = query(q);
      for (const [name, value] of Object.entries(more)) parameters.set(name, value);
      return control("GET", `/requests?${parameters}`);
    };

    function show() {
      list.show(rows.map((one) => ({...one, shown: one.number === number, q})));
      fresh.hidden = !held.length;
      fill(fresh, `${held.length} new`);
      fill(list.lastChild, q ? ["No request is like this.", button("Show all", () => choose(""))]
        : ["No requests yet. Send one:", shell("GET", "/v1.0/outplans")]);
      fill(foot, rows.length > 0 && el("p", {class: "soft"}, `${rows.length} of ${seen}`), older && button("older", async () => {
        const {requests} = await ask({before: rows.at(-1).number, limit: MOST});
        rows.push(...requests.reverse());
        older = requests.length === MOST;
        show();
      }));
    }

    function take() {
      rows = [...held, ...rows];
      older ||= rows.length > MOST;
      if (rows.length > MOST) rows.length = MOST;
      held = [];
      show();
    }

    async function load() {
      const got = await ask({limit: MOST});
      [rows, held, seen, older] = [got.requests.reverse(), [], got.seen, got.found > MOST];
      show();
    }

    async function news() {
      const got = await ask({after: (held[0] ?? rows[0])?.number ?? 0, limit: MOST});
      if (got.seen < seen || got.requests.length === MOST) return load();
      seen = got.seen;
      held = [...got.requests.reverse(), ...held];
      // What is being read stays where it is.
      if (scrollY < 40 && !list.contains(document.activeElement)) take();
      else show();
    }

    function choose(text) {
      if (text !== q) location.replace(`#/requests${number ? `/${number}` : ""}${text ? `?${new URLSearchParams({q: text})}` : ""}`);
    }

    async function details() {
      if (!number) return panes.show();
      try {
        const got = await control("GET", `/requests/${number}`);
        if (got.number === number) panes.show(`${got.method} ${got.path}`, detail(got));
      } catch (error) {
        panes.fails(error);
      }
    }

    async function go({rest: [one], query: given}) {
      const [before, was] = [q, number];
      [q, number] = [given.get("q") ?? "", Number(one) || 0];
      if (document.activeElement !== find) find.value = q;
      problems.setAttribute("aria-pressed", String(/problem:yes/.test(q)));
      await Promise.all([before !== q || !rows.length ? load() : show(), was !== number && details()]);
      const title = panes.querySelector("article h2");
      if (was === number || !title) return;
      title.tabIndex = -1;
      title.focus({preventScroll: true});
      list.querySelector("[aria-current]")?.scrollIntoView({block: "nearest"});
    }

    main.append(head("Requests", find, problems, remove("Clear", "Clear the requests?", "The journal and the warnings are forgotten; records stay.", () => control("DELETE", "/requests")), asCurl("GET", "/requests?brief=yes")), panes);
    await go(params);
    return {
      go,
      close: () => clearTimeout(timer),
      async update(notices) {
        if (busy) return (more_ = [...(more_ ?? []), ...notices]);
        busy = true;
        try {
          await (notices.some(({kind, id}) => kind === "reset" || kind === "gone" || (kind === "requests" && !id)) ? load() : news());
        } finally {
          busy = false;
        }
        if (more_) [notices, more_] = [more_, undefined], this.update(notices);
      },
    };
  },
};

function detail(one) {
  const lit = {};
  for (const {pointer, message, advice} of one.violations) lit[pointer] = [message, advice].filter(Boolean).join("; ");
  const links = (side) => Object.fromEntries((one.links?.[side] ?? []).map(({at, resource, id}) => [at, to("records", resource, id)]));
  const side = (title, headers, body, name, lit) => el("section", {class: "stack"}, el("h3", null, title),
    body ? json(body, {text: true, lit, links: links(name), label: title}) : el("p", {class: "soft"}, "no body"),
    more(`${headers.length} headers`, el("dl", {class: "headers"}, headers.map(([key, value]) => el("div", null, el("dt", null, key), el("dd", null, value))))));
  const form = select(COPIES, "curl", {"aria-label": "Copy as"});
  const about = el("div", {class: "stack"});
  if (one.query) about.append(el("code", {class: "long"}, `?${one.query}`));
  return [
    el("div", {class: "toolbar"}, status(one), marks({...one, violations: 0, warnings: 0}),
      facts([["Number", String(one.number)], ["Virtual time", stamp(one.time, true)], ["Operation", one.operation], ["Called at", one.called_at]])),
    one.violations.map(({pointer, message, advice}) => el("div", {class: "notice bad"}, el("b", null, "Violation "), el("code", null, pointer), ` ${message}`, advice && el("p", null, `→ ${advice}`))),
    one.warnings.map(({code, pointer, message}) => el("div", {class: "notice warn"}, el("b", null, `Warning ${code} `), el("code", null, pointer), ` ${message}`)),
    one.hint && el("div", {class: "notice"}, el("b", null, "Hint "), one.hint),
    el("div", {class: "toolbar"}, form, button("Copy", async () => {
      const text = await control("GET", `/requests/${one.number}?as=${form.value}`);
      await copy(typeof text === "string" ? text : JSON.stringify(text, null, 2), form.selectedOptions[0].text);
    }), button("Send again", async () => {
      const made = await control("POST", `/requests/${one.number}/again`);
      tell(`Sent again as ${made.number}: ${made.status} ${made.reason ?? ""}`);
    }), el("a", {class: "button", href: `#/trouble?${new URLSearchParams({plan: "fault", on: one.on})}`}, "Plan a fault…")),
    side("Sent", one.headers, one.body, "body", lit),
    one.cut && el("p", {class: "soft"}, "Only the beginning of the bodies is kept."),
    side("Answered", one.reply_headers, one.reply, "reply"),
    about,
  ];
}
