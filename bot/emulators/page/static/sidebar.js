// The list of places of one person, and who is spoken as.
import { avatar, button, el, nameOf, standing } from "./dom.js";
import { KeyedList } from "./list.js";

const PLACES = 80; // channels listed at most
const FACES = 7;
const PEOPLE = 60; // people to choose from at most
const THREADS = 6;

export class Sidebar {
  constructor(desk) {
    this.desk = desk;
    this.title = el("h2");
    this.places = el("div", { class: "places" });
    this.list = new KeyedList(this.places);
    this.faces = el("div", { class: "people", role: "group", "aria-label": "People" });
    this.faceList = new KeyedList(this.faces);
    this.menu = el("select", { "aria-label": "Speak as", onchange: () => desk.speakAs(this.menu.value) });
    this.face = el("span");
    const who = el("label", { class: "who" }, el("span", { class: "caption" }, "You speak as"), this.menu);
    const speaker = el("div", { class: "speaker" }, this.faces, el("div", { class: "current" }, this.face, who));
    this.node = el("nav", { class: "sidebar", "aria-label": `${desk.title} channels` }, this.title, this.places, speaker);
  }

  show() {
    const { desk } = this;
    this.title.replaceChildren(desk.store.workspace.name, el("small", {}, desk.title));
    this.list.show([...this.items()]);
    if (this.drawn !== desk.store.version || this.speaker !== desk.person) this.showPeople();
    [this.drawn, this.speaker] = [desk.store.version, desk.person];
  }

  // --- places --------------------------------------------------------------------------------------------

  *items() {
    const { desk } = this;
    const { store, person } = desk;
    const seen = [...store.channels.values()].filter((channel) => store.sees(person, channel));
    const rooms = seen.filter((one) => one.kind === "channel" || one.kind === "private");
    yield this.heading(desk.name === "slack" ? "Channels" : "Text channels");
    // What is new is shown even where the list is cut.
    for (const room of rooms.filter((one, n) => n < PLACES || store.fresh.has(one.id) || one.id === desk.channel)) {
      yield this.entry(room, { icon: iconOf(room), text: room.name });
      const threads = seen.filter((one) => one.kind === "thread" && one.parent === room.id);
      for (const thread of threads.slice(-THREADS)) yield this.entry(thread, { icon: "↳", text: thread.name, kind: "thread" });
      for (const root of this.openThreads(room)) yield this.threadEntry(root);
    }
    yield this.heading("Direct messages");
    const direct = seen.find((one) => one.kind === "direct") || { id: "direct" };
    yield this.entry(direct, { icon: "✦", text: nameOf(store.person(store.me)), kind: "direct" });
  }

  heading(text) {
    return { id: `heading ${text}`, key: [], make: () => el("h3", {}, text) };
  }

  // The threads of a Slack channel that the person has not read, and the one that is open.
  openThreads(room) {
    const { desk } = this;
    if (desk.name !== "slack") return [];
    const roots = desk.roots.filter((root) => root.channel === room.id);
    return roots.filter((root) => root.id === desk.thread || desk.unread.inThread(root)).slice(-THREADS);
  }

  threadEntry(root) {
    const { desk } = this;
    const text = (root.raw.text || "thread").replace(/<[@#!][^>]*>|[*_~`]/g, "").trim().slice(0, 40) || "thread";
    const current = desk.thread === root.id;
    const go = () => {
      desk.open(root.channel);
      desk.openThread(root.id);
    };
    const make = () => placeNode({ icon: "↳", text, kind: "thread", current, count: current ? 0 : 1, dot: true, go });
    return { id: `thread ${root.id}`, key: [text, current], make };
  }

  entry(channel, { icon, text, kind = "" }) {
    const { desk } = this;
    const current = desk.channel === channel.id && !desk.thread;
    const count = desk.unread.inChannel(channel.id);
    const member = channel.id === "direct" || channel.kind !== "channel" || channel.members.includes(desk.person);
    const go = () => (channel.id === "direct" ? desk.openDirect() : desk.open(channel.id));
    const fresh = !current && desk.store.fresh.has(channel.id);
    const classes = [kind, !member && "outside", channel.read_only && "closed"].filter(Boolean).join(" ");
    const make = () => placeNode({ icon, text, kind: classes, current, count, fresh, go });
    return { id: channel.id, key: [icon, text, current, count, classes, fresh], make };
  }

  // --- people --------------------------------------------------------------------------------------------

  showPeople() {
    const { desk } = this;
    const people = desk.speakers();
    const current = desk.store.person(desk.person);
    this.face.replaceChildren(avatar(current));
    this.menu.replaceChildren(...people.slice(0, PEOPLE).map((one) => this.choice(one)));
    this.faceList.show(people.slice(0, FACES).map((one) => this.faceItem(one)));
  }

  choice(person) {
    const mark = standing(person);
    const label = mark ? `${nameOf(person)} (${mark})` : nameOf(person);
    return el("option", { value: person.id, selected: person.id === this.desk.person, disabled: person.deactivated }, label);
  }

  faceItem(person) {
    const mark = standing(person);
    const current = person.id === this.desk.person;
    const label = [nameOf(person), mark, person.title || (person.roles || []).join(", ")].filter(Boolean).join(" · ");
    const attributes = {
      class: `face ${mark}`,
      "aria-pressed": String(current),
      "aria-label": ["Be " + nameOf(person), mark].filter(Boolean).join(", "),
      "data-action": person.id,
      title: label,
      disabled: Boolean(person.deactivated),
    };
    const make = () => button(attributes, () => this.desk.speakAs(person.id), avatar(person, "small"));
    return { id: person.id, key: [label, current, person.deactivated], make };
  }
}

function iconOf(channel) {
  if (channel.archived) return "🗄";
  return channel.kind === "private" ? "🔒" : "#";
}

function placeNode({ icon, text, kind, current, count, dot, fresh, go }) {
  const mark = { class: dot ? "unread dot" : "unread", "aria-label": `${count} unread` };
  const unread = count ? el("span", mark, dot ? "" : String(count)) : null;
  const state = { class: `place ${kind || ""}${count ? " has-unread" : ""}`, "aria-current": current ? "true" : null };
  const label = [el("span", { class: "icon" }, icon), " ", el("span", { class: "name" }, text)];
  const made = fresh ? el("span", { class: "fresh-mark" }, "new") : null;
  return button({ "data-action": text, ...state }, go, label, made, unread);
}
