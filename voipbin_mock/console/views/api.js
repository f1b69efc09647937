// Every operation of the API: what it takes, what it answers, and lines to try it with.

import {button, copy, el, empty, facts, field, fill, json, mark, section, table, tell} from "../dom.js";
import {control, curl} from "../wire.js";

let known; // as long as the page: it changes with the server alone

const label = ({method, path}) => `${method} ${path.replace(/^\/v1\.0(?=\/)/, "")}`;
const id = (one) => one.operation || label(one);
const href = (name, query) => `#/api${name && `/${encodeURIComponent(name)}`}${query && `?q=${encodeURIComponent(query)}`}`;
const text = (one) => [one.operation, one.method, one.path, one.tag, one.summary, one.mocked ? "mocked" : "not mocked", ...(one.reasons ?? [])].join(" ").toLowerCase();
const code = (said) => said.split("`").map((part, at) => (at % 2 ? el("code", null, part) : part));
const verb = (method) => el("span", {class: `verb ${method.toLowerCase()}`}, method);

export default {
  kinds: [],
  async open(main, params) {
    const {api, operations} = known ??= await control("GET", "/operations?summaries=true");
    const texts = new Map(operations.map((one) => [one, text(one)]));
    const find = el("input", {type: "search", placeholder: "outplans post, CALL_NOT_FOUND, not mocked"});
    const found = el("p", {class: "soft", role: "status"});
    const list = el("div", {class: "operations"});
    const article = el("article");
    const split = el("div", {class: "split"}, el("div", {class: "stack"}, list), article);
    main.append(el("h1", null, "API"), field(`Find in ${operations.length} operations`, find), found, split);

    let open = "", query = "", visit = 0;
    const search = () => {
      query = find.value.trim();
      const words = query.toLowerCase().split(/\s+/).filter(Boolean);
      const hits = operations.filter((one) => words.every((word) => texts.get(one).includes(word)));
      const tags = new Map();
      for (const one of hits) {
        const tag = one.mocked ? one.tag : "not mocked yet";
        tags.set(tag, [...(tags.get(tag) ?? []), one]);
      }
      fill(found, words.length ? `${hits.length} found.` : `${api.mocked} of the API’s ${api.operations} operations are mocked.`);
      fill(list, [...tags].map(([tag, ones]) => el("details", {open: words.length > 0 || ones.some((one) => id(one) === open)},
        el("summary", null, tag, " ", el("span", {class: "soft"}, String(ones.length))),
        el("ul", null, ones.map(row)))));
      if (!hits.length) fill(list, empty("No operation has all of these words."));
    };
    const row = (one) => el("li", null, el("a", {href: href(id(one), query), "data-row": "", "aria-current": id(one) === open && "true"},
      verb(one.method), el("span", {class: "path"}, label(one).split(" ")[1]), one.summary && el("small", null, one.summary)));
    find.addEventListener("input", () => {
      search();
      history.replaceState(null, "", href(open, query));
    });

    const go = async ({rest, query: given}) => {
      const mine = ++visit;
      if (find.value.trim() !== (given.get("q") ?? "")) find.value = given.get("q") ?? "";
      const name = rest.join("/");
      const one = operations.find((each) => [each.operation, label(each), `${each.method} ${each.path}`].includes(name));
      const told = one?.mocked && await control("GET", `/operations/${one.operation}`);
      if (mine !== visit) return;
      if (name && !one) tell(`There is no operation ${name}.`, true);
      open = one ? id(one) : "";
      split.classList.toggle("one", Boolean(one));
      search();
      if (!one) return;
      if (name !== open) history.replaceState(null, "", href(open, query));
      fill(article, detail(one, told || unmocked(one), query));
      list.querySelector("[aria-current]")?.scrollIntoView({block: "nearest"});
    };
    await go(params);
    return {go};
  },
};

const unmocked = (one) => ({
  notes: ["This plans what answers in its place; write what you need into `json`."],
  curl: curl("POST", "/stubs", {on: label(one), json: {}}),
});

function detail(one, {description, parameters, body, takes, answer, refusals, ...told}, query) {
  return [
    el("a", {class: "back", href: href("", query)}, "← all operations"),
    el("h2", {class: "mono"}, verb(one.method), " ", one.path),
    el("p", null, one.mocked ? one.summary : mark("not mocked yet", "warn"), one.operation && [" ", el("code", {class: "soft"}, one.operation)]),
    description && el("p", {class: "soft"}, code(description)),
    section("Try it", told.notes.map((note) => el("p", {class: `notice${one.mocked ? " warn" : ""}`}, code(note))),
      el("pre", {tabindex: 0, role: "region", "aria-label": "Lines for a shell"}, told.curl),
      el("div", {class: "toolbar"}, button("Copy", () => copy(told.curl, "Lines"), {class: "primary"}),
        one.mocked && el("a", {href: `#/requests?q=op:${one.operation}`}, "requests of it"))),
    takes && section("Body", takes.description && el("p", {class: "soft"}, code(takes.description)), json(body, {label: "Example body"}),
      /"\$[A-Z]/.test(JSON.stringify(body)) && el("p", {class: "soft"}, "What begins with $ is put in by the lines above."), more(takes.members)),
    parameters?.length > 0 && section("Parameters", members(parameters, "in")),
    answer && section("Answer", facts([["Status", String(answer.status)], ["Body", answer.media ?? answer.type]]),
      answer.sample !== undefined && json(answer.sample, {label: "Sample answer"}), answer.members?.length > 0 && more(answer.members)),
    refusals?.length > 0 && section("Refusals", table("Refusals", [
      ["Status", ({status}) => String(status)],
      ["Reason", ({reason}) => el("code", null, reason)],
      ["Meaning", ({message}) => message, "long"],
    ], ({status, reason}) => `${status} ${reason}`, "").show(refusals)),
  ];
}

const more = (rows) => el("details", null, el("summary", null, `Members (${rows.length})`), members(rows));

function members(rows, where) {
  return table("Members", [
    ["Name", ({name, required}) => [el("code", null, name), required && [" ", mark("needed", "info")]]],
    ["Type", ({type, ...row}) => [el("code", {class: "soft"}, type), where && ` in ${row[where]}`]],
    ["Meaning", ({description}) => code(description), "long"],
  ], ({name}) => name, "").show(rows);
}
