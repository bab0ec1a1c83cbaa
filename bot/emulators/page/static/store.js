// One workspace's state, kept up to date by the emulator's event stream.

const LOOK_BACK = 300; // events before the state, to learn whether the bot is connected
const AGAIN_AFTER = 1000; // milliseconds until the next attempt to follow

export class Store {
  /** `changed(event)`: called after each event, and with null after the whole state was loaded. */
  constructor(name, changed) {
    this.name = name;
    this.changed = changed;
    this.sockets = null; // how many connections the bot has; null: nothing is known
    this.reachable = true;
    this.version = 0; // changes with people and channels: what names them must be drawn again
    this.fresh = new Set(); // channels made since the page was opened that nobody looked at
    this.recent = []; // messages since the page was opened, oldest first
    this.loaded = 0;
    this.seq = 0;
    this.source = null;
  }

  async load() {
    const state = await this.get("control/state");
    const known = this.messages;
    this.workspace = state.workspace;
    this.me = state.me;
    this.commands = state.commands;
    this.shortcuts = state.shortcuts;
    this.people = byId(state.people);
    this.channels = byId(state.channels);
    this.messages = byId(state.messages);
    if (known) this.recent.push(...state.messages.filter((message) => !known.has(message.id)));
    this.views = byId(state.views || []);
    this.loaded = this.seq = state.seq;
    this.version += 1;
    this.changed(null);
  }

  /** Follow the events. After a break, a gap, or a start of the emulator anew, the whole state is loaded first. */
  follow() {
    this.source?.close();
    const from = Math.max(0, this.loaded - LOOK_BACK);
    this.next = from + 1;
    this.source = new EventSource(`/${this.name}/control/events?since=${from}`);
    this.source.onmessage = (message) => this.arrived(JSON.parse(message.data));
    this.source.onerror = () => this.again();
  }

  async again() {
    this.source?.close();
    try {
      await this.load();
      this.setReachable(true);
      this.follow();
    } catch {
      this.setReachable(false);
      setTimeout(() => this.again(), AGAIN_AFTER);
    }
  }

  setReachable(reachable) {
    if (this.reachable === reachable) return;
    this.reachable = reachable;
    this.changed({ type: "connection" });
  }

  arrived(event) {
    const { seq } = event;
    if (seq < this.next) return;
    if (seq > this.next && seq > this.loaded + 1) return void this.again();
    this.next = seq + 1;
    if (event.type === "connection") this.sockets = event.sockets ?? (event.state === "connected" ? 1 : 0);
    if (seq <= this.loaded) return event.type === "connection" && this.changed(event);
    this.seq = seq;
    HANDLERS[event.type]?.(this, event);
    this.changed(event);
  }

  /** "connected", "disconnected", or "waiting" before any bot came. A bot without sockets shows itself by speaking. */
  get connection() {
    if (!this.reachable) return "unreachable";
    if (this.sockets !== null) return this.sockets > 0 ? "connected" : "disconnected";
    const spoke = [...this.messages.values()].some((message) => message.author === this.me);
    return spoke || this.loaded > LOOK_BACK ? "connected" : "waiting";
  }

  async get(path) {
    return answerOf(await fetch(`/${this.name}/${path}`));
  }

  /** Let a person do something; Error with the emulator's reason when it cannot be done. */
  async act(person, act, fields) {
    const body = JSON.stringify({ as: person, do: act, ...fields });
    const headers = { "Content-Type": "application/json" };
    return answerOf(await fetch(`/${this.name}/control/act`, { method: "POST", headers, body }));
  }

  person(id) {
    return this.people.get(id) || { id, name: id, display_name: id };
  }

  channelNamed(name) {
    return [...this.channels.values()].find((channel) => channel.name === name);
  }

  /** Messages of a channel that a person sees, oldest first. */
  shown(channel, person) {
    return [...this.messages.values()]
      .filter((message) => message.channel === channel && (!message.private_to || message.private_to === person))
      .sort((a, b) => a.at - b.at);
  }

  /** Whether a person may write in a channel, as far as it is open to anybody. */
  writes(person, channel) {
    return !channel?.read_only || channel.writers.includes(person);
  }

  /** The pinned messages of a channel that a person sees, latest first. */
  pinned(channel, person) {
    return this.shown(channel, person).filter((message) => isPinned(message)).reverse();
  }

  /** Whether a person sees a channel in the list. */
  sees(person, channel) {
    if (!channel || channel.deleted || channel.kind === "category") return false;
    if (channel.archived && channel.kind === "thread") return false;
    const member = channel.members.includes(person);
    if (channel.kind === "thread") return this.sees(person, this.channels.get(channel.parent));
    if (channel.kind !== "channel" || this.name === "discord") return member;
    const { guest, stranger } = this.person(person);
    return member || !(guest || stranger);
  }
}

const HANDLERS = {
  message(store, { message }) {
    store.messages.set(message.id, message);
    store.recent.push(message);
  },
  message_changed(store, { message }) {
    store.messages.set(message.id, message);
  },
  message_deleted(store, { id }) {
    store.messages.delete(id);
    store.recent = store.recent.filter((message) => message.id !== id);
  },
  channel(store, { channel }) {
    if (channel.deleted) store.channels.delete(channel.id);
    else {
      if (!store.channels.has(channel.id) && ["channel", "private"].includes(channel.kind)) store.fresh.add(channel.id);
      store.channels.set(channel.id, channel);
    }
    store.version += 1;
  },
  person(store, { person }) {
    store.people.set(person.id, person);
    store.version += 1;
  },
  form_opened: (store, { form }) => store.views.set(form.id, form),
  form_changed: (store, { form }) => store.views.set(form.id, form),
  form_closed: (store, { id }) => store.views.delete(id),
  commands: (store) =>
    store.get("control/state").then((state) => ([store.commands, store.shortcuts] = [state.commands, state.shortcuts])),
};

/** Whether a message is pinned: Slack says where, Discord that it is. */
export function isPinned({ raw }) {
  return Boolean(raw.pinned || raw.pinned_to?.length);
}

function byId(items) {
  return new Map(items.map((item) => [item.id, item]));
}

async function answerOf(response) {
  const found = await response.json().catch(() => ({ error: `the emulator answered ${response.status}` }));
  if (!response.ok) throw new Error(found.error || `the emulator answered ${response.status}`);
  return found;
}
