// What one drives by hand: calls, campaigns, webhooks, trouble, the state.

import {ask, asCurl, bar, button, code, el, entry, field, fill, filter, h, json, lasts, link, mark, more, part, picture, put, record, remove, row,
  say, section, select, sender, shell, soft, split, stamp, state, table, tell, terms, to, told} from "../dom.js";
import {act, consoleOf, control, session} from "../wire.js";
import {AFRESH, reset, sure} from "../app.js";

// calls: the path through the flow and why, and a keypad for the far end

const KEYS = "123456789*0#";
const REFUSALS = ["rejected", "busy", "noanswer", "unreachable", "canceled", "cleared"];
const SAYS = {out: "service says", in: "far end says", key: "far end presses"};
const NONE = /^[0-]*$/;

export async function calls() {
  let now, trace = "", pictures;
  const list = table("Calls", [
    ["began", (one) => row(to("calls", one.id), stamp(one.began, true))], ["from", null, "mono"],
    ["to", (one) => (one.to.length > 20 ? `${one.to.slice(0, 8)}…` : one.to), "mono"], ["status", (one) => state(one.status)],
    ["now, or the end", ({present, ended}) => present.type ?? ended.split(";")[0], "long"],
  ], (one) => one.id, "Nobody has called yet: call a number that leads to a flow, or the flow itself.");

  const does = async (body, below = "") => {
    await control("POST", `/calls/${now.call.id}${below}`, body);
    await panes.update();
    say(`${now.status}: ${now.ended || now.present.type || "no action lasts now"}`);
  };
  const press = (key) => does({press: key}).catch(({message}) => tell(message, true));
  const how = select(REFUSALS.map((name) => [name]), "rejected", {"aria-label": "How it is turned down"});
  const rings = bar(button("Answer", () => does({answer: true}), {class: "primary"}), button("Refuse", () => does({refuse: how.value})), how);
  const talks = h("div.stack", el("div", {class: "keypad", "data-keys": "", role: "group", "aria-label": "Keypad", on: {keydown: ({key}) => KEYS.includes(key) && press(key)}},
    [...KEYS].map((key) => button(key, () => press(key)))), entry("What the far end says", {}, "Say", async (text, input) => (await does({say: text}), (input.value = ""))));
  const goes = h("section.card", h("h3", "The far end"), rings, talks, bar(
    button("Next step", () => does(undefined, "/next")), button("Hang up", () => does({hangup: true}), {class: "danger"})));
  const steps = table("Trace", [
    ["after", ({at}) => lasts(at / 1000), "mono"], ["action", ({type, made, outcome}) => el(outcome === "skipped" ? "del" : "span", null, made && "+ ", type)],
    ["what", ({option}) => option.text ?? told(option), "long wide"], ["came, because", ({came}) => came, "long"], ["went on, because", ({outcome, why}) => [outcome, why && ` (${why})`], "long"],
  ], ({n}) => n, "No action has begun.");

  async function draw(call, id) {
    const {activeflow_id: run, flow_id: leads, direction, source, destination} = call.call, path = `/calls/${id}`, done = id + JSON.stringify(call.trace);
    now = call;
    if (trace !== done) {
      const {records} = NONE.test(leads) ? {records: []} : await control("GET", `/records/flows?limit=1&find=${leads}`);
      pictures = !records.some((one) => one.id === leads) ? [] : [record("flows", leads, "flow"), await picture(`/flows/${leads}/graph?format=svg&runs=${id}`, "The flow, with the path of this call drawn in")];
      trace = done;
    }
    goes.hidden = call.status === "hangup";
    rings.hidden = direction !== "outgoing" || !/^(dial|ring)ing$/.test(call.status);
    talks.hidden = !rings.hidden;
    steps.show(call.trace.map((each, n) => ({...each, n})));
    return [
      `${source?.target || "?"} → ${destination?.target || "?"}`,
      h("p", state(call.status), " ", goes.hidden ? call.ended : call.present.type ? ["now in ", h("b", call.present.type)] : "no action lasts now"),
      bar(record("calls", id, "record"), !NONE.test(run) && record("activeflows", run, "run"), pictures[0],
        call.legs.map((leg) => link(to("calls", leg), `leg ${leg.slice(0, 8)}`)), asCurl("GET", path)),
      goes, pictures.slice(1), part("Trace", steps),
      part("Heard", call.heard.length ? h("ol.story", call.heard.map(({at, way, text}) => h("li", h("time", lasts(at / 1000)), " ", h("small", SAYS[way] ?? way), " ", text))) : soft("Nothing yet.")),
      more("All of it", json(call)),
    ];
  }

  const panes = split(() => to("calls"), {list: async (id) => list.show((await control("GET", "/calls")).calls.reverse(), id), read: (id) => control("GET", `/calls/${encodeURIComponent(id)}`), draw}, list);
  const from = el("input", {value: "+15550100001", size: 16}), whom = el("input", {list: "reachable", size: 24, placeholder: "a number, flow, queue"}), choices = el("datalist", {id: "reachable"});
  for (const name of ["numbers", "flows", "queues", "conferences"]) control("GET", `/records/${name}?limit=50`).then(({records}) =>
    put(choices, records.map(({id, deleted, record}) => !deleted && el("option", {value: record.number ?? id}, `${name} ${record.name ?? ""}`)))).catch(() => {});
  return {
    ...panes, kinds: ["calls"], curl: "/calls",
    parts: [el("form", {class: "fields", on: {submit: (event) => event.preventDefault()}}, field("From", from), field("To", whom), choices,
      button("Call", async () => (location.hash = to("calls", (await control("POST", "/calls", {from: from.value.trim(), to: whom.value.trim()})).id)), {class: "primary", type: "submit"})), panes.parts],
  };
}

