// The state as a whole: reset, seeds, snapshots, files, sessions.

import {ask, bar, button, el, entry, fill, h, link, many, remove, section, soft, stamp, state, table, tell, terms, to} from "../dom.js";
import {consoleOf, control, session} from "../wire.js";
import {AFRESH, reset, sure} from "../app.js";

async function save() {
  const href = URL.createObjectURL(new Blob([JSON.stringify(await control("GET", "/state"), null, 1)]));
  el("a", {href, download: "voipbin-mock-state.json"}).click();
  setTimeout(() => URL.revokeObjectURL(href), 10000);
}

export async function view() {
  const facts = h("div"), kept = h("div"), named = (members) => terms("facts", Object.entries(members).map(([name, value]) => [name.replaceAll("_", " "), String(value)]));
  const replicas = table("Replicas", [["id", null, "long mono"], ["role", ({role}) => state(role)], ["position", null, "right named"], ["behind by", ({lag}) => lag, "right named"]], ({id}) => id, "There is no other.");
  const log = section("The log of what came in", kept, replicas); // which some servers keep
  let taken = [];
  const of = (kind, name) => `/${kind}/${encodeURIComponent(name)}`;
  const does = (said, f) => async (...given) => (await f(...given)) !== false && (tell(said), update());
  const moments = table("Snapshots", [
    ["name", ({name, before}) => [name, before && ` (before ${before})`], "long"], ["time", ({at}) => stamp(at, true)], ["records", null, "right named"],
    ["", ({name, at, records}) => [button("Go back…", does(`Back at ${name}.`, async () => await sure(`Go back to ${name}?`, `the ${records} of ${at}.`, "Go back") && control("POST", of("snapshots", name))), {"aria-label": `Go back to ${name}`}), " ",
      remove("Forget", `Forget ${name}?`, () => `Gone for good: ${many(records, "record")}.`, does(`Forgot ${name}.`, () => control("DELETE", of("snapshots", name))), {class: "plain", "aria-label": `Forget ${name}`})], "right"],
  ], ({name}) => name, "No snapshot is kept.");
  const sessions = table("Sessions", [
    ["session", ({key}) => link(`${consoleOf(key)}#/state`, key, key === session && " (this one)"), "long"], ["requests", null, "right named"],
    ["", ({key, requests}) => remove("Forget", `Forget session ${key}?`, () => `Gone for good: its records and ${many(requests, "request")}.`, does(`Forgot ${key}.`, () => control("DELETE", of("sessions", key))))],
  ], ({key}) => key, "There are none. They begin by a base URL with /__session__/KEY.");

  async function update() {
    const [health, {snapshots}, found, {resources}] = await Promise.all(["/health", "/snapshots", "/sessions", "/records"].map((path) => control("GET", path)));
    const sum = (what) => resources.reduce((sum, one) => sum + one[what], 0);
    const {log: its, ...rest} = health, {replicas: others = [], ...own} = its ?? {};
    fill(facts, named({...rest, session, records: sum("records"), deleted: sum("deleted")}));
    log.hidden = !its;
    fill(kept, named(own));
    replicas.show(others);
    moments.show(taken = snapshots);
    sessions.show(found.sessions);
  }

  const load = async (_, {files: [chosen]}) => {
    if (!chosen) throw new Error("choose a file first");
    return await sure(`Load ${chosen.name}?`, "those of the file.", "Load") && control("PUT", "/state", await chosen.text());
  };
  const keep = async (name) => {
    const old = taken.find((one) => one.name === name);
    return (!old || await ask(`Keep over ${name}?`, soft(`Gone for good: ${many(old.records, "record")}.`), "Keep")) && control("POST", "/snapshots", {name});
  };
  const begin = async (seed) => await sure(`Start over from ${seed.slice(0, 40)}?`, AFRESH, "Start over")
    && control("POST", "/seed", {seed: seed.startsWith("{") ? JSON.parse(seed) : seed});
  return {
    kinds: ["sessions", "clock", "records"], curl: "/state", update, tools: button("Reset…", reset, {class: "danger"}),
    parts: [
      facts, log, section("Snapshots", moments, entry("Keep this moment as", {maxlength: 64, value: "before"}, "Keep", does("Kept.", keep))),
      section("Seed", entry("A seed: tutorial, account, empty, or {…} as JSON", {value: "tutorial"}, "Start over…", does("Started over.", begin))),
      section("File", bar(button("Save to a file", save)), entry("A file that was saved", {type: "file", accept: ".json"}, "Load…", does("Loaded.", load))),
      section("Sessions", sessions),
    ],
  };
}
