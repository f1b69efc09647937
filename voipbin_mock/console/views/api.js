// Every operation of the API: what it takes, what it answers, and lines to try it with.

import {el, empty, facts, fill, json, mark, table, tell} from "../dom.js";
import {control, curl} from "../wire.js";
import {copier, filter, head, more, row, soft, split} from "./pieces.js";

let known; // as long as the page: it changes with the server alone

const label = ({method, path}) => `${method} ${path.replace(/^\/v1\.0(?=\/)/, "")}`;
const id = (one) => one.operation || label(one);
const href = (name, query) => `#/api${name && `/${encodeURIComponent(name)}`}${query && `?q=${encodeURIComponent(query)}`}`;
const texts = (one) => [one.mocked ? "mocked" : "not mocked", ...Object.values(one).flat()].join(" ").toLowerCase();
const code = (text) => text.split("`").map((part, at) => (at % 2 ? el("code", null, part) : part));
const part = (title, ...content) => el("section", null, el("h3", null, title), content);
const verb = (method) => el("span", {class: `verb ${method.toLowerCase()}`}, method);

export default {
  kinds: [],
  async open(main, params) {
    const {api, operations} = known ??= await control("GET", "/operations?summaries=true");
    const all = operations.map((one) => [one, texts(one)]);
    let open = "", query = "", visit = 0;
    const find = filter("outplans post, CALL_NOT_FOUND, not mocked", () => (search(), history.replaceState(null, "", href(open, query))));
    const found = el("p", {class: "soft", role: "status"}), list = el("div", {class: "operations"});
    const beside = split(() => ["api"], list);
    main.append(head("API", find), found, beside);

    const search = () => {
      query = find.value.trim();
      const words = query.toLowerCase().split(/\s+/).filter(Boolean);
      const hits = all.filter(([, text]) => words.every((word) => text.includes(word))).map(([one]) => one);
      const tags = {};
      for (const one of hits) (tags[one.mocked ? one.tag : "not mocked yet"] ??= []).push(one);
      fill(found, words.length ? `${hits.length} of ${all.length} operations` : `${api.mocked} of the API’s ${api.operations} operations are mocked.`);
      fill(list, Object.entries(tags).map(([tag, ones]) => el("details", {open: words.length > 0 || ones.some((one) => id(one) === open)},
        el("summary", null, tag, " ", el("span", {class: "soft"}, ones.length)),
        el("ul", null, ones.map((one) => el("li", null, row(href(id(one), query),
          [verb(one.method), el("span", {class: "path"}, label(one).split(" ")[1]), el("small", null, one.summary)], id(one) === open)))))),
        !hits.length && empty("No operation has all of these words."));
    };

    const go = async ({rest, query: given}) => {
      const mine = ++visit, name = rest.join("/");
      if (find.value.trim() !== (given.get("q") ?? "")) find.value = given.get("q") ?? "";
      const one = operations.find((each) => [id(each), label(each), `${each.method} ${each.path}`].includes(name));
      const told = one?.mocked ? await control("GET", `/operations/${one.operation}`) : one && unmocked(one);
      if (mine !== visit) return;
      if (name && !one) tell(`There is no operation ${name}.`, true);
      open = one ? id(one) : "";
      search();
      if (!one) return beside.show();
      if (name !== open) history.replaceState(null, "", href(open, query));
      beside.show([verb(one.method), " ", el("span", {class: "mono"}, one.path)], detail(one, told));
      beside.querySelector(".back").href = href("", query);
      list.querySelector("[aria-current]").scrollIntoView({block: "nearest"});
    };
    await go(params);
    return {go};
  },
};

const unmocked = (one) => ({
  notes: ["This plans what answers in its place; write what you need into `json`."],
  curl: curl("POST", "/stubs", {on: label(one), json: {}}),
});

const detail = ({operation, mocked, summary}, {description, parameters, body, takes, answer, refusals, notes, ...told}) => [
  el("p", null, mocked ? [summary, " ", el("code", {class: "soft"}, operation)] : mark("not mocked yet", "warn")),
  description && soft(code(description)),
  part("Try it", notes.map((note) => el("p", {class: `notice${mocked ? " warn" : ""}`}, code(note))),
    el("pre", {tabindex: 0, role: "region", "aria-label": "Lines for a shell"}, told.curl),
    el("div", {class: "toolbar"}, copier("the lines", told.curl), mocked && el("a", {href: `#/requests?q=op:${operation}`}, "Its requests"))),
  takes && part("Body", takes.description && soft(code(takes.description)), json(body, {label: "Example body"}),
    /"\$[A-Z]/.test(JSON.stringify(body)) && soft("What begins with $ is put in by the lines above."), members(takes.members)),
  parameters?.length > 0 && part("Parameters", rows(parameters)),
  answer && part("Answer", facts([["Status", answer.status], ["Body", answer.media ?? answer.type]]),
    answer.sample !== undefined && json(answer.sample, {label: "Sample answer"}), answer.members?.length > 0 && members(answer.members)),
  refusals?.length > 0 && part("Refusals", listed("Refusals", [
    ["Status", ({status}) => status],
    ["Reason", ({reason}) => el("code", null, reason)],
    ["Meaning", ({message}) => message, "long"],
  ], refusals)),
];

const members = (several) => more(`Members (${several.length})`, rows(several));
const rows = (several) => listed("Members", [
  ["Name", ({name, required}) => [el("code", null, name), required && [" ", mark("needed", "info")]]],
  ["Type", ({type, ...one}) => [el("code", {class: "soft"}, type), one.in && ` in ${one.in}`]],
  ["Meaning", ({description}) => code(description), "long"],
], several);

function listed(title, columns, rows) {
  const node = table(title, columns, JSON.stringify);
  node.show(rows);
  return node;
}
