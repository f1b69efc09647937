// Billing: whether things cost, what each account has, and what was charged.

import {asCurl, bar, button, fill, h, json, more, record, section, soft, state, stamp, table} from "../dom.js";
import {control} from "../wire.js";

const usd = (micros) => `${micros / 1e6} USD`;
const OF = {call: "calls", sms: "messages", email: "emails", number: "numbers", recording: "recordings", tts: "speakings"};
const amount = ({credit, tokens}) => [credit && usd(credit), tokens && `${tokens} tokens`].filter(Boolean).join(", ");

export async function view() {
  const head = h("div.stack"), turn = button("", async () => (await control("PUT", "/billing", {on: !told.on}), update()), {class: "primary"});
  let told;
  const has = (id, what, credit, tokens) => button(what, async () => (await control("PUT", `/billing/accounts/${id}`, {credit, tokens}), update()), {class: "plain"});
  const accounts = table("Billing accounts", [
    ["account", ({id, name}) => record("billing_accounts", id, name), "long"], ["status", ({status}) => state(status)], ["plan", (one) => one.plan_type],
    ["credit", (one) => usd(one.balance_credit), "right"], ["tokens", (one) => one.balance_token, "right named"], ["", ({id}) => [has(id, "No money", 0, 0), has(id, "25 USD", 25e6, 100)], "right"],
  ], (one) => one.id);
  const charges = table("Charges", [
    ["at", ({at}) => stamp(at)], ["what", ({kind, id}) => record("billings", id, kind)], ["of", ({kind, of}) => OF[kind.split("_")[0]] && record(OF[kind.split("_")[0]], of), "long"],
    ["status", ({status}) => state(status)], ["amount", amount, "right"], ["left", (one) => amount({credit: one.credit_left, tokens: one.tokens_left}), "right named"],
  ], (one) => one.id, "Nothing was charged.");

  async function update() {
    const [now, listed] = await Promise.all([control("GET", "/billing"), control("GET", "/billing/charges")]);
    told = now;
    fill(turn, told.on ? "Turn off" : "Turn on");
    fill(head, told.on ? more("Rates", json(told.rates)) : soft("Nothing costs anything."));
    accounts.show(told.accounts);
    charges.show(listed.charges.reverse());
  }

  return {kinds: ["records", "billing"], curl: "/billing", update, tools: turn, parts: [head, section("Accounts", accounts), section("Charges", charges, bar(asCurl("GET", "/billing/charges")))]};
}
