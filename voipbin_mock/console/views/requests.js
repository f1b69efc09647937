import {el, mark, stamp, table} from "../dom.js";
import {control} from "../wire.js";

export default {
  kinds: ["requests"],
  async open(main) {
    const list = table("Requests", [
      ["#", ({number}) => String(number), "right"],
      ["Time", ({time}) => stamp(time)],
      ["Request", ({method, path}) => `${method} ${path}`, "long mono"],
      ["Status", ({status, reason}) => mark(`${status} ${reason ?? ""}`, status < 400 ? "ok" : "bad")],
    ], ({number}) => number, "No requests yet.");
    const update = async () => list.show((await control("GET", "/requests?limit=500")).requests.reverse());
    main.append(el("h1", null, "Requests"), list);
    await update();
    return {update};
  },
};
