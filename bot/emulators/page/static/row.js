// One message as a row: who, when, what, reactions, thread, and what can be done with it.
import { avatar, button, clock, el, nameOf, standing } from "./dom.js";
import { MORE, QUICK, emoji } from "./emoji.js";
import { openMenu } from "./menu.js";
import { isPinned } from "./store.js";

const HAS_TEXT = ["text", "blocks", "attachments", "files", "content", "embeds", "components"];

/** `desk`: the workspace. `joined`: it goes on from the message above. `replies`: those of its thread. */
export function messageRow(desk, message, { joined, replies, inThread, before }) {
  const { platform, store } = desk;
  const author = store.person(message.author);
  if (platform.isSystem(message)) return systemRow(message, author, platform.systemText(message));
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
      isPinned(message) ? el("div", { class: "pin-mark" }, el("span", { "aria-hidden": "true" }, "📌"), "Pinned") : null,
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
  return ["message", together && "together", message.private_to && "private", isPinned(message) && "pinned", changed && "fresh"].filter(Boolean).join(" ");
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

function systemRow(message, author, text) {
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
  const thread = desk.name === "slack" ? "Reply in thread" : "Create a thread";
  const own = message.author === desk.person;
  const open = !desk.store.channels.get(message.channel)?.archived;
  const tools = el(
    "div",
    { class: "tools" },
    open && QUICK.map((one) => tool(`React ${one.name}`, one.shown, () => reactWith(desk, message, one))),
    open && desk.canThread(message) && !inThread && tool(thread, "💬", () => desk.startThread(message)),
    open && own && tool("Edit message", "✎", () => desk.edit(message, inThread)),
    open && own && tool("Delete message", "🗑", () => desk.remove(message)),
  );
  const more = (event) => openMenu(desk.name, event.currentTarget, "Message actions", menuOf(desk, message, open), tools);
  tools.append(button({ "aria-label": "More actions", title: "More actions", "aria-haspopup": "menu", "data-action": "more" }, more, "⋯"));
  return tools;
}

function reactWith(desk, message, { name, shown }) {
  return desk.react(message, desk.name === "slack" ? name : shown);
}

function menuOf(desk, message, open) {
  const pinned = isPinned(message);
  const app = nameOf(desk.store.person(desk.store.me));
  const shortcut = ({ name, callback }) => ({ icon: "✦", label: name, note: app, act: () => desk.shortcut(message, callback) });
  return [
    open && { row: MORE.map((one) => ({ label: `React ${one.name}`, icon: one.shown, act: () => reactWith(desk, message, one) })) },
    open && { icon: "📌", label: pinned ? "Unpin from channel" : "Pin to channel", act: () => desk.pin(message, !pinned) },
    ...(desk.store.shortcuts || []).map(shortcut),
  ];
}

/** What the platform's client says to one person, such as a failed command. */
export function noticeRow(desk, notice) {
  const mark = desk.name === "slack" ? `${desk.platform.words.privateIcon} ${desk.platform.words.private}` : desk.platform.words.private;
  const close = button({ class: "plain" }, () => desk.dismissNotice(notice), "Dismiss");
  const text = [el("div", { class: "only-you" }, mark), el("p", {}, notice.text), close];
  const sign = el("span", { class: "avatar sign", "aria-hidden": "true" }, "!");
  return el("article", { class: "message notice", tabindex: "-1" }, sign, el("div", { class: "content", role: "alert" }, text));
}
