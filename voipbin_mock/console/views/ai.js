// The AI: what was said in its calls and which tools it called, its jobs and when they end, and the scripts of both.

import {about, asCurl, bar, button, el, fill, h, json, link, more, part, record, remove, row, says, section, sender, soft, split, stamp, state, table, terms,
  to} from "../dom.js";
import {control} from "../wire.js";
import {wind} from "../app.js";
import {acts, write} from "./acting.js";

const TURNS = {
  "what it says": {default: ["How may I help?", "Is there anything else?"]},
  "a tool, then an end": {default: [{outcome: "call", tool: "set_variables", arguments: {variables: {seat: "12A"}}, then: "Noted.", match: "seat"}, {outcome: "hang", match: "bye"}]},
  "silence": {default: ["silence"]},
};
const COMES_TO = {"audits fail": {audits: ["failed"]}, "a bad score": {audits: [{outcome: "done", after: "10s", overall_score: 2}]}, "documents fail once": {rags: ["failed", "done"]}};
const TOLD = ["error", "content", "rationale", "original_prompt", "proposed_prompt", "evaluation", "result", "sources"];
const isId = (id) => id && !/^[0-]*$/.test(id);
const ONE = {audits: "Audit", proposals: "Proposal", summaries: "Summary", analyses: "Analysis"};
const of = ({kind, about: {resource, id, name}}) => (kind === "rags" ? about("RAG", id, name) : `${ONE[kind]} of ${name || about(resource.replace(/s$/, ""), id)}`);
const next = (due) => due && button("Next step", () => wind({freeze: due}), {title: due});

// A line of a transcript: what was said, a tool that was called, or what that gave back.
function line({at, role, text, ai, tool, arguments: given, result}) {
  const way = role === "user" ? "in" : role === "assistant" ? "out" : "note", {result: how, message, resource_type: kind, resource_id: id} = result ?? {};
  return el("li", {class: way}, tool ? [h("p", "calls ", h("b", tool)), json(given, {label: `Arguments of ${tool}`})] : how ? h("p", state(how), " ", message) : h("p", text),
    h("small", `${at / 1000} s, ${role}`, role === "assistant" && ai && ` ${ai}`, isId(id) && [" ", record(`${kind}s`, id)]));
}

