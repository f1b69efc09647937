// Requests: what was sent and answered, and what was wrong with it.

import {button, copy, el, facts, fill, json, mark, select, stamp, table, tell} from "../dom.js";
import {control} from "../wire.js";
import {asCurl, filter, head, more, remove, row, shell, soft, split, to} from "./pieces.js";

const FIRST = 100, MOST = 500, PROBLEMS = "problem:yes";
const FILTERS = /(?:^|\s)(method|status|op|problem):(\S+)/g;
const COPIES = [["curl", "curl line"], ["python", "Python test"], ["javascript", "JavaScript test"], ["stub"]];

const status = ({status, reason}) => mark(status ? `${status} ${reason ?? ""}` : "no answer", status && status < 400 ? "ok" : "bad");
const count = (n, word, tone) => n > 0 && mark(`${n} ${word}${n > 1 ? "s" : ""}`, tone);
const marks = ({violations, warnings, planned = [], console}) => [count(violations, "violation", "bad"), count(warnings, "warning", "warn"),
  planned.map(({kind}) => mark(kind === "stub" ? kind : `fault: ${kind}`, "info")), console && mark("console")].flat().map((one) => [one, one && " "]);
// But for a credential.
const query = (text) => (text = text.split("&").filter((pair) => !pair.endsWith("=***")).join("&")) && `?${text}`;

// "status:4xx op:outplans.* evening" as a query of the control API.
function choice(q, more) {
  const text = q.replace(FILTERS, "").trim();
  return new URLSearchParams({brief: "yes", limit: MOST, ...Object.fromEntries([...q.matchAll(FILTERS)].map(([, name, value]) => [name, value])), ...(text && {text}), ...more});
}

export default {
  kinds: ["requests"],
  async open(main, params) {
    let q = "", number = 0, rows = [], held = [], seen = 0, older, refused, timer, chain = Promise.resolve();
    const href = (n, q) => to("requests", ...(n ? [n] : [])) + (q && `?${new URLSearchParams({q})}`);
    const choose = (text) => text !== q && location.replace(href(number, text));
    const find = filter("status:4xx op:outplans.* method:POST problem:yes text", () => (clearTimeout(timer), timer = setTimeout(() => choose(find.value.trim()), 250)));
    const problems = button("Problems", () => choose((q.includes(PROBLEMS) ? q.replace(PROBLEMS, "") : `${q} ${PROBLEMS}`).trim()));
    const fresh = button("", () => (take(), scrollTo(0, 0)), {class: "primary"});
    const list = table("Requests", [
      ["#", ({number}) => String(number), "right"], ["Time", ({time}) => stamp(time), "wide"],
      ["Request", (one) => [row(href(one.number, q), el("code", null, el("b", null, one.method), ` ${one.path}`, query(one.query)), one.shown), one.wrong && el("small", {class: "wrong"}, one.wrong)], "long"],
      ["Status", status], ["", marks, "wide"],
    ], (one) => one.number);
    const foot = el("div", {class: "toolbar"}), panes = split(() => ["requests"], fresh, list, foot);

    const ask = async (more) => {
      const got = await control("GET", `/requests?${choice(q, more)}`);
      return {...got, requests: got.requests.reverse()};
    };

    function show() {
      list.show(rows.map((one) => ({...one, shown: one.number === number, q})));
      fresh.hidden = !held.length;
      fill(fresh, `${held.length} new`);
      fill(list.lastChild, q ? ["No request is like this.", button("Show all", () => choose(""))] : ["No requests yet. Send one:", shell("GET", "/v1.0/outplans")]);
      fill(foot, rows.length > 0 && soft(`${rows.length} of ${seen}`), older && button("older", async () => {
        const {requests, found} = await ask({before: rows.at(-1).number});
        rows.push(...requests);
        older = found > MOST;
        show();
      }));
    }

    function take() {
      older ||= held.length + rows.length > MOST;
      rows = [...held, ...rows].slice(0, MOST);
      held = [];
      show();
    }

    async function load() {
      refused = true; // until it is not: a choice that is refused is not asked for again and again
      const got = await ask({limit: FIRST});
      refused = false;
      [rows, held, seen, older] = [got.requests, [], got.seen, got.found > FIRST];
      show();
    }

    async function news() {
      const got = await ask({after: (held[0] ?? rows[0])?.number ?? 0});
      if (got.seen < seen || got.found > MOST) return load();
      seen = got.seen;
      held = [...got.requests, ...held];
      // What is being read stays where it is.
      if (scrollY < 40 && !list.contains(document.activeElement)) take();
      else show();
    }

    async function go({rest: [one], query}) {
      const [before, was] = [q, number];
      [q, number] = [query.get("q") ?? "", Number(one) || 0];
      if (document.activeElement !== find) find.value = q;
      problems.ariaPressed = String(q.includes(PROBLEMS));
      if (before !== q || !seen) await load();
      else show();
      if (was === number) return;
      if (!number) return panes.show();
      try {
        const got = await control("GET", `/requests/${number}`);
        panes.show(`${got.method} ${got.path}`, detail(got));
      } catch (error) {
        panes.fails(error);
      }
      const title = panes.querySelector("h2");
      title.tabIndex = -1;
      title.focus({preventScroll: true});
      list.querySelector("[aria-current]")?.scrollIntoView({block: "nearest"});
    }

    main.append(head("Requests", find, problems, remove("Clear", "Clear the requests?", "Requests and warnings are forgotten; records stay.", () => control("DELETE", "/requests")), asCurl("GET", "/requests?brief=yes")), panes);
    await go(params);
    return {
      go,
      close: () => clearTimeout(timer),
      update: (notices) => refused || (chain = chain.catch(() => {}).then(notices.some(({kind, id}) => kind === "reset" || kind === "gone" || kind === "requests" && !id) ? load : news)),
    };
  },
};