// campaigns: what one would do, and what it does

export async function campaigns() {
  const list = table("Campaigns", [
    ["name", ({id, deleted, record}) => row(to("campaigns", id), el(deleted ? "del" : "span", null, record.name || id.slice(0, 8))), "long"],
    ["status", ({record}) => state(record.status)],
  ], (one) => one.id, "There are no campaigns. One needs an outplan and an outdial with targets: create them by the API, or begin with the tutorial:", shell("POST", "/seed", {seed: "tutorial"}));

  async function draw([{record: one}, plan, {attempts: tries, now}], id) {
    const turn = async (status) => (await act("PUT", `/v1.0/campaigns/${id}/status`, {status}), tell(status === "run" ? "It runs: wind the clock." : "It stops."));
    const last = Math.max(0, ...tries.map(({ended}) => ended ?? now));
    return [
      [one.name || id, " ", state(one.status)],
      bar(one.status === "stop" ? button("Run", () => turn("run"), {class: "primary"}) : remove("Stop", `Stop ${one.name}?`, () => "It dials no more; calls that go on end by themselves.", () => turn("stop")),
        record("campaigns", id, "record"), record("outdials", one.outdial_id, "outdial"), record("outplans", one.outplan_id, "outplan"), asCurl("GET", `/campaigns/${id}/timeline`)),
      h("h3", `What it did: ${tries.length} attempts in ${lasts(Math.round(last / 1000))}`),
      tries.length > 0 && await picture(`/campaigns/${id}/timeline?format=svg`, `${tries.length} attempts at ${new Set(tries.map((one) => one.target_id)).size} targets`), more("Attempts", json(tries, {label: "Attempts"})),
      h("h3", `What it would do now: calls at most: ${plan.most_calls}`), plan.warnings.map(({message}) => el("p", {class: "notice warn"}, message)),
      plan.targets.length > 0 && more(`Targets: ${plan.targets.length}`, json(plan.targets)),
    ];
  }

  const panes = split(() => to("campaigns"), {
    list: async (id) => list.show((await control("GET", "/records/campaigns")).records, id),
    read: (id) => Promise.all([`/records/campaigns/${id}`, `/campaigns/${id}/plan`, `/campaigns/${id}/timeline`].map((path) => control("GET", path))), draw,
  }, list);
  return {...panes, kinds: ["campaigns", "phones"], curl: "/records/campaigns"};
}

// webhooks: every delivery and what came of it

