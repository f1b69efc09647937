// The state as a whole: reset, seeds, snapshots, files, sessions.

import {ask, button, el, facts, field, fill, section, stamp, table, tell} from "../dom.js";
import {consoleOf, control, session} from "../wire.js";
import {reset} from "../app.js";
import {asCurl, head, remove, soft} from "./pieces.js";

const UNDO = "undo", path = (kind, name) => `/${kind}/${encodeURIComponent(name)}`;
const sure = (title, text, yes) => ask(title, [soft(text), soft("What is there now is kept: “Undo” brings it back.")], yes);

export default {
  kinds: ["sessions", "clock", "records"],
  async open(main) {
    const about = el("div"), undo = el("div");
    // What does something, and shows what came of it.
    const does = (label, said, f, props) => button(label, async () => (await f()) !== false && (tell(said), update()), props);
    const kept = table("Snapshots", [
      ["Name", ({name}) => name, "long"], ["Its time", ({at}) => stamp(at, true)], ["Records", ({records}) => String(records), "right"],
      ["", ({name, at}) => [does("Go back…", `Back at ${name}.`, async () => await sure(`Go back to ${name}?`, `Records and clock become what they were at ${at}.`, "Go back") && control("POST", path("snapshots", name)), {"aria-label": `Go back to ${name}`}), " ",
        does("Forget", `Forgot ${name}.`, () => control("DELETE", path("snapshots", name)), {class: "plain", "aria-label": `Forget ${name}`})], "right"],
    ], ({name}) => name, soft("No snapshot is kept. One keeps all records and the time, to come back to."));
    const sessions = table("Sessions", [
      ["Session", ({key}) => el("a", {href: `${consoleOf(key)}#/state`}, key, key === session && " (this one)"), "long"],
      ["Requests", ({requests}) => String(requests), "right"], ["Its time", ({now}) => stamp(now, true)],
      ["", ({key}) => remove("Forget", `Forget session ${key}?`, "Its records and requests go.", async () => (await control("DELETE", path("sessions", key)), update()))],
    ], ({key}) => key, soft("There are none. Parallel tests may have one each, by the base URL /__session__/KEY."));

    async function update() {
      const [health, {snapshots}, found, {resources}] = await Promise.all(["/health", "/snapshots", "/sessions", "/records"].map((path) => control("GET", path)));
      fill(about, facts([["Version", health.version], ["Profile", health.profile], ["Bodies are held to the schemas", health.strict ? "yes" : "no"], ["Seed", health.seed],
        ["Random seed", String(health.random_seed)], ["Session", session], ["Records", String(resources.reduce((sum, one) => sum + one.records, 0))]]));
      const last = snapshots.find(({name}) => name === UNDO);
      fill(undo, last && el("div", {class: "notice toolbar"}, el("p", {class: "grow"}, `What was there before (${last.before}) is kept: ${last.records} records, `, stamp(last.at, true), "."),
        does("Undo", "Undone.", () => control("POST", path("snapshots", UNDO)))));
      kept.show(snapshots.filter(({name}) => name !== UNDO));
      sessions.show(found.sessions);
    }

    const name = el("input", {maxlength: 64, value: "before"}), seed = el("input", {list: "seeds", value: "tutorial"});
    const file = el("input", {type: "file", accept: ".json"}), key = el("input", {maxlength: 64});
    const start = does("Start over…", "Started over.", async () => await sure("Start over from this seed?", "Records become those of the seed; requests, webhooks, faults and stubs are forgotten.", "Start over")
      && control("POST", "/seed", {seed: seed.value.startsWith("{") ? JSON.parse(seed.value) : seed.value.trim()}));
    const load = does("Load…", "Loaded.", async () => {
      const [chosen] = file.files;
      if (!chosen) throw new Error("choose a file first");
      return await sure(`Load ${chosen.name}?`, "Records and clock become those of the file.", "Load") && control("PUT", "/state", await chosen.text());
    });
    const save = button("Save to a file", async () => {
      const href = URL.createObjectURL(new Blob([JSON.stringify(await control("GET", "/state"), null, 1)]));
      el("a", {href, download: "voipbin-mock-state.json"}).click();
      setTimeout(() => URL.revokeObjectURL(href), 10000);
    });

    main.append(head("State", button("Reset…", reset, {class: "danger"}), asCurl("POST", "/reset")), about, undo,
      section("Snapshots", kept, field("Keep this moment as", name, "", does("Keep", "Kept.", () => control("POST", "/snapshots", {name: name.value.trim()})))),
      section("Seed", field("A seed: a name, or {…} as JSON", seed, "", start), el("datalist", {id: "seeds"}, ["tutorial", "account", "empty"].map((value) => el("option", {value})))),
      section("File", el("div", {class: "toolbar"}, save, asCurl("GET", "/state")), field("A file that was saved", file, "", load)),
      section("Sessions", sessions, field("Go to session", key, "", button("Go", () => (location.href = `${consoleOf(key.value.trim())}#/state`)))));
    await update();
    return {update};
  },
};
