// Coverage: what of the API was exercised, what was not and how to reach it; and what was discouraged.

import {button, copy, el, fill, keyed, section, select, table} from "../dom.js";
import {control, curl} from "../wire.js";
import {asCurl, filter, head, json, more, remove, row, soft, to} from "./pieces.js";

const TITLES = {operations: "operations", members: "request members", values: "enum values", reasons: "error reasons"};
const SHOWN = 200, OFTEN = 2000; // milliseconds between two looks

export default {
  kinds: ["requests"],
  async open(main) {
    const shares = table("Shares", [
      ["what", ({title}) => title], ["exercised", ({covered, total}) => `${covered} of ${total}`, "right"],
      ["share", ({covered, total, title}) => [el("progress", {max: total || 1, value: covered, "aria-label": title}), ` ${(100 * covered / (total || 1)).toFixed(1)} %`]],
    ], (one) => one.title, "");
    const kind = select(Object.entries(TITLES), "operations", {"aria-label": "Kind", on: {change: () => draw()}}), find = filter("filter", () => draw()), left = soft(), flows = el("div", {class: "stack"}), none = soft("No flow has run to its end yet: let somebody call.");
    const missing = table("Not exercised", [["not exercised", ({name}) => el("code", null, name), "long"], ["", ({item, name}) => button("curl", () => reach(item), {class: "plain", "aria-label": `curl for ${name}`}), "right"]],
      (one) => one.name, "All of it was exercised.");
    const warnings = table("Warnings", [
      ["request", ({request}) => row(to("requests", request), request), "right"], ["operation", ({operation}) => operation, "wide"], ["code", ({code}) => el("code", null, code)],
      ["what", ({pointer, message, advice}) => [el("code", null, pointer), " ", message, advice && soft(advice)], "long"],
    ], ({request, code, pointer}) => [request, code, pointer], "Nothing discouraged was sent.");
    let report, timer;

    // A member or value goes into a sample body; a reason comes by a planned fault.
    async function reach({reason, operation, member, value}) {
      if (reason) return copy(curl("POST", "/faults", {kind: "error", on: "any", reason}), "curl line that plans this answer for the next request");
      const {call, body} = await control("GET", `/operations/${operation}`), [method, path] = call.split(" ");
      if (member) put(body, member.split("/").slice(1), value);
      await copy(curl(method, path.replace(/\{(\w+)\}/g, "<$1>"), body ?? undefined), "curl line");
    }

    function draw() {
      if (!report) return;
      const rows = report[kind.value].items.filter(({count}) => !count).map((item) => ({item, name: item.reason ?? [item.call, item.member, "value" in item ? JSON.stringify(item.value) : null].filter((part) => part).join(" ")}))
        .filter(({name}) => name.toLowerCase().includes(find.value.toLowerCase()));
      missing.show(rows.slice(0, SHOWN));
      fill(left, rows.length > SHOWN ? `${SHOWN} of ${rows.length}` : rows.length);
    }

    async function load() {
      const [told, found] = await Promise.all([control("GET", "/coverage"), control("GET", "/warnings")]);
      report = told;
      shares.show([...Object.entries(TITLES).map(([name, title]) => ({title, covered: told[name].covered, total: told[name].total})), {title: "all", ...told.total}]);
      draw();
      none.hidden = told.flows.items.length > 0;
      keyed(flows, told.flows.items, (one) => one.name + one.total, (one) => more(`${one.name}: ${one.percent} %`, json(one.missing ?? one, {label: one.name})));
      warnings.show(found.warnings.slice(-SHOWN).reverse());
    }

    main.append(head("Coverage", remove("Forget", "Count from nothing?", "What was exercised so far is forgotten.", async () => (await control("DELETE", "/coverage"), load())), asCurl("GET", "/coverage")), shares,
      section("Warnings", warnings), section("Missing", el("div", {class: "toolbar"}, kind, find, left), missing), section("Flows", none, flows));
    await load();
    return {
      update: () => void (timer ??= setTimeout(() => (timer = undefined, load().catch(() => {})), OFTEN)),
      close: () => clearTimeout(timer),
    };
  },
};

// Put a value where a pointer leads; `*` is the first of an array.
function put(body, [name, ...rest], value) {
  const at = name === "*" ? 0 : name;
  if (rest.length) put(body[at] ??= rest[0] === "*" ? [] : {}, rest, value);
  else if (value !== undefined) body[at] = value;
  else body[at] ??= "";
}
