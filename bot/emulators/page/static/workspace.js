// One workspace: sidebar, people to speak as, messages, threads, composer.
import { avatar, clock, el, toast } from "./dom.js";
import { Composer } from "./composer.js";
import { confirmDialog, formDialog } from "./form.js";
import { Store } from "./store.js";
import * as discord from "./discord.js";
import * as slack from "./slack.js";

const QUICK = { slack: ["thumbsup", "eyes", "white_check_mark"], discord: ["👍", "👀", "✅"] };

export class Workspace {
  constructor(name, sent) {
    this.name = name;
    this.platform = { slack, discord }[name];
    this.sent = sent;
    this.store = new Store(name, (event) => this.changed(event));
    this.thread = "";
    this.dialogs = new Map();
    this.composer = new Composer(this);
    this.sidebar = el("nav", { class: "sidebar", "aria-label": `${name} channels` });
    this.speaker = el("div", { class: "speaker" });
    this.head = el("header", { class: "head" });
    this.log = el("div", { class: "log", role: "log", "aria-label": `${name} messages` });
    this.banner = el("div", { class: "banner", hidden: true }, "The bot is not connected right now. What you write is delivered when it is back.");
    this.node = el("section", { class: `workspace ${name}`, "aria-label": name === "slack" ? "Slack" : "Discord" }, this.sidebar, el("div", { class: "pane" }, this.head, this.banner, this.log, this.composer.node));
  }

  async start() {
    await this.store.load();
    this.person = (this.everyone().find((one) => one.name === "dana") || this.everyone()[0]).id;
    const first = [...this.store.channels.values()].find((one) => one.name === "checkout") || this.store.channels.values().next().value;
    this.open(first.id);
    this.store.follow();
  }

  everyone() {
    return [...this.store.people.values()].filter((one) => !one.bot && !one.deactivated);
  }

  // --- places ------------------------------------------------------------------------------------------

  open(channel, thread = "") {
    this.channel = channel;
    this.thread = thread;
    this.store.unread.delete(channel);
    this.draw();
    this.log.scrollTop = this.log.scrollHeight;
  }

  speakAs(person) {
    this.person = person;
    const channel = this.store.channels.get(this.channel);
    if (channel && !this.visible(channel)) this.channel = this.visibleChannels()[0].id;
    this.thread = this.channel === channel?.id ? this.thread : "";
    this.draw();
  }

  visible(channel) {
    if (channel.kind === "direct") return channel.members.includes(this.person);
    if (channel.kind === "thread") return this.visible(this.store.channels.get(channel.parent) || { kind: "channel", members: [] });
    return channel.kind === "channel" || channel.members.includes(this.person);
  }

  visibleChannels() {
    return [...this.store.channels.values()].filter((one) => this.visible(one));
  }

  async direct() {
    const known = this.visibleChannels().find((one) => one.kind === "direct");
    if (known) return this.open(known.id);
    this.channel = "direct";
    this.thread = "";
    this.draw();
  }

  // --- acting ------------------------------------------------------------------------------------------

  async try(what) {
    try {
      return await what();
    } catch (error) {
      toast(error.message);
      return null;
    }
  }

  async send(text) {
    const done = await this.try(async () => {
      const command = /^\/(\S+)\s*([\s\S]*)$/.exec(text);
      if (command) {
        const name = this.name === "slack" ? `/${command[1]}` : command[1];
        return this.store.act(this.person, "command", { channel: this.channel, name, text: command[2] });
      }
      if (this.channel === "direct") {
        const sent = await this.store.act(this.person, "direct", { text });
        await this.store.load();
        this.open(sent.channel);
        return sent;
      }
      return this.store.act(this.person, "post", { channel: this.channel, text, thread: this.thread || undefined });
    });
    if (done) this.sent(this.name, text);
    return Boolean(done);
  }

  async press(message, action, value, confirm) {
    if (confirm && !(await confirmDialog(confirm))) return;
    const done = await this.try(() => this.store.act(this.person, "click", { message: message.id, action, value }));
    if (done) this.sent(this.name, `press ${action}`);
  }

  choose(message, action, value) {
    return this.try(() => this.store.act(this.person, "select", { message: message.id, action, values: [value] }));
  }

  react(message, name) {
    return this.try(() => this.store.act(this.person, "react", { message: message.id, emoji: name }));
  }

  // --- what happens --------------------------------------------------------------------------------------

  changed(event) {
    if (!this.person) return;
    const message = event?.message;
    if (message && event.type === "message" && message.channel !== this.channel && message.author !== this.person && (!message.private_to || message.private_to === this.person)) this.store.unread.set(message.channel, (this.store.unread.get(message.channel) || 0) + 1);
    if (event?.type === "interaction_failed" && event.person === this.person) toast(event.text);
    if (event?.type === "form_opened" || event?.type === "form_changed") this.showForm(event.form);
    if (event?.type === "form_closed") this.closeForm(event.id);
    if (!event || !["typing", "clock", "faults"].includes(event.type)) this.draw();
  }

  showForm(form) {
    if (form.person !== this.person || form.raw.type === "home") return;
    this.closeForm(form.id);
    const shown = this.platform.formOf(form, this.store);
    const send = (fields) => this.store.act(this.person, "submit", { form: form.id, fields });
    const cancel = () => this.dialogs.has(form.id) && this.try(() => this.store.act(this.person, "close_form", { form: form.id }));
    this.dialogs.set(form.id, formDialog(shown, this.name, send, cancel));
  }

  closeForm(id) {
    const dialog = this.dialogs.get(id);
    this.dialogs.delete(id);
    if (dialog) {
      dialog.remove();
    }
  }

