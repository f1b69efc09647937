// What was written to and by everybody on the other side: texts, mails, chats. One answers as them.

import {asCurl, bar, button, copy, el, field, fill, filter, h, many, mark, more, record, row, says, select, shell, soft, split, stamp, state, table, tell,
  to} from "../dom.js";
import {control, curl} from "../wire.js";

const KINDS = [["", "all"], ["text", "texts"], ["mail", "mails"], ["line", "LINE"], ["whatsapp", "WhatsApp"], ["webchat", "web chats"]];
const OF = {text: "phone", mail: "mailbox", line: "user of LINE", whatsapp: "user of WhatsApp", webchat: "visitor"};
const BECOMES = ["open", "click", "delivered", "bounce", "dropped", "deferred", "spamreport", "unsubscribe"];
const HTML = /<[a-z!/][^>]*>/i;
const short = (text) => (/^[\da-f-]{36}$/.test(text) ? text.slice(0, 8) : text);

export async function view() {
  let all = [], chosen, answer;
  const kind = select(KINDS, "", {"aria-label": "Kind", on: {change: () => show()}}), find = filter("address, name, text", () => show()), foot = bar();
  const list = table("Inbox", [
    ["with", (one) => [row(to("inbox", one.id), one.name || short(one.other)), h("small", ` ${one.name ? short(one.other) : OF[one.kind]}`)], "long"],
    ["last", ({way, text}) => h("span.wrong", way === "in" && h("b", "← "), text), "long"],
    ["time", ({at}) => stamp(at, true), "wide"], ["lines", ({lines}) => lines, "right wide"], ["kind", ({kind}) => mark(kind)], ["status", ({status, over}) => (over ? mark("over") : status && state(status))],
  ], (one) => one.id, "Nobody was written to, and nobody wrote. Send a text:", shell("POST", "/v1.0/messages", {
    source: {type: "tel", target: "+15559876543"}, destinations: [{type: "tel", target: "+15550100042"}], text: "hello"}));

  function show() {
    const words = find.value.toLowerCase().split(" ");
    const found = all.filter((one) => (!kind.value || one.kind === kind.value) && words.every((word) => `${one.other} ${one.own} ${one.name} ${one.text}`.toLowerCase().includes(word)));
    list.show(found, chosen);
    fill(foot, all.length > 0 && soft(`${found.length} of ${all.length}`));
  }

  // The far end's own field stays as it is while lines come.
  const answered = async (body) => {
    const told = await control(answer.method, answer.path, {...answer.body, ...body});
    if (told.dropped) throw new Error(told.dropped);
    await panes.update();
  };
  const words = says("Answer as the other side", "Send", (text) => answered("say" in answer.body ? {say: text} : {text}));
  const leaves = button("Leave", () => control("POST", answer.path, {leave: true}).then(() => panes.update()));
  const event = select(BECOMES.map((name) => [name]), "open", {"aria-label": "What becomes of the newest mail"});
  const becomes = field("What becomes of the newest mail", event, button("Tell", () => answered({event: event.value})));
  const line = button("as curl", () => copy(curl(answer.method, answer.path, answer.body), "curl line"), {class: "plain", "aria-label": "The answer as curl"});
  const answers = h("section.card", words, becomes, bar(leaves, line));

  function draw(one) {
    answer = one.answer;
    answers.hidden = !answer;
    words.hidden = one.kind === "mail";
    becomes.hidden = !words.hidden;
    leaves.hidden = one.kind !== "webchat";
    return [
      [one.name || short(one.other), " ", mark(one.kind)],
      h("p", `${one.name ? `${one.other} ` : ""}with `, one.kind === "text" || one.kind === "mail" ? one.own : record(one.kind === "webchat" ? "webchat_widgets" : "conversation_accounts", one.own)),
      bar(one.kind === "webchat" && record("webchat_sessions", one.other, "session"), asCurl("GET", `/threads/${one.id}`)),
      el("ol", {class: "talk", "aria-label": "Lines"}, one.lines.map(one.kind === "mail" ? mail : said)), !one.lines.length && soft("Nobody has written yet."),
      one.over && soft("The visit is over."), answers,
    ];
  }

  const panes = split(() => to("inbox"), {
    async list(id) {
      [all, chosen] = [(await control("GET", "/threads?limit=1000")).threads, id];
      show();
    },
    read: (id) => control("GET", `/threads/${encodeURIComponent(id)}`), draw,
  }, bar(kind, find), foot, list);
  return {...panes, kinds: ["records"], curl: "/threads", parts: [begins(panes), panes.parts]};
}

const foot = ({at, status, resource, id}, ...content) => h("small", stamp(at, true), " ", content, " ", status && state(status), " ", record(resource, id, "record"));
const said = (line) => el("li", {class: line.way}, h("p", line.text), foot(line));

// Its HTML is shown in a frame of its own, in which nothing runs and which fetches nothing.
const mail = (line) => el("li", {class: "mail"}, h("h3", line.subject || "(no subject)"), foot(line, line.attachments > 0 && many(line.attachments, "attachment")),
  HTML.test(line.text) ? [el("iframe", {sandbox: "", title: `Mail: ${line.subject}`, src: line.html, loading: "lazy"}), more("As it was written", h("pre", line.text))] : h("pre", line.text));

// Somebody new writes.
function begins(panes) {
  const names = (name) => control("GET", `/records/${name}?limit=100`).then(({records}) => records.filter(({deleted}) => !deleted));
  const whom = select([], ""), from = el("input", {value: "+15550100042", size: 18}), text = el("input", {value: "hello", size: 30});
  const node = el("details", {class: "card", on: {toggle: () => node.open && load().catch(({message}) => tell(message, true))}}, h("summary", "Somebody writes"),
    h("div.fields", field("From", from), field("To", whom), field("Text", text), button("Write", async () => {
      const [kind, id] = whom.value.split(" ");
      if (!id) throw new Error("there is no number, account or widget to write to");
      const told = kind === "webchat" ? await visit(id) : await control("POST", `/inbound/${kind}`, kind === "sms" ? {from: from.value, to: id, text: text.value} : {account: id, user: from.value, text: text.value});
      if (told.dropped) throw new Error(told.dropped);
      await panes.update();
    }, {class: "primary"})));

  async function visit(widget) {
    const {session_id} = await control("POST", "/visits", {widget});
    return control("POST", `/visits/${session_id}`, {say: text.value});
  }

  async function load() {
    const [numbers, accounts, widgets] = await Promise.all(["numbers", "conversation_accounts", "webchat_widgets"].map(names));
    fill(whom, [
      ...numbers.filter(({record}) => record.number).map(({record}) => [`sms ${record.number}`, record.number]),
      ...accounts.filter(({record}) => record.type === "line" || record.type === "whatsapp").map(({id, record}) => [`${record.type} ${id}`, `${record.type} ${record.name}`]),
      ...widgets.map(({id, record}) => [`webchat ${id}`, `web chat ${record.name}`]),
    ].map(([value, name]) => el("option", {value}, name)));
  }
  return node;
}
