// What of the API was exercised, and what was not.

import {bar, code, el, fill, filter, h, json, link, more, remove, row, section, select, soft, table, to} from "../dom.js";
import {control} from "../wire.js";

const TITLES = {operations: "operations", members: "request members", values: "enum values", reasons: "error reasons"};
const SHOWN = 200, OFTEN = 2000; // milliseconds between two looks

export async function view() {
  let report, timer;
  const shares = table("Shares", [
    ["what", ({title}) => title], ["exercised", ({covered, total}) => `${covered} of ${total}`, "right"],
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
    tools: remove("Forget", "Count from nothing?", () => `Forgotten: ${report.total.covered} of ${report.total.total} that were exercised.`, async () => (await control("DELETE", "/coverage"), load())),
    parts: [shares, section("Warnings", warnings), section("Missing", bar(kind, find, left), missing), section("Flows", flows)],
    update: () => void (timer ??= setTimeout(() => (timer = undefined, load().catch(() => {})), OFTEN)),
    close: () => clearTimeout(timer),
  };
}
