// One workspace's state, kept up to date by the emulator's event stream.

export class Store {
  constructor(name, changed) {
    this.name = name;
    this.changed = changed;
    this.people = new Map();
    this.channels = new Map();
    this.messages = new Map();
    this.views = new Map();
    this.commands = [];
    this.unread = new Map();
    this.fresh = new Set();
    this.connected = true;
    this.seq = 0;
  }

  async load() {
    const state = await this.get("control/state");
    this.workspace = state.workspace;
    this.me = state.me;
    this.seq = state.seq;
    this.commands = state.commands;
    this.people = new Map(state.people.map((person) => [person.id, person]));
    this.channels = new Map(state.channels.map((channel) => [channel.id, channel]));
    this.messages = new Map(state.messages.map((message) => [message.id, message]));
    this.views = new Map((state.views || []).filter((form) => form.raw.type !== "home").map((form) => [form.id, form]));
    this.changed(null);
  }

  // Follows the events; after a break it goes on where it stopped, and loads anew when the emulator was started again.
  follow() {
    const source = new EventSource(`/${this.name}/control/events?since=${this.seq}`);
    source.onmessage = (message) => this.take(JSON.parse(message.data));
    source.onerror = () => {
      source.close();
      setTimeout(async () => {
        try {
          await this.load();
        } catch {
          // Not there yet; the next attempt follows.
        }
        this.follow();
      }, 1000);
    };
  }

  take(event) {
    this.seq = event.seq;
    if (event.type === "message" || event.type === "message_changed") {
      this.messages.set(event.message.id, event.message);
      if (event.type === "message_changed") this.fresh.add(event.message.id);
    }
    if (event.type === "message_deleted") this.messages.delete(event.id);
    if (event.type === "channel") this.channels.set(event.channel.id, event.channel);
    if (event.type === "person") this.people.set(event.person.id, event.person);
    if (event.type === "form_opened" || event.type === "form_changed") this.views.set(event.form.id, event.form);
    if (event.type === "form_closed") this.views.delete(event.id);
    if (event.type === "connection") this.connected = event.state === "connected";
    if (event.type === "commands") this.get("control/state").then((state) => (this.commands = state.commands));
    this.changed(event);
  }

  async get(path) {
    const response = await fetch(`/${this.name}/${path}`);
    if (!response.ok) throw new Error((await response.json()).error);
    return response.json();
  }

  async act(person, act, fields) {
    const response = await fetch(`/${this.name}/control/act`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ as: person, do: act, ...fields }),
    });
    const found = await response.json();
    if (!response.ok) throw new Error(found.error);
    return found;
  }

  person(id) {
    return this.people.get(id) || { id, name: id, display_name: id };
  }

  // Messages of a channel as one person sees them, oldest first.
  shown(channel, person) {
    return [...this.messages.values()]
      .filter((message) => message.channel === channel && (!message.private_to || message.private_to === person))
      .sort((a, b) => a.at - b.at);
  }
}
