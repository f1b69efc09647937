// Acting through the service itself, as an agent that one chooses.

import {button, code, dialog, el, field, fill, h, select} from "../dom.js";
import {act, control} from "../wire.js";

let chosen;

// The newest records of a resource that are there, with a text in them.
export const those = async (resource, find = "") =>
  (await control("GET", `/records/${resource}?limit=1000&find=${encodeURIComponent(find)}`)).records.filter(({deleted}) => !deleted).map(({record}) => record);

export const the = async (resource, id) => (await control("GET", `/records/${resource}/${encodeURIComponent(id)}`)).record;

export const agents = async () => (await control("GET", "/agents")).agents;

// A field to choose who acts; what is chosen holds for all of the page.
export async function actor(label = "As") {
  const all = await agents();
  const who = select(all.map(({id, username, role}) => [id, `${username} (${role})`]), chosen ?? all[0]?.id, {on: {change: () => (chosen = who.value)}});
  return field(label, who);
}

// acts("PUT /v1.0/tags/{id}", [id], {…})
export function acts(call, ids = [], body, as = chosen) {
  const [method, template] = call.split(" "), rest = [...ids];
  return act(method, template.replace(/\{\w+\}/g, () => encodeURIComponent(rest.shift())), body, as);
}

// A body for such a call, in a dialog that stays, with why, if it is refused.
export async function write(title, call, sample, send, ...fields) {
  const text = el("textarea", {rows: 14, spellcheck: "false", value: JSON.stringify(sample ?? {}, null, 2)}), said = el("div", {role: "alert"});
  const node = dialog(title, [await actor(), fields, field(call, text), said], [
    button("Cancel", () => node.close()),
    button("Send", async () => {
      try {
        await send(JSON.parse(text.value));
        node.close();
      } catch ({message, details}) {
        fill(said, h("div.notice bad", message, (Array.isArray(details) ? details : []).map(({pointer, message}) => pointer !== undefined && h("p", code(pointer), ` ${message}`))));
      }
    }, {class: "primary"}),
  ]);
}