export async function webhooks() {
  let all = [], chosen, most = 300, tricked = 0;
  const find = filter("type, address, outcome", () => show()), waiting = bar(), foot = bar();
  const list = table("Deliveries", [
    ["#", ({number}) => row(to("webhooks", number), number), "right"], ["time", ({time}) => stamp(time)],
    ["event", ({type, attempt}) => [type, attempt > 1 && h("small", ` attempt ${attempt}`)], "long"], ["to", ({method, url}) => `${method} ${url}`, "long wide mono"],
    ["outcome", ({outcome, status}) => state(outcome, status && ` ${status}`)],
  ], (one) => one.number, "No webhook yet: change a record. They go to the customer’s webhook_uri:", shell("PUT", "/v1.0/customer", {webhook_uri: "http://127.0.0.1:8000/hooks", webhook_method: "POST"}));

  function show() {
    const words = find.value.toLowerCase().split(" ");
    const found = all.filter(({type, method, url, outcome, status}) => words.every((word) => `${type} ${method} ${url} ${outcome} ${status}`.toLowerCase().includes(word)));
    list.show(found, chosen);
    fill(foot, all.length > 0 && soft(`${found.length} of ${all.length < most ? "" : "the newest "}${all.length}`), all.length >= most && button("older", () => ((most += 1000), panes.update())));
  }

  const draw = (one) => [
    [`${one.number}: ${one.type} `, state(one.outcome)], one.error && el("p", {class: `notice ${one.outcome === "failed" ? "bad" : "warn"}`}, one.error),
    h("p", stamp(one.time, true), `, attempt ${one.attempt}, ${one.method} `, code(one.url), one.status && `, answered ${one.status}`),
    bar(button("Deliver again", async () => {
      const {deliveries, pending} = await control("POST", `/webhooks/${one.number}/again`);
      tell(deliveries.length ? `Delivery ${deliveries.at(-1).number}: ${deliveries.at(-1).outcome}.` : `${pending} to come.`);
      await panes.update();
    }), asCurl("POST", `/webhooks/${one.number}/again`)),
    part("Headers", json(one.headers, {label: "Headers"})), part("Body", json(one.body, {label: "Body", text: true})),
  ];

  const panes = split(() => to("webhooks"), {
    async list(id) {
      const {deliveries, pending, tricks = []} = await control("GET", `/webhooks?limit=${most}&brief=yes`);
      [all, chosen, tricked] = [deliveries.reverse(), id, tricks.length];
      fill(waiting, pending > 0 && mark(`${pending} still to come`, "info"), tricks.map(({kind, left, types, held}) => mark(`${kind} ${left} of ${types}${held ? `, holds ${held}` : ""}`, "warn")));
      show();
    },
    read: (id) => control("GET", `/webhooks/${encodeURIComponent(id)}`), draw,
  }, bar(find), foot, waiting, list);
  return {
    ...panes, kinds: ["webhooks"], curl: "/webhooks",
    tools: [button("Flush", async () => (tell(`${(await control("POST", "/webhooks/flush")).attempts} attempts were made.`), panes.update())),
      remove("Forget", "Forget the deliveries?", () => `${all.length < most ? all.length : "All"} deliveries and ${tricked} tricks go.`, async () => (await control("DELETE", "/webhooks"), panes.update()))],
    parts: [sender("Play a trick on what comes", "POST", "/webhooks/tricks",
      {"lose": {drop: 1, types: "*"}, "deliver twice": {duplicate: 1, types: "*"}, "delay": {delay: 1, seconds: 5, types: "*"}, "turn around": {reorder: 2, types: "*"}}, panes.update), panes.parts],
  };
}

// trouble: faults, stubs, replies and limits; planned, met or not, removed

const KNOWN = ["number", "kind", "on", "url", "times", "seen", "met"];
const met = ({met: times}) => mark(times ? `met ${times}` : "not met", times ? "ok" : "warn");

export async function trouble({query}) {
  const on = query.get("on") ?? "POST /outplans", loads = [];
  const update = () => Promise.all(loads.map((load) => load()));

  function planned(title, path, method, label, samples, show) {
    const place = h("div.stack");
    let names = [];
    const forget = remove("Forget all", `${title}: forget all?`, () => `${names.length}: ${names.join(", ")}`, async () => (await control("DELETE", path), update()));
    loads.push(async () => {
      const found = await control("GET", path), node = show(found);
      names = [Object.values(found)[0]].flat().filter((one) => told(one)).map((one) => [one.kind, one.on ?? one.url ?? told(one)].filter(Boolean).join(" "));
      forget.hidden = !names.length;
      if (place.firstChild !== node) fill(place, node);
    });
    return section(title, sender(label, method, path, samples, update, path === `/${query.get("plan")}s`), place, bar(forget, asCurl("GET", path)));
  }

  function plans(path, none) {
    const name = path.slice(1), list = table(name, [
      ["#", ({number}) => number, "right"], ["on", (one) => code(one.on ?? one.url), "long"], ["kind"], ["how", (one) => told(one, KNOWN), "long"], ["times", ({times}) => times ?? "always", "right"], ["", met],
      ["", ({number}) => path !== "/replies" && button("Remove", async () => (await control("DELETE", `${path}/${number}`), update()), {class: "plain", "aria-label": `Remove ${name.slice(0, -1)} ${number}`})],
    ], (one) => one.number, none);
    return (told) => list.show(told[name]);
  }

  const faults = Object.fromEntries(Object.entries({
    error: {reason: query.get("reason") ?? "INTERNAL", times: 1}, latency: {seconds: 2, times: 1}, refuse: {}, reset: {after_commit: true}, truncate: {after: 20}, malformed: {},
  }).map(([kind, more]) => [kind, {kind, on, ...more}]));
  const stubs = {json: {on, status: 200, json: {result: []}, times: 1}, text: {on, status: 503, body: "down", content_type: "text/plain"}};
  return {
    kinds: ["faults", "requests", "calls"], update,
    parts: [
      planned("Faults", "/faults", "POST", "Plan a fault", faults, plans("/faults", "No fault is planned.")),
      planned("Stubs", "/stubs", "POST", "Plan a stub", stubs, plans("/stubs", "No stub is planned.")),
      planned("Replies to flows", "/replies", "POST", "Plan a reply", {reply: {url: "https://shop.example.com/*", status: 200, json: {}, times: 1}}, (told) => json(told, {label: "Replies"})),
      planned("Rate limits", "/limits", "PUT", "Limit requests", {"as the service": {rate_limits: true}, "a customer": {rate_limits: {customer: [1, 1]}}}, (told) => json(told.rate_limits, {label: "Limits"})),
    ],
  };
}

