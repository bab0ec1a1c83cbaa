// The messages of one place, brought up to date without losing focus or the place scrolled to.
import { button, day, el } from "./dom.js";
import { KeyedList } from "./list.js";
import { messageRow, noticeRow } from "./row.js";

const PAGE = 120; // messages shown at once
const TOGETHER = 300; // seconds within which messages of one person stand together

export class Log {
  constructor(desk, label, inThread) {
    this.desk = desk;
    this.inThread = inThread;
    this.most = PAGE;
    this.node = el("div", { class: "log", role: "log", "aria-label": label, tabindex: "0", onkeydown: (event) => this.key(event) });
    this.list = new KeyedList(this.node);
    this.atEnd = true;
    this.node.addEventListener("scroll", () => (this.atEnd = this.isAtEnd()));
    // Pictures and previews arrive later, the window may shrink: who was at the end stays there.
    new ResizeObserver(() => this.stay()).observe(this.node);
    this.node.addEventListener("load", () => this.stay(), true);
  }

  isAtEnd() {
    return this.node.scrollHeight - this.node.scrollTop - this.node.clientHeight < 48;
  }

  stay() {
    if (this.atEnd) this.node.scrollTop = this.node.scrollHeight;
  }

  /** The arrows go from message to message: with Tab one gets to what can be done with it. */
  key(event) {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    const rows = [...this.node.querySelectorAll("article")];
    const at = rows.indexOf(event.target);
    if (!step || !rows.length || (at < 0 && event.target !== this.node)) return;
    event.preventDefault();
    rows[at < 0 ? rows.length - 1 : Math.min(rows.length - 1, Math.max(0, at + step))].focus();
  }

  /** Show from the end, after another place was opened. */
  rewind() {
    this.most = PAGE;
    this.atEnd = true;
  }

  /** `messages` oldest first; `repliesOf(message)`: its thread; `notices`: what the client says; `doing`: typing, thinking. */
  show({ messages, repliesOf, notices, doing, empty }) {
    const latest = messages.at(-1);
    if (latest && latest.id !== this.latest && latest.author === this.desk.person) this.atEnd = true;
    this.latest = latest?.id;
    const shown = messages.slice(-this.most);
    const items = [
      ...(messages.length > shown.length ? [this.earlier()] : []),
      ...this.rows(shown, repliesOf),
      ...notices.map((notice) => ({ id: `notice ${notice.id}`, key: [], make: () => noticeRow(this.desk, notice) })),
      ...(doing ? [{ id: "doing", key: [doing], make: () => doingRow(doing) }] : []),
    ];
    if (!items.length) items.push({ id: "empty", key: [empty], make: () => el("p", { class: "empty quiet" }, empty) });
    this.list.show(items);
    this.stay();
  }

  earlier() {
    const more = () => {
      this.most += PAGE;
      this.desk.draw();
    };
    return { id: "earlier", key: [], make: () => button({ class: "earlier" }, more, "Show earlier messages") };
  }

  *rows(messages, repliesOf) {
    let above = null;
    for (const message of messages) {
      const title = day(message.at);
      if (!above || day(above.at) !== title) {
        yield { id: `day ${title}`, key: [title], make: () => el("div", { class: "day" }, el("span", {}, title)) };
        above = null;
      }
      yield this.row(message, goesOn(above, message), repliesOf(message));
      above = message;
    }
  }

  row(message, joined, replies) {
    const { desk, inThread } = this;
    const thread = desk.name === "discord" ? desk.store.channels.get(message.id)?.name : replies.length;
    const unread = replies.length > 0 && desk.unread.inThread(message);
    const key = [message, joined, thread, unread, desk.person, desk.store.version, desk.busyWith(message.id)];
    return { id: message.id, key, make: (before) => messageRow(desk, message, { joined, replies, inThread, before: before?.[0] }) };
  }
}

function goesOn(above, message) {
  return Boolean(above) && above.author === message.author && !above.private_to && !message.private_to && message.at - above.at < TOGETHER;
}

function doingRow(text) {
  return el("div", { class: "doing quiet" }, el("span", { class: "dots", "aria-hidden": "true" }), text);
}
