// The views, in the order of the navigation. `key` opens one after `g`; a file is loaded when its view is first opened.
// It exports {kinds, open(main, {rest, query})}; that gives {update(notices), close()}, and go(params) if it can stay open.
export const views = [
  {name: "requests", title: "Requests", key: "r", load: () => import("./requests.js")},
  {name: "records", title: "Records", key: "d", load: () => import("./records.js")},
  {name: "clock", title: "Clock", key: "t", load: () => import("./clock.js")},
  {name: "calls", title: "Calls", key: "l", load: () => import("./calls.js")},
  {name: "campaigns", title: "Campaigns", key: "c", load: () => import("./campaigns.js")},
  {name: "webhooks", title: "Webhooks", key: "w", load: () => import("./webhooks.js")},
  {name: "trouble", title: "Trouble", key: "f", load: () => import("./trouble.js")},
  {name: "state", title: "State", key: "s", load: () => import("./state.js")},
  {name: "coverage", title: "Coverage", key: "v", load: () => import("./coverage.js")},
  {name: "api", title: "API", key: "a", load: () => import("./api.js")},
];
