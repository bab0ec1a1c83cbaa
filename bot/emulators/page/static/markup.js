// What Slack's mrkdwn and Discord's Markdown have in common: rules for marks inside a line, and blocks of lines.
import { el } from "./dom.js";

/**
 * Text as nodes. A rule has `match` (a pattern that starts with ^), `make(found, more, context)` and, when it may only
 * follow certain characters, `after`. `more` renders inner text by the same rules; what no rule takes stays text.
 */
export function inline(text, grammar, context) {
  const nodes = [];
  let [plain, rest, before] = ["", text, ""];
  const more = (inner) => inline(inner, grammar, context);
  const flush = () => {
    if (plain) nodes.push(document.createTextNode(plain));
    plain = "";
  };
  while (rest) {
    const special = rest.search(grammar.special);
    if (special !== 0) {
      const taken = special < 0 ? rest : rest.slice(0, special);
      plain += taken;
      before = taken.slice(-1);
      rest = rest.slice(taken.length);
      continue;
    }
    const [found, rule] = firstMatch(rest, before, grammar.rules);
    if (found) {
      flush();
      nodes.push(rule.make(found, more, context));
    } else plain += rest[0];
    const size = found ? found[0].length : 1;
    before = rest[size - 1];
    rest = rest.slice(size);
  }
  flush();
  return nodes;
}

function firstMatch(rest, before, rules) {
  for (const rule of rules) {
    if (rule.after && before && !rule.after.test(before)) continue;
    const found = rule.match.exec(rest);
    if (found) return [found, rule];
  }
  return [null, null];
}

/**
 * Text as one node: fenced code first, then line by line. `grammar.lines` says what a line is: it takes a line and
 * returns `{ kind, text, …}` with kind `quote`, `item`, `heading`, `small` or `text`. Lines of the same kind that
 * stand together become one quotation or list.
 */
export function blocks(text, grammar, context) {
  const box = el("div", { class: "text" });
  for (const part of text.split(/(```[\s\S]*?```)/)) {
    if (part.startsWith("```") && part.length > 6) box.append(el("pre", {}, grammar.code(part.slice(3, -3))));
    else if (part) appendLines(box, part.replace(/^\n|\n$/g, ""), grammar, context);
  }
  return box;
}

function appendLines(box, text, grammar, context) {
  let group = null;
  for (const line of text.split("\n").map(grammar.line)) {
    const nodes = inline(line.text, grammar, context);
    if (!group || group.kind !== line.kind) group = openGroup(box, line);
    if (line.kind === "quote") group.node.append(el("div", {}, nodes));
    else if (line.kind === "item") group.node.append(itemNode(line, nodes));
    else if (line.kind === "heading") box.append(el("div", { class: `heading h${line.level}` }, nodes));
    else if (line.kind === "small") box.append(el("small", { class: "subtext" }, nodes));
    else box.append(el("div", { class: line.text ? "line" : "line empty" }, nodes));
  }
}

function openGroup(box, { kind, ordered }) {
  const tag = { quote: "blockquote", item: ordered ? "ol" : "ul" }[kind];
  const node = tag ? el(tag) : null;
  if (node) box.append(node);
  return { kind, node };
}

function itemNode(line, nodes) {
  const item = el("li", line.ordered ? { value: line.number } : {}, nodes);
  item.style.marginInlineStart = `${(line.depth || 0) * 1.2}em`;
  return item;
}

/** A mention of a person or channel. `ping`: it concerns the one who reads it. */
export function mention(text, ping = false) {
  return el("span", { class: ping ? "mention ping" : "mention" }, text);
}

/** A moment in words for the reader: `style` as in Discord's timestamps (t T d D f F R). */
export function moment(seconds, style = "f") {
  const date = new Date(seconds * 1000);
  const options = {
    t: { timeStyle: "short" },
    T: { timeStyle: "medium" },
    d: { dateStyle: "short" },
    D: { dateStyle: "long" },
    f: { dateStyle: "long", timeStyle: "short" },
    F: { dateStyle: "full", timeStyle: "short" },
  }[style];
  const full = date.toLocaleString([], { dateStyle: "full", timeStyle: "short" });
  const shown = options ? date.toLocaleString([], options) : relative(seconds - Date.now() / 1000);
  return el("time", { class: "moment", datetime: date.toISOString(), title: full }, shown);
}

function relative(seconds) {
  const units = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];
  const [unit, size] = units.find(([, length]) => Math.abs(seconds) >= length) || units[3];
  return new Intl.RelativeTimeFormat([], { numeric: "auto" }).format(Math.round(seconds / size), unit);
}
