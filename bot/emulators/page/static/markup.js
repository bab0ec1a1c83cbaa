// Slack's mrkdwn and Discord's Markdown as DOM nodes.
import { el } from "./dom.js";

const EMOJI = { white_check_mark: "✅", x: "❌", eyes: "👀", tada: "🎉", thumbsup: "👍", "+1": "👍", warning: "⚠️", rocket: "🚀", heart: "❤️", fire: "🔥", smile: "😄" };

export function emoji(name) {
  return EMOJI[name] || (/^\p{Emoji}/u.test(name) ? name : `:${name}:`);
}

// Each rule: a pattern that starts with ^, and what its match becomes. Text between matches stays text.
function inline(text, rules, context) {
  const nodes = [];
  let plain = "";
  const flush = () => {
    if (plain) nodes.push(document.createTextNode(plain));
    plain = "";
  };
  let rest = text;
  let before = "";
  while (rest) {
    const hit = rules.find((rule) => (!rule.after || rule.after.test(before)) && rule.match.test(rest));
    if (hit) {
      const found = hit.match.exec(rest);
      flush();
      nodes.push(hit.make(found, (inner) => inline(inner, rules, context), context));
      before = found[0].slice(-1);
      rest = rest.slice(found[0].length);
    } else {
      const [letter] = rest;
      plain += letter;
      before = letter;
      rest = rest.slice(letter.length);
    }
  }
  flush();
  return nodes;
}

const unescape = (text) => text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
const START = /^$|[\s(*_~>\u200b.,:;"'-]/;

const SLACK = [
  { match: /^```\n?([\s\S]*?)\n?```/, make: ([, code]) => el("pre", {}, unescape(code)) },
  { match: /^`([^`\n]+)`/, make: ([, code]) => el("code", {}, unescape(code)) },
  { match: /^<@([UW]\w+)(?:\|[^>]*)?>/, make: ([, id], _, { store }) => el("span", { class: "mention" }, `@${store.person(id).display_name}`) },
  { match: /^<#(\w+)(?:\|[^>]*)?>/, make: ([, id], _, { store }) => el("span", { class: "mention" }, `#${store.channels.get(id)?.name || id}`) },
  { match: /^<!(\w+)[^>]*>/, make: ([, name]) => el("span", { class: "mention ping" }, `@${name}`) },
  { match: /^<(https?:[^|>]+)(?:\|([^>]*))?>/, make: ([, url, label]) => el("a", { href: unescape(url), target: "_blank", rel: "noreferrer" }, unescape(label || url)) },
  { match: /^\*([^*\n]+)\*/, after: START, make: ([, text], more) => el("strong", {}, more(text)) },
  { match: /^_([^_\n]+)_/, after: START, make: ([, text], more) => el("em", {}, more(text)) },
  { match: /^~([^~\n]+)~/, after: START, make: ([, text], more) => el("s", {}, more(text)) },
  { match: /^&(lt|gt|amp);/, make: ([entity]) => document.createTextNode(unescape(entity)) },
  { match: /^:([a-z0-9_+-]+):/, make: ([, name]) => document.createTextNode(emoji(name)) },
];

const DISCORD = [
  { match: /^```(?:[\w+-]*\n)?([\s\S]*?)```/, make: ([, code]) => el("pre", {}, code) },
  { match: /^\\([\\*_~`|>#\[\]()-])/, make: ([, letter]) => document.createTextNode(letter) },
  { match: /^`([^`\n]+)`/, make: ([, code]) => el("code", {}, code) },
  { match: /^\*\*([\s\S]+?)\*\*/, make: ([, text], more) => el("strong", {}, more(text)) },
  { match: /^__([\s\S]+?)__/, make: ([, text], more) => el("u", {}, more(text)) },
  { match: /^\*([^*\n]+)\*/, make: ([, text], more) => el("em", {}, more(text)) },
  { match: /^_([^_\n]+)_/, after: START, make: ([, text], more) => el("em", {}, more(text)) },
  { match: /^~~([\s\S]+?)~~/, make: ([, text], more) => el("s", {}, more(text)) },
  { match: /^\|\|([\s\S]+?)\|\|/, make: ([, text], more) => el("span", { class: "spoiler", tabindex: "0" }, more(text)) },
  { match: /^<@!?(\d+)>/, make: ([, id], _, { store }) => el("span", { class: "mention" }, `@${store.person(id).display_name}`) },
  { match: /^<#(\d+)>/, make: ([, id], _, { store }) => el("span", { class: "mention" }, `#${store.channels.get(id)?.name || id}`) },
  { match: /^<t:(\d+)(?::\w)?>/, make: ([, seconds]) => el("span", { class: "mention" }, new Date(seconds * 1000).toLocaleString()) },
  { match: /^\[((?:[^\]\\]|\\.)+)\]\(<?(https?:[^\s)>]+)>?\)/, make: ([, label, url], more) => el("a", { href: url, target: "_blank", rel: "noreferrer" }, more(label)) },
  { match: /^<?(https?:\/\/[^\s<>]+)>?/, make: ([, url]) => el("a", { href: url, target: "_blank", rel: "noreferrer" }, url) },
];

// Lines first (quotes, lists, headings), then what stands in them; fenced code goes across lines.
function lines(text, rules, context, quote, extras) {
  const box = el("div", { class: "text" });
  for (const part of text.split(/(```[\s\S]*?```)/)) {
    if (part.startsWith("```")) {
      box.append(...inline(part, rules, context));
      continue;
    }
    for (const line of part.split("\n")) {
      const quoted = quote.exec(line);
      const extra = quoted ? null : extras.find((one) => one.match.test(line));
      if (quoted) box.append(el("blockquote", {}, inline(line.slice(quoted[0].length), rules, context)));
      else if (extra) box.append(el(extra.tag, { class: extra.class }, inline(line.replace(extra.match, ""), rules, context)));
      else box.append(el("div", { class: line ? "line" : "line empty" }, inline(line, rules, context)));
    }
  }
  return box;
}

export function mrkdwn(text, store) {
  return lines(text || "", SLACK, { store }, /^(&gt;|>) ?/, [{ match: /^• /, tag: "div", class: "item" }]);
}

export function markdown(text, store) {
  return lines(text || "", DISCORD, { store }, /^> /, [
    { match: /^-# /, tag: "small", class: "subtext" },
    { match: /^#{1,3} /, tag: "h4" },
    { match: /^[-*] /, tag: "div", class: "item" },
  ]);
}