export async function view() {
  let jobs = [], scripts = {};
  const calls = table("AI calls", [
    ["AI", (one) => row(to("ai", one.id), one.ai || "nobody"), "long"], ["with", ({reference_type: kind, reference_id: id}) => (kind ? `${kind} ${id.slice(0, 8)}` : "in writing")],
    ["began", ({began}) => stamp(began, true), "wide"], ["status", ({status}) => state(status)],
  ], ({id}) => id, "No AI was called yet. Start an AI call, or call a flow with the action ai_talk.");
  const work = table("Jobs", [
    ["job", (one) => row(to("ai", one.resource, one.id), of(one)), "long"], ["began", ({began}) => stamp(began, true), "wide"],
    ["due", ({due}) => due && stamp(due), "named"], ["status", ({status}) => state(status)],
  ], ({resource, id}) => `${resource}/${id}`, "There are no jobs. Audit an AI call that is over, or create one of ", link(to("records", "rags"), "rags"), " or ", link(to("records", "aisummaries"), "aisummaries"), ".");
  const planned = h("div"), update = () => panes.update(), forget = remove("Forget all", "Forget the scripts?",
    () => `Of ${[scripts.ais, scripts.jobs].flatMap(Object.keys).join(", ")}.`, () => Promise.all(["/ais", "/jobs"].map((path) => control("DELETE", path))).then(update));

  function aicall(one) {
    const {id, ai, status, reference_type: kind, reference_id: ref, transcript, due} = one, over = status === "terminated", path = "/v1.0/aicalls/{id}";
    const told = transcript.filter(({role}) => role === "system"), said = transcript.filter(({role}) => role !== "system");
    return [
      [ai || "Nobody", " ", state(status)],
      bar(next(due), over ? button("Audit", async () => (location.hash = to("ai", "aiaudits", (await acts("POST /v1.0/aiaudits", [], {aicall_id: id})).result[0].id)))
        : remove("End", "End this AI call?", () => "Whoever talks to it is told no more.", () => acts(`POST ${path}/terminate`, [id])),
      record("aicalls", id, "record"), isId(one.activeflow_id) && record("activeflows", one.activeflow_id, "run"), isId(ref) && (kind === "call" ? link(to("calls", ref), "call") : record(`${kind}s`, ref)), asCurl("GET", `/aicalls/${id}`)),
      more("What it was told", told.map(({text}) => h("pre", text))),
      el("ol", {class: "talk", "aria-label": "Transcript"}, said.map(line)), !said.length && soft("Nothing was said yet."),
      !over && h("section.card", says("Say to it", "Send", (content) => acts("POST /v1.0/aimessages", [], {aicall_id: id, role: "user", content}).then(update)),
        soft("The service wants three seconds between two messages: wind the clock.")),
    ];
  }

  async function job([one, {resource, record: its}]) {
    const {id, status} = its, done = status === "completed", decides = (word) => button(word, () => acts(`POST /v1.0/aipromptproposals/{id}/${word.toLowerCase()}`, [id]));
    return [
      [of(one), " ", state(status)],
      bar(next(one.due), done && resource === "aiaudits" && button("Propose a better prompt", async () => (location.hash = to("ai", "aipromptproposals", (await acts("POST /v1.0/aipromptproposals", [], {ai_id: its.ai_id, audit_ids: [id]})).id))),
        done && resource === "aipromptproposals" && ["Accept", "Reject"].map(decides), record(resource, id, "record"),
        one.about.id !== id && (one.about.resource === "aicalls" ? link(to("ai", one.about.id), "AI call") : record(one.about.resource, one.about.id, one.about.resource === "ais" && "AI")), asCurl("GET", `/records/${resource}/${id}`)),
      terms("facts", [["began", stamp(one.began, true)], ["due", one.due && stamp(one.due, true)], ["score", its.overall_score && `${its.overall_score} of 5`], ["language", its.language]]),
      TOLD.map((name) => its[name]?.length !== 0 && its[name] && part(name.replace("_", " "), typeof its[name] === "string" ? h("pre", its[name]) : json(its[name], {label: name}))),
    ];
  }

  const panes = split(() => to("ai"), {
    async list(id) {
      const [{aicalls}, {ais}, told] = await Promise.all(["/aicalls", "/ais", "/jobs"].map((path) => control("GET", path)));
      [jobs, scripts] = [told.newest, {ais, jobs: told.jobs}];
      calls.show(aicalls, id);
      work.show(jobs, id);
      const given = Object.keys({...ais, ...told.jobs}).length > 0;
      fill(planned, given && more("What is scripted", json(scripts, {label: "Scripts"})));
      forget.hidden = !given;
    },
    async read(id) {
      const [resource, own] = id.split("/");
      if (!own) return control("GET", `/aicalls/${encodeURIComponent(id)}`);
      const [told, {newest}] = await Promise.all([control("GET", `/records/${resource}/${encodeURIComponent(own)}`), control("GET", "/jobs?limit=1000")]);
      return [newest.find((one) => one.id === own), told];
    },
    draw: (data) => (Array.isArray(data) ? job(data) : aicall(data)),
  }, section("AI calls", calls), section("Jobs", work), section("Scripts", sender("Script models", "PUT", "/ais", TURNS, update), sender("Script jobs", "PUT", "/jobs", COMES_TO, update),
    planned, bar(forget, asCurl("GET", "/ais"), asCurl("GET", "/jobs"))));
  return {
    ...panes, kinds: ["records", "clock", "ais"], curl: "/aicalls",
    tools: button("Start…", async () => {
      const {records: [ai]} = await control("GET", "/records/ais?limit=1");
      await write("Start an AI call", "POST /v1.0/aicalls", {assistance_type: "ai", assistance_id: ai?.id ?? "", reference_type: "", reference_id: ""},
        async (body) => (location.hash = to("ai", (await acts("POST /v1.0/aicalls", [], body)).id)));
    }),
  };
}
