// What the panes of a workspace show: the open place, its heading, and who may write there.
import { button, clock, el, nameOf } from "./dom.js";
import { openMenu } from "./menu.js";
import { blockNode } from "./slack.js";

const ICONS = { direct: "✦", thread: "↳", private: "🔒" };
const UNOPENED = { id: "direct", kind: "direct", name: "", topic: "", members: [] };
const EMPTY = {
  direct: "Ask Copilot anything, or type / for its commands.",
  thread: "The message of this thread was deleted.",
  channel: "Nothing here yet. Mention @copilot, or type / for its commands.",
};

/** The channel, thread channel or direct message that is open. `all`: its messages. */
export function paintMain(desk, all) {
  const channel = desk.store.channels.get(desk.channel) || UNOPENED;
  const inside = desk.name === "discord";
  const replies = inside ? new Map() : Map.groupBy(all.filter((one) => one.thread), (one) => one.thread);
  const label = labelOf(desk, channel);
  desk.main.show({
    head: headOf(desk, channel, label),
    place: channel.id,
    label: `Message ${label}`,
    content: {
      messages: all.filter((message) => inside || !message.thread || message.raw.subtype === "thread_broadcast"),
      repliesOf: (message) => replies.get(message.id) || [],
      notices: noticesAt(desk, ""),
      doing: doingIn(desk, channel.id),
      empty: channel.kind === "direct" ? EMPTY.direct : EMPTY.channel,
    },
    join: joinOf(desk, channel),
    home: desk.atHome && channel.kind === "direct" ? homeOf(desk) : null,
  });
}

function labelOf(desk, channel) {
  if (channel.kind === "direct") return nameOf(desk.store.person(desk.store.me));
  return channel.kind === "thread" ? channel.name : `#${channel.name}`;
}

function headOf(desk, channel, label) {
  const parent = desk.store.channels.get(channel.parent);
  const icon = ICONS[channel.kind] || "#";
  const title = () => el("strong", {}, el("span", { class: "icon", "aria-hidden": "true" }, icon), " ", label.replace(/^#/, ""));
  const up = () => button({ class: "plain" }, () => desk.open(parent.id), `#${parent.name}`);
  const hasHome = channel.kind === "direct" && desk.name === "slack";
  const state = stateOf(channel);
  const pins = desk.store.pinned(channel.id, desk.person);
  const marks = () => [state && el("span", { class: "state" }, state), pins.length ? pinsOf(desk, pins) : null].filter(Boolean);
  const more = () => (hasHome ? tabsOf(desk) : el("span", { class: "topic quiet", title: channel.topic || null }, channel.topic || ""));
  const key = [channel.id, label, channel.topic, desk.atHome, state, ...pins.map((one) => one.id)];
  return { key, make: () => (parent ? [up(), title(), ...marks()] : [title(), ...marks(), more()]) };
}

function stateOf(channel) {
  if (channel.archived) return "archived";
  return channel.read_only ? "read-only" : "";
}

// What is pinned here; choosing one shows where it stands.
function pinsOf(desk, pins) {
  const note = (message) => `${nameOf(desk.store.person(message.author))}, ${clock(message.at)}`;
  const part = (message) => ({ icon: "📌", label: excerptOf(desk, message), note: note(message), act: () => desk.showMessage(message) });
  const open = (event) => openMenu(desk.name, event.currentTarget, "Pinned messages", pins.map(part));
  return button({ class: "pins", "aria-haspopup": "menu", "aria-label": `${pins.length} pinned` }, open, `📌 ${pins.length} pinned`);
}

function excerptOf(desk, message) {
  const node = el("div", {}, desk.platform.body(message, desk.sceneOf(message)));
  return node.textContent.trim().slice(0, 80) || "A message without text";
}

function tabsOf(desk) {
  const tab = (label, current, press) => button({ class: "tab", "aria-pressed": String(current) }, press, label);
  const messages = tab("Messages", !desk.atHome, () => desk.open(desk.channel));
  return el("span", { class: "home-tabs" }, tab("Home", desk.atHome, () => desk.openHome()), messages);
}

function homeOf(desk) {
  const home = [...desk.store.views.values()].find((view) => view.raw.type === "home" && view.person === desk.person);
  if (!home) return { key: ["none"], make: () => [el("p", { class: "empty quiet" }, "The bot has published no home page yet.")] };
  const make = () => home.raw.blocks.map((block) => blockNode(block, desk.sceneOf(home)));
  return { key: [home.id, JSON.stringify(home.raw.blocks), desk.busyWith(home.id)], make };
}

/** Slack's open thread. `all`: the messages of its channel. */
export function paintThread(desk, all) {
  const channel = desk.store.channels.get(desk.channel);
  const where = channel?.kind === "direct" ? "Direct message" : labelOf(desk, channel);
  const back = () => desk.open(desk.channel);
  const close = () => button({ class: "plain close", "aria-label": "Back to the channel" }, back, "✕");
  desk.side.show({
    head: { key: [where], make: () => [el("strong", {}, "Thread"), el("span", { class: "topic quiet" }, where), close()] },
    place: `${desk.channel} ${desk.thread}`,
    join: desk.store.writes(desk.person, channel) ? null : closedOf(channel),
    label: "Reply in thread",
    content: {
      messages: all.filter((message) => message.id === desk.thread || message.thread === desk.thread),
      repliesOf: () => [],
      notices: noticesAt(desk, desk.thread),
      doing: null,
      empty: EMPTY.thread,
    },
  });
}

function noticesAt(desk, thread) {
  return desk.notices.filter((one) => one.person === desk.person && one.channel === desk.channel && one.thread === thread);
}

function doingIn(desk, channel) {
  const found = desk.doing;
  return found && found.channel === channel && (!found.person || found.person === desk.person) ? found.text : null;
}

function closedOf(channel) {
  const text = channel.archived ? "This channel is archived. What was written stays." : "This channel can only be read. What was written stays.";
  return { key: [text], make: () => [el("span", {}, text)] };
}

// A person who is no member reads, and may join.
function joinOf(desk, channel) {
  if (!desk.store.writes(desk.person, channel)) return closedOf(channel);
  if (channel.kind === "direct" || channel.kind === "thread" || channel.members.includes(desk.person)) return null;
  const text = `${nameOf(desk.store.person(desk.person))} is not a member of #${channel.name}. `;
  const join = () => desk.act("invite", { channel: channel.id, person: desk.person });
  return { key: [text], make: () => [el("span", {}, text), button({ class: "button primary" }, join, "Join channel")] };
}
