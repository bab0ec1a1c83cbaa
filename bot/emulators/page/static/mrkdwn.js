// Slack's mrkdwn as DOM nodes.
import { el, link, nameOf } from "./dom.js";
import { emoji } from "./emoji.js";
import { blocks, mention, moment } from "./markup.js";

const OPENS = /[\s(*_~>\u200b.,:;"'\[{/-]/;

function unescape(text) {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

/** <!date^seconds^{date} at {time}^link|fallback> */
function dateNode([, seconds, format]) {
  const known = { date_num: "d", date_short: "D", date_long: "D", date_pretty: "D", date: "D", time: "t", time_secs: "T", ago: "R" };
  const parts = unescape(format).split(/\{(\w+)\}/);
  return el("span", {}, parts.map((part, n) => (n % 2 ? moment(Number(seconds), known[part] || "f") : part)));
}

const GRAMMAR = {
  special: /[`<*_~&:]/,
  code: (text) => unescape(text.replace(/^\n/, "").replace(/\n$/, "")),
  line(text) {
    const quoted = /^(?:&gt;|>) ?/.exec(text);
    return quoted ? { kind: "quote", text: text.slice(quoted[0].length) } : { kind: "text", text };
  },
  rules: [
    { match: /^`([^`\n]+)`/, make: ([, code]) => el("code", {}, unescape(code)) },
    {
      match: /^<@([UWB]\w+)(?:\|[^>]*)?>/,
      make: ([, id], _, { store, reader }) => mention(`@${nameOf(store.person(id))}`, id === reader),
    },
    {
      match: /^<#(\w+)(?:\|([^>]*))?>/,
      make: ([, id, label], _, { store }) => mention(`#${store.channels.get(id)?.name || unescape(label || id)}`),
    },
    { match: /^<!date\^(\d+)\^([^^|>]*)(?:\^[^|>]*)?(?:\|[^>]*)?>/, make: dateNode },
    { match: /^<!subteam\^\w+(?:\|([^>]*))?>/, make: ([, label]) => mention(unescape(label || "@group"), true) },
    { match: /^<!(here|channel|everyone)(?:\|[^>]*)?>/, make: ([, name]) => mention(`@${name}`, true) },
    {
      match: /^<((?:https?:|mailto:)[^|>]+)(?:\|([^>]*))?>/,
      make: ([, url, label]) => link(unescape(url), unescape(label || url.replace(/^mailto:/, ""))),
    },
    { match: /^\*(?=\S)([^*\n]*[^*\s])\*(?!\w)/, after: OPENS, make: ([, text], more) => el("strong", {}, more(text)) },
    { match: /^_(?=\S)([^_\n]*[^_\s])_(?!\w)/, after: OPENS, make: ([, text], more) => el("em", {}, more(text)) },
    { match: /^~(?=\S)([^~\n]*[^~\s])~(?!\w)/, after: OPENS, make: ([, text], more) => el("s", {}, more(text)) },
    { match: /^&(?:lt|gt|amp);/, make: ([entity]) => document.createTextNode(unescape(entity)) },
    { match: /^:([a-z0-9_+-]+):/, make: ([, name]) => document.createTextNode(emoji(name)) },
  ],
};

/** Slack's text as a person would type it, without marked links and entities. */
export function unmarked(text) {
  return unescape(text.replace(/<(https?:[^>|]+)(?:\|[^>]*)?>/g, "$1"));
}

/** Slack's text as a node. `context`: the store to name people and channels by, and the reader. */
export function mrkdwn(text, context) {
  return blocks(text || "", GRAMMAR, context);
}
