// One message as a row: who, when, what, reactions, thread, and what can be done with it.
import { avatar, button, clock, el, nameOf, standing } from "./dom.js";
import { QUICK, emoji } from "./emoji.js";

const HAS_TEXT = ["text", "blocks", "attachments", "files", "content", "embeds", "components"];

/** `desk`: the workspace. `joined`: it goes on from the message above. `replies`: those of its thread. */
export function messageRow(desk, message, { joined, replies, inThread, before }) {
  const { platform, store } = desk;
  const author = store.person(message.author);
  if (platform.isSystem(message)) return systemRow(message, author);
  const scene = desk.sceneOf(message);
  const origin = platform.origin(message, scene);
  const together = joined && !origin;
  const head = el("header", {}, authorName(desk, author), badgeOf(author), el("time", { class: "quiet" }, clock(message.at)));
  const edited = message.edited && el("span", { class: "edited quiet" }, "(edited)");
  return el(
    "article",
    {
      class: classesOf(message, together, before),
      "data-id": message.id,
      tabindex: "-1",
      "aria-label": `${nameOf(author)}, ${clock(message.at)}`,
    },
    origin,
    together ? el("time", { class: "gutter quiet", "aria-hidden": "true" }, clock(message.at)) : avatar(author),
    el(
      "div",
      { class: "content" },
      together ? null : head,
      message.private_to && !platform.words.dismiss ? privateMark(desk, message) : null,
      el("div", { class: "body" }, platform.body(message, scene), edited),
      message.private_to && platform.words.dismiss ? privateMark(desk, message) : null,
      footerOf(desk, message, replies, inThread),
    ),
    message.private_to ? null : toolsOf(desk, message, inThread),
  );
}

function classesOf(message, together, before) {
  const changed = before && HAS_TEXT.some((name) => JSON.stringify(before.raw[name]) !== JSON.stringify(message.raw[name]));
  return ["message", together && "together", message.private_to && "private", changed && "fresh"].filter(Boolean).join(" ");
}

function authorName(desk, author) {
  const name = el("strong", { class: "author" }, nameOf(author));
  if (desk.name === "discord" && !author.bot && author.colour) name.style.color = `color-mix(in srgb, ${author.colour} 70%, white)`;
  return name;
}

function badgeOf(author) {
  const mark = standing(author);
  if (!mark || mark === "deactivated") return null;
  return el("span", { class: `badge ${mark}` }, mark.toUpperCase());
}

function systemRow(message, author) {
  const text = /_leave$/.test(message.raw.subtype || "") ? "left" : "joined";
  const row = el("article", { class: "message system", "data-id": message.id, tabindex: "-1" });
  row.append(avatar(author, "small"), el("span", { class: "quiet" }, el("strong", {}, nameOf(author)), ` ${text} · ${clock(message.at)}`));
  return row;
}

function privateMark(desk, message) {
  const { words } = desk.platform;
  const dismiss = () => desk.dismiss(message.id);
  return el(
    "div",
    { class: "only-you" },
    el("span", { "aria-hidden": "true" }, words.privateIcon),
    el("span", {}, words.private),
    words.dismiss && [" • ", button({ class: "plain" }, dismiss, "Dismiss message")],
  );
}

function footerOf(desk, message, replies, inThread) {
  const marks = desk.platform.reactions(message, desk.person).map((found) => reactionOf(desk, message, found));
  const thread = inThread ? null : threadLink(desk, message, replies);
  return marks.length || thread ? el("footer", {}, marks, thread) : null;
}

function reactionOf(desk, message, { name, shown, count, mine, people }) {
  const who = people.map((id) => nameOf(desk.store.person(id))).join(", ");
  const state = { class: mine ? "reaction mine" : "reaction", "aria-pressed": mine ? "true" : null };
  const react = () => desk.react(message, name, mine);
  return button({ "aria-label": `${name}, ${count}`, title: who || null, ...state }, react, `${shown} ${count}`);
}

function threadLink(desk, message, replies) {
  const opened = desk.name === "discord" ? desk.store.channels.get(message.id) : null;
  if (opened) return button({ class: "replies" }, () => desk.open(opened.id), `Thread: ${opened.name}`);
  if (!replies.length) return null;
  const faces = [...new Set(replies.map((reply) => reply.author))].slice(0, 3).map((id) => avatar(desk.store.person(id), "tiny"));
  const label = `${replies.length} ${replies.length === 1 ? "reply" : "replies"}`;
  const unread = desk.unread.inThread(message) ? " new" : "";
  const open = () => desk.openThread(message.id);
  return button({ class: `replies${unread}` }, open, el("span", { class: "faces" }, faces), label);
}

function toolsOf(desk, message, inThread) {
  const tool = (label, shown, press) => button({ "aria-label": label, title: label }, press, shown);
  const react = (name) => desk.react(message, desk.name === "slack" ? name : emoji(name));
  const thread = desk.name === "slack" ? "Reply in thread" : "Create a thread";
  const own = message.author === desk.person;
  return el(
    "div",
    { class: "tools" },
    QUICK.map(({ name, shown }) => tool(`React ${name}`, shown, () => react(name))),
    desk.canThread(message) && !inThread && tool(thread, "💬", () => desk.startThread(message)),
    own && tool("Edit message", "✎", () => desk.edit(message, inThread)),
    own && tool("Delete message", "🗑", () => desk.remove(message)),
  );
}

/** What the platform's client says to one person, such as a failed command. */
export function noticeRow(desk, notice) {
  const mark = desk.name === "slack" ? `${desk.platform.words.privateIcon} ${desk.platform.words.private}` : desk.platform.words.private;
  const close = button({ class: "plain" }, () => desk.dismissNotice(notice), "Dismiss");
  const text = [el("div", { class: "only-you" }, mark), el("p", {}, notice.text), close];
  const sign = el("span", { class: "avatar sign", "aria-hidden": "true" }, "!");
  return el("article", { class: "message notice", tabindex: "-1" }, sign, el("div", { class: "content", role: "alert" }, text));
}
