// One workspace on the page: who is spoken as, which place is open, what is done and what comes of it.
import { el, nameOf, toast } from "./dom.js";
import { FormDialog, confirmDialog } from "./form.js";
import { Pane } from "./pane.js";
import { Sidebar } from "./sidebar.js";
import { Store } from "./store.js";
import { Unread } from "./unread.js";
import { unmarked } from "./mrkdwn.js";
import { paintMain, paintThread } from "./stage.js";
import { platforms } from "./platforms.js";

const BUSY = 4000; // milliseconds until a button that nothing came of can be pressed again
const DOING = 10_000; // milliseconds that "typing" and "thinking" last
const BANNERS = {
  disconnected: "The bot is not connected right now. What you write waits for it; buttons and commands fail.",
  waiting: "The bot is not connected right now. Start one with this emulator's tokens.",
  unreachable: "The demo has stopped, or does not answer. This page goes on as soon as it is back.",
};

export class Workspace {
  /** `told(what)`: called with what a person did or what came of it, for the guide. */
  constructor(name, told) {
    this.name = name;
    this.title = name === "slack" ? "Slack" : "Discord";
    this.platform = platforms[name];
    this.told = told;
    this.store = new Store(name, (event) => this.changed(event));
    this.unread = new Unread(this.store);
    this.dialogs = new Map();
    this.busy = new Map();
    this.notices = [];
    this.doing = null;
    this.dismissed = new Set();
    this.sidebar = new Sidebar(this);
    this.main = new Pane(this, { label: `${this.title} messages` });
    this.side = new Pane(this, { label: `${this.title} thread`, thread: true });
    this.composer = this.main.composer;
    this.banner = el("div", { class: "banner", role: "status", hidden: true });
    const panes = el("div", { class: "panes" }, this.banner, this.main.node, this.side.node);
    this.node = el("section", { class: `workspace ${name}`, "aria-label": this.title }, this.sidebar.node, panes);
  }

  async start() {
    await this.store.load();
    this.person = (this.speakers().find((one) => one.name === "dana") || this.speakers()[0]).id;
    this.open((this.store.channelNamed("checkout") || this.visible()[0]).id);
    this.store.follow();
    this.showForms();
  }

  /** Whom one can speak as: people first, then bots, and who has left. */
  speakers() {
    const rank = (one) => (one.deactivated ? 2 : one.bot ? 1 : 0);
    return [...this.store.people.values()].filter((one) => !one.me).sort((a, b) => rank(a) - rank(b));
  }

  visible() {
    return [...this.store.channels.values()].filter((channel) => this.store.sees(this.person, channel));
  }

  // --- places --------------------------------------------------------------------------------------------

  open(channel) {
    this.channel = channel;
    this.store.fresh.delete(channel);
    this.thread = "";
    this.atHome = false;
    this.paint();
  }

  openDirect() {
    this.open(this.visible().find((one) => one.kind === "direct")?.id || "direct");
  }

  openThread(root) {
    this.thread = root;
    this.paint();
    this.side.composer.box.focus({ preventScroll: true });
  }

  /** Go to where a message stands, and have it seen. */
  showMessage(message) {
    if (this.name === "slack" && message.thread && message.thread !== message.id) this.openThread(message.thread);
    this.paint();
    const row = this.node.querySelector(`[data-id="${CSS.escape(message.id)}"]`);
    row?.scrollIntoView({ block: "center" });
    row?.focus({ preventScroll: true });
    row?.classList.add("target");
  }

  openHome() {
    this.atHome = true;
    this.attempt(() => this.store.act(this.person, "open_home", {}));
    this.draw();
  }

  speakAs(person) {
    this.person = person;
    const channel = this.store.channels.get(this.channel);
    if (channel?.kind === "direct" || this.channel === "direct") this.openDirect();
    else if (!this.store.sees(person, channel)) this.visible().length ? this.open(this.visible()[0].id) : this.openDirect();
    this.paint();
    this.showForms();
  }

  // --- acting --------------------------------------------------------------------------------------------

  async attempt(what) {
    try {
      return await what();
    } catch (error) {
      toast(error.message);
      return null;
    }
  }

  act(what, fields) {
    return this.attempt(() => this.store.act(this.person, what, fields));
  }