// the state as a whole: reset, seeds, snapshots, files, sessions

async function save() {
  const href = URL.createObjectURL(new Blob([JSON.stringify(await control("GET", "/state"), null, 1)]));
  el("a", {href, download: "voipbin-mock-state.json"}).click();
  setTimeout(() => URL.revokeObjectURL(href), 10000);
}

export async function stateView() {
  const facts = h("div");
  let taken = [];
  const of = (kind, name) => `/${kind}/${encodeURIComponent(name)}`;
  const does = (said, f) => async (...given) => (await f(...given)) !== false && (tell(said), update());
  const kept = table("Snapshots", [
    ["name", ({name, before}) => [name, before && ` (before ${before})`], "long"], ["time", ({at}) => stamp(at, true)], ["records", null, "right"],
    ["", ({name, at, records}) => [button("Go back…", does(`Back at ${name}.`, async () => await sure(`Go back to ${name}?`, `the ${records} of ${at}.`, "Go back") && control("POST", of("snapshots", name))), {"aria-label": `Go back to ${name}`}), " ",
      remove("Forget", `Forget ${name}?`, () => `Its ${records} records go for good.`, does(`Forgot ${name}.`, () => control("DELETE", of("snapshots", name))), {class: "plain", "aria-label": `Forget ${name}`})], "right"],
  ], ({name}) => name, "No snapshot is kept.");
  const sessions = table("Sessions", [
    ["session", ({key}) => link(`${consoleOf(key)}#/state`, key, key === session && " (this one)"), "long"], ["requests", null, "right"],
    ["", ({key, requests}) => remove("Forget", `Forget session ${key}?`, () => `Its records and ${requests} requests go.`, does(`Forgot ${key}.`, () => control("DELETE", of("sessions", key))))],
  ], ({key}) => key, "There are none. They begin by a base URL with /__session__/KEY.");

  async function update() {
    const [health, {snapshots}, found, {resources}] = await Promise.all(["/health", "/snapshots", "/sessions", "/records"].map((path) => control("GET", path)));
    const sum = (what) => resources.reduce((sum, one) => sum + one[what], 0);
    fill(facts, terms("facts", Object.entries({...health, session, records: sum("records"), deleted: sum("deleted")}).map(([name, value]) => [name, String(value)])));
    kept.show(taken = snapshots);
    sessions.show(found.sessions);
  }

  const load = async (_, {files: [chosen]}) => {
    if (!chosen) throw new Error("choose a file first");
    return await sure(`Load ${chosen.name}?`, "those of the file.", "Load") && control("PUT", "/state", await chosen.text());
  };
  const keep = async (name) => {
    const old = taken.find((one) => one.name === name);
    return (!old || await ask(`Keep over ${name}?`, soft(`Its ${old.records} records go for good.`), "Keep")) && control("POST", "/snapshots", {name});
  };
  const begin = async (seed) => await sure(`Start over from ${seed.slice(0, 40)}?`, AFRESH, "Start over")
    && control("POST", "/seed", {seed: seed.startsWith("{") ? JSON.parse(seed) : seed});
  return {
    kinds: ["sessions", "clock", "records"], curl: "/state", update, tools: button("Reset…", reset, {class: "danger"}),
    parts: [
      facts, section("Snapshots", kept, entry("Keep this moment as", {maxlength: 64, value: "before"}, "Keep", does("Kept.", keep))),
      section("Seed", entry("A seed: tutorial, account, empty, or {…} as JSON", {value: "tutorial"}, "Start over…", does("Started over.", begin))),
      section("File", bar(button("Save to a file", save)), entry("A file that was saved", {type: "file", accept: ".json"}, "Load…", does("Loaded.", load))),
      section("Sessions", sessions),
    ],
  };
}
