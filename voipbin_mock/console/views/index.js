// The views, in the order of the navigation. `key` opens one after `g`; a file is loaded when its view is first opened.
// It exports {kinds, open(main, {rest, query})}; that gives {update(notices), close()}, and go(params) if it can stay open.
export const views = [
  {name: "requests", title: "Requests", key: "r", load: () => import("./requests.js")},
  {name: "api", title: "API", key: "a", load: () => import("./api.js")},
];
