// Discord's Markdown as DOM nodes.
import { el, link, nameOf } from "./dom.js";
import { blocks, inline, mention, moment } from "./markup.js";

const WORD = /[^\w]/;

function spoiler(_, nodes) {
  const node = el("span", { class: "spoiler", role: "button", tabindex: "0", "aria-label": "Spoiler" }, nodes);
  const reveal = () => {
    node.classList.add("revealed");
    for (const name of ["role", "tabindex", "aria-label"]) node.removeAttribute(name);
  };
  node.addEventListener("click", reveal);
  node.addEventListener("keydown", (event) => event.key === "Enter" && reveal());
  return node;
}

function line(text) {
  const quoted = /^>(?:>>)? /.exec(text);
  if (quoted) return { kind: "quote", text: text.slice(quoted[0].length) };
  const small = /^-# /.exec(text);
  if (small) return { kind: "small", text: text.slice(3) };
  const heading = /^(#{1,3}) (?=\S)/.exec(text);
  if (heading) return { kind: "heading", level: heading[1].length, text: text.slice(heading[0].length) };
  const item = /^( *)(?:[-*]|(\d+)\.) (?=\S)/.exec(text);
  if (!item) return { kind: "text", text };
  const [all, indent, number] = item;
  return { kind: "item", depth: Math.floor(indent.length / 2), ordered: Boolean(number), number, text: text.slice(all.length) };
}

const GRAMMAR = {
  special: /[\\`*_~|<[h]/,
  code: (text) => text.replace(/^[\w+.-]*\n/, "").replace(/\n$/, ""),
  line,
  rules: [
    { match: /^\\([^A-Za-z0-9\s])/, make: ([, letter]) => document.createTextNode(letter) },
    { match: /^(`+)([^`\n]|[^`\n][^\n]*?[^`])\1(?!`)/, make: ([, , code]) => el("code", {}, code) },
    { match: /^\*\*\*(?=\S)([^\n]+?)\*\*\*/, make: ([, text], more) => el("strong", {}, el("em", {}, more(text))) },
    { match: /^\*\*(?=\S)([^\n]+?)\*\*(?!\*)/, make: ([, text], more) => el("strong", {}, more(text)) },
    { match: /^__(?=\S)([^\n]+?)__(?!_)/, make: ([, text], more) => el("u", {}, more(text)) },
    { match: /^\*(?=[^\s*])([^*\n]+)\*/, make: ([, text], more) => el("em", {}, more(text)) },
    { match: /^_(?=[^\s_])([^_\n]+)_(?!\w)/, after: WORD, make: ([, text], more) => el("em", {}, more(text)) },
    { match: /^~~([^\n]+?)~~/, make: ([, text], more) => el("s", {}, more(text)) },
    { match: /^\|\|([^\n]+?)\|\|/, make: (found, more) => spoiler(found, more(found[1])) },
    {
      match: /^<@!?(\d+)>/,
      make: ([, id], _, { store, reader }) => mention(`@${nameOf(store.person(id))}`, id === reader),
    },
    { match: /^<@&\d+>/, make: () => mention("@role") },
    { match: /^<#(\d+)>/, make: ([, id], _, { store }) => mention(`#${store.channels.get(id)?.name || "unknown"}`) },
    { match: /^<\/([^:>]+):\d+>/, make: ([, name]) => mention(`/${name}`) },
    { match: /^<a?:(\w+):\d+>/, make: ([, name]) => document.createTextNode(`:${name}:`) },
    { match: /^<t:(-?\d{1,12})(?::([tTdDfFR]))?>/, make: ([, seconds, style]) => moment(Number(seconds), style) },
    {
      match: /^\[((?:[^\]\\\n]|\\.)+)\]\(<?(https?:[^\s)>]+)>?\)/,
      make: ([, label, url], more) => link(url, more(label)),
    },
    { match: /^<(https?:\/\/[^\s<>]+)>/, make: ([, url]) => link(url, url) },
    { match: /^https?:\/\/[^\s<>]*[^\s<>.,;:!?'")\]*_~|]/, after: WORD, make: ([url]) => link(url, url) },
  ],
};

/** Discord's text as a node. `context`: the store to name people and channels by, and the reader. */
export function markdown(text, context) {
  return blocks(text || "", GRAMMAR, context);
}

/** One line of it, for titles and names, as nodes. */
export function markdownLine(text, context) {
  return inline(text || "", GRAMMAR, context);
}
