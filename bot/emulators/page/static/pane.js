// A place to read and write in: heading, messages, composer. The channel is one, Slack's open thread another.
import { el } from "./dom.js";
import { Composer } from "./composer.js";
import { Log } from "./log.js";

export class Pane {
  constructor(desk, { label, thread = false }) {
    this.desk = desk;
    this.isThread = thread;
    this.head = el("header", { class: "head" });
    this.log = new Log(desk, label, thread);
    this.composer = new Composer(desk, thread);
    this.home = el("div", { class: "home", hidden: true });
    this.join = el("div", { class: "join", hidden: true });
    this.node = el("div", { class: thread ? "pane thread" : "pane" }, this.head, this.home, this.log.node, this.composer.node, this.join);
  }

  /**
   * Show a heading, messages, and who writes. `head`, `home` (instead of messages) and `join` (instead of the composer)
   * are `{ key, make }`: their nodes are made anew when the key changed; home and join may be null.
   */
  show({ head, content, place, label, join, home }) {
    fill(this.head, head);
    fill(this.home, home);
    fill(this.join, join);
    this.log.node.hidden = Boolean(home);
    this.composer.node.hidden = Boolean(home || join);
    if (home) return;
    if (place !== this.place) this.log.rewind();
    this.place = place;
    this.log.show(content);
    this.composer.at(place, label);
  }
}

const KEYS = new WeakMap();

function fill(node, part) {
  node.hidden = !part;
  if (!part || (KEYS.get(node) || []).join("\n") === part.key.join("\n")) return;
  KEYS.set(node, part.key);
  node.replaceChildren(...part.make());
}