  /** Send what was typed; resolves to whether it was accepted. */
  async send(text, inThread) {
    const command = /^\/(\S+)\s*([\s\S]*)$/.exec(text);
    const known = command && this.store.commands.some((one) => one.name.replace("/", "") === command[1]);
    if (command && this.name === "slack" && (inThread || !known)) return this.notCommand(command[1], inThread);
    if (known && this.channel === "direct") return this.notYet();
    const done = known ? await this.command(command[1], command[2]) : await this.post(text, inThread);
    if (done) this.told({ what: "sent", text });
    return Boolean(done);
  }

  // What Slack's client itself says to a command that it does not take.
  notCommand(name, inThread) {
    const text = inThread
      ? `/${name} is not supported in threads. Sorry!`
      : `/${name} is not a valid command. In Slack, all messages that start with the "/" character are interpreted as commands.`;
    this.notice(text);
    return true;
  }

  // A direct message is opened by writing into it; before that there is no place to send a command from.
  notYet() {
    toast("Say something to Copilot first: that opens the direct message.");
    return false;
  }

  command(name, text) {
    return this.act("command", { channel: this.channel, name: this.name === "slack" ? `/${name}` : name, text });
  }

  async post(text, inThread) {
    if (this.channel !== "direct") return this.act("post", { channel: this.channel, text, thread: inThread ? this.thread : undefined });
    const sent = await this.act("direct", { text });
    if (sent && this.channel === "direct") this.open(sent.channel);
    return sent;
  }

  async press(id, action, value, confirm) {
    if (confirm && !(await confirmDialog(this.name, confirm))) return;
    this.setBusy(id, action);
    const done = await this.act("click", { message: id, action, value });
    if (!done) return this.setIdle();
    this.told({ what: "pressed", channel: this.store.channels.get(this.channel)?.name, message: id });
  }

  async choose(id, action, values) {
    if (!values.length) return;
    this.setBusy(id, action);
    if (!(await this.act("select", { message: id, action, values }))) this.setIdle();
  }

  async react(message, name, mine) {
    const done = await this.act(mine ? "unreact" : "react", { message: message.id, emoji: name });
    // Discord does not say whose reactions they are; one that was there already is taken back.
    if (done?.changed === false) await this.act("unreact", { message: message.id, emoji: name });
  }

  pin(message, pinned) {
    return this.act(pinned ? "pin" : "unpin", { message: message.id });
  }

  /** Choose something of the app's in a message's menu. */
  async shortcut(message, callback) {
    if (await this.act("shortcut", { message: message.id, callback })) this.told({ what: "shortcut", message: message.id });
  }

  startThread(message) {
    if (this.name === "slack") return this.openThread(message.id);
    return this.act("open_thread", { message: message.id }).then((made) => made && this.open(made.channel));
  }

  canThread(message) {
    const kind = this.store.channels.get(message.channel)?.kind;
    if (this.name === "slack") return true;
    return (kind === "channel" || kind === "private") && !this.store.channels.has(message.id);
  }

