"""How the page of the API looks, and the script that finds and unfolds its operations."""

HEAD = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
"""

STYLE = """
:root { color-scheme: light dark; color: light-dark(#1b1d23, #e5e6ea); background: light-dark(#fff, #16171b); }
* { box-sizing: border-box; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0; display: grid; grid-template-columns: 20rem minmax(0, 1fr); }
nav { position: sticky; top: 0; height: 100vh; overflow: auto; padding: 1rem; border-right: 1px solid #8886; }
nav ul { list-style: none; margin: 0; padding: 0 0 0 .4rem; }
nav summary { cursor: pointer; font-weight: bold; }
nav li li { font-size: .8rem; line-height: 1.9; overflow-wrap: anywhere; padding-left: 3.4em; text-indent: -3.4em; }
nav b, h3 b { font: bold .8em ui-monospace, monospace; color: light-dark(#0b57a4, #8ab4f8); }
nav input { font: inherit; width: 100%; padding: .2rem .4rem; }
nav p { font-size: .8rem; margin: .2rem 0; min-height: 1.2em; }
main { padding: 1rem 2rem 4rem; min-width: 0; max-width: 70rem; overflow-wrap: anywhere; }
section, details { border-top: 1px solid #8886; padding: .2rem 0; }
section { margin: 1rem 0 2rem; scroll-margin-top: 1rem; }
summary { cursor: pointer; padding: .3rem 0; }
summary h3 { display: inline; font-size: 1rem; margin: 0; }
details > div { padding: 0 0 1.5rem .8rem; scroll-margin-top: 3rem; }
:target { outline: 2px solid light-dark(#0b57a4, #8ab4f8); outline-offset: .6rem; }
h2 { margin-top: 3rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; margin: .4rem 0; font-size: .9rem; }
th, td { text-align: left; vertical-align: top; padding: .2rem .6rem; border-bottom: 1px solid #8886; }
th { overflow-wrap: normal; }
td { overflow-wrap: break-word; }
.note { border-left: 3px solid light-dark(#855100, #e9bb6c); padding-left: .6rem; margin: .4rem 0; }
.unmocked { list-style: none; padding: 0; }
.unmocked b { display: inline-block; min-width: 4.5em; font: bold .8em ui-monospace, monospace; }
code, pre { font-family: ui-monospace, monospace; font-size: .9em; overflow-wrap: anywhere; }
pre { white-space: pre-wrap; background: #8881; padding: .6rem; margin: .4rem 0; }
a { color: light-dark(#0b57a4, #8ab4f8); }
[hidden] { display: none; }
@media (max-width: 50rem) {
body { display: block; }
nav { position: static; height: 40vh; border: 0; }
main { padding: 1rem; }
th, td { padding: .2rem .3rem; }
}
"""

SCRIPT = """
"use strict";
const find = document.getElementById("find"), found = document.getElementById("found");
const operations = [...document.querySelectorAll(".operation")];
const entries = new Map([...document.querySelectorAll("nav [data-of]")].map(item => [item.dataset.of, item]));
const texts = new Map(operations.map(one => [one, `${one.dataset.of ?? ""} ${one.textContent}`.toLowerCase()]));
function search() {
  const words = find.value.toLowerCase().split(/\\s+/).filter(Boolean);
  let shown = 0;
  for (const one of operations) {
    const text = texts.get(one);
    const hit = words.every(word => text.includes(word));
    one.hidden = !hit;
    const entry = entries.get(one.dataset.of);
    if (entry) entry.hidden = !hit;
    shown += hit;
  }
  for (const area of document.querySelectorAll("nav > ul > li:has(ul)")) {
    area.hidden = words.length > 0 && !area.querySelector("li:not([hidden])");
    area.querySelector("details").open = words.length > 0;
  }
  found.textContent = words.length ? `${shown} of ${operations.length} operations` : "";
}
function unfold() {
  const place = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const around = place && place.closest("details");
  if (!around) return;
  around.hidden = false;
  around.open = true;
  place.scrollIntoView();
}
find.disabled = false;
find.addEventListener("input", search);
addEventListener("hashchange", unfold);
unfold();
"""
