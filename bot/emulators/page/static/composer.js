// The text box: drafts, history of places, completion with the keyboard.
import { avatar, el, nameOf } from "./dom.js";
import { completionsFor } from "./complete.js";

const MOST = 8;
const PAUSE = 90; // milliseconds of quiet before completions are asked for

let composers = 0;

export class Composer {
  constructor(desk, inThread) {
    const id = `completions-${(composers += 1)}`;
    this.desk = desk;
    this.inThread = inThread;
    this.editing = null; // the message that is changed instead of a new one sent
    this.drafts = new Map();
    this.box = el("textarea", {
      rows: "1",
      class: "composer-text",
      "aria-autocomplete": "list",
      "aria-controls": id,
      "aria-haspopup": "listbox",
      oninput: () => this.typed(),
      onkeydown: (event) => this.key(event),
      onblur: () => this.hide(),
    });
    this.options = el("ul", { id, role: "listbox", "aria-label": "Completions" });
    this.usage = el("div", { class: "usage quiet" });
    this.list = el("div", { class: "completions", hidden: true }, this.usage, this.options);
    this.face = el("span", { class: "as" });
    this.button = el("button", { type: "button", class: "send", "aria-label": "Send", onclick: () => this.send() }, "➤");
    this.node = el("div", { class: "composer" }, this.list, this.face, this.box, this.button);
    this.found = [];
    this.asked = 0;
  }

  /** Write to this place from now on; each place keeps its draft. */
  at(place, label) {
    const person = this.desk.store.person(this.desk.person);
    if (place !== this.place) {
      if (this.place) this.drafts.set(this.place, this.editing ? "" : this.box.value);
      this.editing = null;
      this.node.classList.remove("editing");
      this.place = place;
      this.set(this.drafts.get(place) || "");
    }
    this.box.setAttribute("aria-label", label);
    this.box.placeholder = `${label} as ${nameOf(person)}`;
    if (this.shownFace !== person) this.face.replaceChildren(avatar(person, "small"));
    this.shownFace = person;
  }

  /** Put text into the box, ready to be sent. */
  fill(text) {
    this.set(text);
    this.box.focus();
    this.box.setSelectionRange(text.length, text.length);
  }

  set(text) {
    this.box.value = text;
    this.hide();
    this.grow();
  }

  key(event) {
    if (event.isComposing) return;
    if (!this.list.hidden && this.keyInList(event)) return void event.preventDefault();
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.send();
    } else if (event.key === "Escape" && this.editing) this.edit(null, "");
    else if (event.key === "ArrowUp" && !this.box.value && this.desk.editLast(this.inThread)) event.preventDefault();
  }

  /** Change a message instead of sending a new one; null: no longer. */
  edit(message, text) {
    this.editing = message;
    this.node.classList.toggle("editing", Boolean(message));
    this.fill(text);
  }

  // True when the key was for the list of completions.
  keyInList({ key, shiftKey }) {
    const one = this.found[this.chosen];
    if (key === "ArrowDown" || key === "ArrowUp") {
      const step = key === "ArrowDown" ? 1 : this.found.length - 1;
      this.moved = true;
      this.choose((this.chosen + step) % this.found.length);
    } else if (key === "Escape") this.hide();
    else if (key === "Tab" && !shiftKey) this.take(one);
    else if (key === "Enter" && !shiftKey && (this.moved || one.eager) && one.insert.trim() !== this.box.value.trim()) this.take(one);
    else return false;
    return true;
  }

  typed() {
    this.grow();
    this.asked += 1;
    clearTimeout(this.timer);
    const { asked } = this;
    this.timer = setTimeout(() => this.complete(asked), PAUSE);
  }

  async complete(asked) {
    const found = await completionsFor(this.desk, this.box.value.slice(0, this.box.selectionStart));
    if (asked !== this.asked || document.activeElement !== this.box) return;
    this.found = found.items.slice(0, MOST);
    this.moved = false;
    this.list.hidden = !this.found.length;
    this.usage.textContent = found.hint;
    this.options.replaceChildren(...this.found.map((one) => this.option(one)));
    if (this.found.length) this.choose(0);
  }

  option(one) {
    const attributes = { role: "option", id: `${this.options.id}-${this.found.indexOf(one)}`, "aria-selected": "false" };
    const take = (event) => {
      event.preventDefault();
      this.take(one);
    };
    const detail = one.detail && el("span", { class: "quiet" }, one.detail);
    return el("li", { ...attributes, onmousedown: take }, one.icon, el("strong", {}, one.label), detail);
  }

  choose(n) {
    this.chosen = n;
    for (const [at, option] of [...this.options.children].entries()) {
      option.setAttribute("aria-selected", String(at === n));
      if (at === n) option.scrollIntoView({ block: "nearest" });
    }
    this.box.setAttribute("aria-activedescendant", `${this.options.id}-${n}`);
  }

  hide() {
    this.asked += 1;
    this.found = [];
    this.list.hidden = true;
    this.box.removeAttribute("aria-activedescendant");
  }

  // What stands after the cursor stays there.
  take(one) {
    const rest = this.box.value.slice(this.box.selectionStart);
    this.box.value = one.insert + rest;
    this.box.setSelectionRange(one.insert.length, one.insert.length);
    this.hide();
    this.typed();
  }

  grow() {
    this.box.style.height = "auto";
    // Out of sight there is nothing to measure; one row is right then.
    if (this.box.scrollHeight) this.box.style.height = `${Math.min(this.box.scrollHeight, 160)}px`;
    this.button.classList.toggle("ready", this.box.value.trim() !== "");
  }

  async send() {
    const text = this.box.value.trim();
    if (!text) return;
    const { place, editing } = this;
    this.edit(null, "");
    const done = editing ? await this.desk.saveEdit(editing, text) : await this.desk.send(text, this.inThread);
    if (done) return;
    if (this.place === place && !this.box.value) this.fill(text);
    else this.drafts.set(place, text);
  }
}