  // --- drawing -------------------------------------------------------------------------------------------

  draw() {
    if (this.pending) return;
    this.pending = true;
    requestAnimationFrame(() => {
      this.pending = false;
      this.paint();
    });
  }

  paint() {
    const atEnd = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 60;
    this.banner.hidden = this.store.connected;
    this.paintSidebar();
    this.paintHead();
    this.log.replaceChildren(...this.rows());
    if (atEnd) this.log.scrollTop = this.log.scrollHeight;
    this.store.fresh.clear();
  }

  paintSidebar() {
    const entry = (channel, label) => {
      const unread = this.store.unread.get(channel.id);
      return el("button", { class: `channel ${channel.kind}`, "aria-current": channel.id === this.channel ? "true" : null, onclick: () => this.open(channel.id) }, label, unread ? el("span", { class: "unread", "aria-label": `${unread} unread` }, String(unread)) : null);
    };
    const shown = this.visibleChannels();
    const rows = [];
    for (const channel of shown.filter((one) => one.kind === "channel" || one.kind === "private")) {
      rows.push(entry(channel, `${channel.kind === "private" ? "🔒" : "#"} ${channel.name}`));
      for (const thread of shown.filter((one) => one.kind === "thread" && one.parent === channel.id)) rows.push(entry(thread, `↳ ${thread.name}`));
    }
    const known = shown.find((one) => one.kind === "direct");
    rows.push(el("h3", {}, "Direct messages"));
    rows.push(known ? entry(known, "✦ Copilot") : el("button", { class: "channel direct", "aria-current": this.channel === "direct" ? "true" : null, onclick: () => this.direct() }, "✦ Copilot"));
    const person = this.store.person(this.person);
    const note = (one) => (one.guest ? " (guest)" : one.stranger ? " (outside)" : "");
    const menu = el("select", { "aria-label": `Speak as, ${this.name}`, onchange: () => this.speakAs(menu.value) }, this.everyone().map((one) => el("option", { value: one.id, selected: one.id === this.person }, one.display_name + note(one))));
    this.speaker.replaceChildren(avatar(person), el("label", {}, el("span", { class: "quiet" }, "You speak as"), menu));
    this.sidebar.replaceChildren(el("h2", {}, this.store.workspace.name, el("small", {}, this.name === "slack" ? "Slack" : "Discord")), el("div", { class: "channels" }, rows), this.speaker);
  }

  paintHead() {
    const channel = this.store.channels.get(this.channel) || { name: "Copilot", kind: "direct", topic: "" };
    const title = channel.kind === "direct" ? "Copilot" : channel.kind === "thread" ? channel.name : `# ${channel.name}`;
    if (this.thread) this.head.replaceChildren(el("button", { class: "back", onclick: () => this.open(this.channel) }, "←"), el("strong", {}, "Thread"), el("span", { class: "quiet" }, title));
    else this.head.replaceChildren(el("strong", {}, title), el("span", { class: "quiet" }, channel.topic || ""));
    this.composer.place(this.thread ? "in thread" : channel.kind === "direct" ? "Copilot" : title.replace("# ", "#"));
  }

  rows() {
    const all = this.store.shown(this.channel, this.person);
    const inThread = (message) => message.thread && message.thread !== message.id && this.store.channels.get(this.channel)?.kind !== "thread";
    if (this.thread) return all.filter((one) => one.id === this.thread || one.thread === this.thread).map((one) => this.row(one));
    const rows = all.filter((one) => !inThread(one)).map((one) => this.row(one, all.filter((reply) => reply.thread === one.id && reply.id !== one.id)));
    return rows.length ? rows : [el("p", { class: "quiet start" }, "Nothing here yet. Say something, or mention @copilot.")];
  }

  row(message, replies = []) {
    const author = this.store.person(message.author);
    const fresh = this.store.fresh.has(message.id) ? " fresh" : "";
    const marks = this.platform.reactions(message).map((found) => el("button", { class: "reaction", onclick: () => this.react(message, found.emoji) }, `${found.shown} ${found.count}`));
    const thread = this.name === "discord" ? this.store.channels.get(message.id) : null;
    return el(
      "article",
      { class: `message${message.private_to ? " private" : ""}${fresh}`, "data-id": message.id },
      avatar(author),
      el(
        "div",
        { class: "content" },
        el("header", {}, el("strong", {}, author.display_name || author.name), author.bot ? el("span", { class: "app" }, "APP") : null, el("time", { class: "quiet" }, clock(message.at)), message.edited ? el("span", { class: "quiet" }, "(edited)") : null),
        message.private_to ? el("div", { class: "only-you" }, "👁 Only visible to you") : null,
        this.platform.body(message, this),
        el("footer", {}, marks, replies.length && !this.thread ? el("button", { class: "replies", onclick: () => this.open(this.channel, message.id) }, `${replies.length} ${replies.length === 1 ? "reply" : "replies"}`) : null, thread ? el("button", { class: "replies", onclick: () => this.open(thread.id) }, `Thread: ${thread.name}`) : null),
      ),
      message.private_to ? null : el("div", { class: "tools" }, QUICK[this.name].map((name, n) => el("button", { "aria-label": `React ${name}`, onclick: () => this.react(message, name) }, QUICK.discord[n])), this.name === "slack" && !this.thread && this.store.channels.get(this.channel)?.kind !== "direct" ? el("button", { "aria-label": "Reply in thread", onclick: () => this.open(this.channel, message.id) }, "💬") : null),
    );
  }
}