function detail(one) {
  const lit = Object.fromEntries(one.violations.filter(({pointer}) => pointer).map(({pointer, message, advice}) => [pointer, [message, advice].filter(Boolean).join("; ")]));
  const side = (title, name, headers, lit) => el("section", {class: "stack"}, el("h3", null, title),
    one[name] ? json(one[name], {text: true, lit, label: title, links: Object.fromEntries((one.links[name] ?? []).map(({at, resource, id}) => [at, to("records", resource, id)]))}) : soft("no body"),
    more(`${headers.length} headers`, el("dl", {class: "headers"}, headers.map(([key, value]) => el("div", null, el("dt", null, key), el("dd", null, value))))));
  const found = (word, tone, name, {pointer, message, advice}) => el("div", {class: `notice ${tone}`}, el("b", null, word), " ", name && `${name} `, el("code", null, pointer), ` ${message}`, advice && el("p", null, `→ ${advice}`));
  const form = select(COPIES, "curl", {"aria-label": "Copy as"});
  return [
    el("div", {class: "toolbar"}, status(one), marks({...one, violations: 0, warnings: 0}), el("code", null, query(one.query))),
    facts([["Number", String(one.number)], ["Virtual time", stamp(one.time, true)], ["Operation", one.operation], ["Called at", one.called_at]]),
    one.violations.map((each) => found("Violation", "bad", "", each)), one.warnings.map((each) => found("Warning", "warn", each.code, each)),
    one.hint && !one.violations.some(({message}) => one.hint.includes(message)) && el("div", {class: "notice"}, el("b", null, "Hint "), one.hint),
    el("div", {class: "toolbar"}, form, button("Copy", async () => {
      const text = await control("GET", `/requests/${one.number}?as=${form.value}`);
      await copy(text.at ? text : JSON.stringify(text, null, 2), form.selectedOptions[0].text);
    }), button("Send again", async () => {
      const {number, status, reason} = await control("POST", `/requests/${one.number}/again`);
      tell(`Sent again as ${number}: ${status} ${reason ?? ""}`);
    }), el("a", {class: "button", href: `#/trouble?${new URLSearchParams({plan: "fault", on: one.on})}`}, "Plan a fault…")),
    side("Sent", "body", one.headers, lit), one.cut && soft("Only the beginning of the bodies is kept."), side("Answered", "reply", one.reply_headers),
  ];
}
