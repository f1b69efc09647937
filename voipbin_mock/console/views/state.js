// The state as a whole: reset, seeds, snapshots, files, sessions.

import {ask, button, el, facts, field, fill, section, stamp, table, tell} from "../dom.js";
import {control, root, session} from "../wire.js";
import {reset} from "../app.js";
import {asCurl, head, remove, soft} from "./pieces.js";

const SEEDS = ["tutorial", "account", "empty"];
const UNDO = "undo";
const consoleOf = (key) => `${root}${key ? `/__session__/${encodeURIComponent(key)}` : ""}/__mock__/console#/state`;
const goes = (...text) => [soft(...text), soft("What is there now is kept: “Undo” brings it back.")];

export default {
  kinds: ["sessions", "clock", "records"],
  async open(main) {
    const about = el("div"), undo = el("div");
    const kept = table("Snapshots", [
      ["Name", ({name}) => el("b", null, name), "long"], ["Its time", ({at}) => stamp(at, true)],
      ["Records", ({records}) => String(records), "right"], ["Requests seen", ({requests}) => String(requests), "right wide"],
      ["", ({name, at}) => [button("Go back…", async () => (await ask(`Go back to ${name}?`, goes(`All records and the clock become what they were at ${at}.`), "Go back")) && back(name), {"aria-label": `Go back to ${name}`}), " ",
        button("Forget", async () => (await control("DELETE", `/snapshots/${encodeURIComponent(name)}`), load()), {class: "plain", "aria-label": `Forget ${name}`})]],
    ], ({name}) => name, [soft("No snapshot is kept. One keeps all records and the time, to come back to.")]);
    const sessions = table("Sessions", [
      ["Session", ({key}) => el("a", {href: consoleOf(key)}, key === session ? `${key} (this one)` : key), "long"],
      ["Requests", ({requests}) => String(requests), "right"], ["Its time", ({now}) => stamp(now, true)],
      ["", ({key}) => remove("Forget", `Forget session ${key}?`, "Its records and requests go.", async () => (await control("DELETE", `/sessions/${encodeURIComponent(key)}`), load()))],
    ], ({key}) => key, [soft("There are no sessions. Parallel tests may have one each, by the base URL /__session__/KEY.")]);

    async function load() {
      const [health, snapshots, found, records] = await Promise.all(["/health", "/snapshots", "/sessions", "/records"].map((path) => control("GET", path)));
      fill(about, facts([["Version", health.version], ["Profile", health.profile], ["Bodies are held to the schemas", health.strict ? "yes" : "no"],
        ["Seed", health.seed], ["Random seed", String(health.random_seed)], ["Session", session],
        ["Records", String(records.resources.reduce((sum, one) => sum + one.records, 0))]]));
      const last = snapshots.snapshots.find(({name}) => name === UNDO);
      fill(undo, last && el("div", {class: "notice toolbar"}, el("p", {class: "grow"}, `What was there before “${last.before}” is kept: ${last.records} records, `, stamp(last.at, true), "."),
        button("Undo", () => back(UNDO))));
      kept.show(snapshots.snapshots.filter(({name}) => name !== UNDO));
      sessions.show(found.sessions);
    }

    async function back(name) {
      await control("POST", `/snapshots/${encodeURIComponent(name)}`);
      tell(name === UNDO ? "Undone." : `Back at ${name}.`);
      await load();
    }

    const named = el("input", {maxlength: 64, value: "before"});
    const take = button("Keep", async () => (await control("POST", "/snapshots", {name: named.value.trim()}), tell(`Kept ${named.value}.`), load()));
    const seed = el("input", {list: "seeds", value: SEEDS[0]});
    const start = button("Start over…", async () => {
      const text = seed.value.trim();
      if (await ask("Start over from this seed?", goes("All records become those of the seed; requests, webhooks, faults and stubs are forgotten."), "Start over"))
        await control("POST", "/seed", {seed: text.startsWith("{") ? JSON.parse(text) : text}), tell("Started over."), load();
    });
    const file = el("input", {type: "file", accept: ".json"});
    const put = button("Load…", async () => {
      if (!file.files[0]) throw new Error("choose a file first");
      const state = await file.files[0].text();
      if (await ask(`Load ${file.files[0].name}?`, goes("All records and the clock become those of the file."), "Load")) await control("PUT", "/state", state), tell("Loaded."), load();
    });
    const save = button("Save to a file", async () => {
      const url = URL.createObjectURL(new Blob([JSON.stringify(await control("GET", "/state"), null, 1)], {type: "application/json"}));
      el("a", {href: url, download: "voipbin-mock-state.json"}).click();
      setTimeout(() => URL.revokeObjectURL(url), 10000);
    });
    const key = el("input", {pattern: "[A-Za-z0-9._-]+", maxlength: 64});

    main.append(head("State", button("Reset…", reset, {class: "danger"}), asCurl("POST", "/reset")), about, undo,
      section("Snapshots", kept, field("Keep this moment as", named, "", take)),
      section("Seed", field("A seed", seed, "a name, or {…} as JSON", start), el("datalist", {id: "seeds"}, SEEDS.map((name) => el("option", {value: name})))),
      section("File", el("div", {class: "toolbar"}, save, asCurl("GET", "/state")), field("A file that was saved", file, "", put)),
      section("Sessions", sessions, field("Go to session", key, "", button("Go", () => (location.href = consoleOf(key.value.trim()))))));
    await load();
    return {update: load};
  },
};
