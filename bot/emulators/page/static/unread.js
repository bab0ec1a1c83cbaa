// What each person has not seen yet, of what arrived since the page was opened.

export class Unread {
  constructor(store) {
    this.store = store;
    this.seen = new Map(); // "person place" → the latest message seen there
  }

  /** A person looks at a channel, or at a thread of it. */
  look(person, place) {
    const latest = this.store.recent.at(-1);
    if (latest) this.seen.set(`${person} ${place}`, this.store.recent.length && latest.at);
    this.person = person;
  }

  /** How many messages of a channel the person has not seen. */
  inChannel(channel) {
    return this.count(channel, (message) => message.channel === channel && !this.isReply(message));
  }

  /** Whether the thread of a message has replies that the person has not seen. */
  inThread(root) {
    return this.count(root.id, (message) => message.thread === root.id && message.id !== root.id) > 0;
  }

  /** All of them, for the whole workspace. */
  total() {
    return this.store.recent.filter((message) => this.concerns(message, this.isReply(message) ? message.thread : message.channel)).length;
  }

  count(place, stands) {
    return this.store.recent.filter((message) => stands(message) && this.concerns(message, place)).length;
  }

  concerns(message, place) {
    const { person, store } = this;
    const seen = this.seen.get(`${person} ${place}`) || 0;
    if (message.at <= seen || message.author === person) return false;
    return (!message.private_to || message.private_to === person) && store.sees(person, store.channels.get(message.channel));
  }

  isReply(message) {
    return this.store.name === "slack" && Boolean(message.thread) && message.thread !== message.id;
  }
}