  /** Put a message of the person's own into the composer, to be changed. */
  edit(message, inThread) {
    const typed = message.raw.content ?? message.raw.text;
    const named = typed.replace(/<[@#]!?(\w+)(?:\|[^>]*)?>/g, (marked, id) => this.typedName(marked, id));
    (inThread ? this.side : this.main).composer.edit(message, this.name === "slack" ? unmarked(named) : named);
  }

  /** The same for the latest one; false when there is none. */
  editLast(inThread) {
    const isHere = ({ id, thread }) => (inThread ? [id, thread].includes(this.thread) : this.name === "discord" || !thread);
    const shown = this.store.shown(this.channel, this.person);
    const own = shown.filter((message) => message.author === this.person && isHere(message));
    if (own.length) this.edit(own.at(-1), inThread);
    return own.length > 0;
  }

  async saveEdit(message, text) {
    return Boolean(await this.act("edit", { message: message.id, text }));
  }

  typedName(marked, id) {
    const found = marked[1] === "@" ? this.store.people.get(id) : this.store.channels.get(id);
    return found ? `${marked[1]}${found.name}` : marked;
  }

  async remove(message) {
    const question = { title: "Delete message", text: "Delete this message? This cannot be undone.", yes: "Delete", danger: true };
    if (await confirmDialog(this.name, question)) await this.act("delete", { message: message.id });
  }

  /** Completions of a Discord option, asked of the bot. */
  async ask(name, options, focused) {
    this.asking = true;
    const answer = await this.store.act(this.person, "complete", { channel: this.channel, name, options, focused }).catch(() => null);
    this.asking = false;
    return answer?.choices || [];
  }

  // --- what stands around a message ------------------------------------------------------------------------

  /** What a message or view needs to be shown and used. */
  sceneOf(message) {
    return {
      store: this.store,
      reader: this.person,
      isBusy: (action) => this.busy.has(`${message.id} ${action}`),
      press: (action, value, confirm) => this.press(message.id, action, value, confirm),
      choose: (action, values) => this.choose(message.id, action, values),
    };
  }

  busyWith(id) {
    return [...this.busy.keys()].filter((key) => key.startsWith(`${id} `)).join();
  }

  setBusy(id, action) {
    const key = `${id} ${action}`;
    this.busy.set(key, setTimeout(() => this.setIdle(), BUSY));
    this.draw();
  }

  setIdle() {
    for (const timer of this.busy.values()) clearTimeout(timer);
    this.busy.clear();
    this.draw();
  }

  dismiss(id) {
    this.dismissed.add(id);
    this.draw();
  }

  /** Say something to the person spoken as, where they are. */
  notice(text, person = this.person, channel = this.channel) {
    const id = (this.noticed = (this.noticed || 0) + 1);
    this.notices.push({ id, text, person, channel, thread: this.thread });
    this.draw();
  }

  dismissNotice(notice) {
    this.notices = this.notices.filter((one) => one !== notice);
    this.draw();
  }

  // --- what happens ----------------------------------------------------------------------------------------

  changed(event) {
    if (!this.person) return;
    const message = event?.message;
    if (message && this.busy.size && message.author === this.store.me) this.setIdle();
    if (event) this.HANDLERS[event.type]?.(event);
    if (event?.type === "message_changed") this.told({ what: "changed", message: message.id });
    if (event?.type === "message" && message.author === this.doing?.author) this.doing = null;
    if (event?.type !== "clock" && event?.type !== "faults") this.draw();
  }

  HANDLERS = {
    interaction_failed: ({ person, channel, text }) => {
      this.setIdle();
      if (this.asking) return;
      const form = [...this.dialogs.values()].at(-1);
      if (form && person === this.person) form.refused(text);
      else this.notice(text, person, channel || this.channel);
    },
    form_opened: ({ form }) => (this.setIdle(), this.showForm(form)),
    form_changed: ({ form }) => this.showForm(form),
    form_closed: ({ id }) => this.closeForm(id),
    typing: ({ channel, author }) => this.setDoing("typing", { channel, author }),
    pending: ({ channel, person }) => this.setDoing("thinking", { channel, person, author: this.store.me }),
  };

  setDoing(what, { channel, author, person }) {
    this.doing = { channel, author, person, text: `${nameOf(this.store.person(author))} is ${what}…` };
    clearTimeout(this.doingTimer);
    this.doingTimer = setTimeout(() => {
      this.doing = null;
      this.draw();
    }, DOING);
  }

  showForms() {
    for (const form of this.store.views.values()) this.showForm(form);
  }

  showForm(form) {
    if (form.person !== this.person || form.raw.type === "home") return;
    const shown = this.platform.formOf(form, this.sceneOf(form));
    const known = this.dialogs.get(form.id);
    if (known) return known.show(shown);
    const send = (fields) => this.store.act(this.person, "submit", { form: form.id, fields });
    const cancel = () => {
      this.dialogs.delete(form.id);
      this.attempt(() => this.store.act(form.person, "close_form", { form: form.id }));
    };
    const dialog = new FormDialog(this.name, { send, cancel });
    this.dialogs.set(form.id, dialog);
    dialog.show(shown);
  }

  closeForm(id) {
    this.dialogs.get(id)?.remove();
    this.dialogs.delete(id);
  }

  // --- drawing -----------------------------------------------------------------------------------------------

  draw() {
    if (this.drawing) return;
    this.drawing = true;
    requestAnimationFrame(() => {
      this.drawing = false;
      this.paint();
    });
  }

  paint() {
    if (!this.person) return;
    const { connection } = this.store;
    this.banner.hidden = connection === "connected";
    this.banner.textContent = BANNERS[connection] || "";
    const all = this.store.shown(this.channel, this.person).filter((message) => !this.dismissed.has(message.id));
    this.roots = [...this.store.messages.values()].filter((message) => message.raw.reply_count);
    this.unread.look(this.person, this.channel);
    if (this.thread) this.unread.look(this.person, this.thread);
    this.sidebar.show();
    paintMain(this, all);
    this.node.classList.toggle("has-thread", Boolean(this.thread));
    this.side.node.hidden = !this.thread;
    if (this.thread) paintThread(this, all);
    this.told({ what: "painted" });
  }
}
