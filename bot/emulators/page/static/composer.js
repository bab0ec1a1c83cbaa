// The text box: mentions, channels, slash commands with completion.
import { el } from "./dom.js";

const MOST = 8;

export class Composer {
  constructor(workspace) {
    this.workspace = workspace;
    this.box = el("textarea", { rows: "1", class: "composer-text", oninput: () => this.typed(), onkeydown: (event) => this.key(event), "aria-autocomplete": "list" });
    this.list = el("ul", { class: "completions", role: "listbox", hidden: true });
    this.node = el("div", { class: "composer" }, this.list, this.box, el("button", { class: "send", "aria-label": "Send", onclick: () => this.send() }, "➤"));
    this.found = [];
    this.chosen = 0;
    this.asked = 0;
  }

  place(label) {
    this.box.setAttribute("aria-label", `Message ${label}`);
    this.box.placeholder = `Message ${label}`;
  }

  fill(text) {
    this.box.value = text;
    this.box.focus();
    this.hide();
    this.grow();
  }

  key(event) {
    if (!this.list.hidden) {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        this.chosen = (this.chosen + (event.key === "ArrowDown" ? 1 : this.found.length - 1)) % this.found.length;
        this.show();
        return;
      }
      if (event.key === "Tab" || (event.key === "Enter" && this.found[this.chosen].insert.trim() !== this.box.value.trim())) {
        event.preventDefault();
        this.take(this.found[this.chosen]);
        return;
      }
      if (event.key === "Escape") return this.hide();
    }
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      this.send();
    }
  }

  async typed() {
    this.grow();
    const asked = ++this.asked;
    const found = await this.complete(this.box.value.slice(0, this.box.selectionStart));
    if (asked !== this.asked) return;
    this.found = found.slice(0, MOST);
    this.chosen = 0;
    this.show();
  }

  async complete(text) {
    const { store } = this.workspace;
    if (text.startsWith("/")) return store.name === "slack" ? this.slackCommands(text) : this.discordCommands(text);
    const word = /(^|\s)([@#])([\w.-]*)$/.exec(text);
    if (!word) return [];
    const head = text.slice(0, text.length - word[2].length - word[3].length);
    const names = word[2] === "@" ? [...store.people.values()].map((one) => one.name) : [...store.channels.values()].filter((one) => one.kind !== "direct" && one.kind !== "thread").map((one) => one.name);
    return names.filter((name) => name.toLowerCase().startsWith(word[3].toLowerCase())).map((name) => ({ label: word[2] + name, insert: `${head}${word[2]}${name} ` }));
  }

  slackCommands(text) {
    const [command, ...rest] = text.split(" ");
    if (!rest.length) return this.workspace.store.commands.filter((one) => one.name.startsWith(command)).map((one) => ({ label: one.name, detail: one.usage_hint || one.description, insert: `${one.name} ` }));
    const known = this.workspace.store.commands.find((one) => one.name === command);
    if (!known || rest.length > 1) return [];
    const verbs = (known.usage_hint || "").split("|").map((hint) => hint.trim()).filter(Boolean);
    return verbs.filter((hint) => hint.startsWith(rest[0]) && hint !== rest[0]).map((hint) => ({ label: `${command} ${hint}`, insert: `${command} ${hint.split(" ")[0]} ` }));
  }

  // /copilot run workflow:deploy parameters:service=checkout …, as the client fills options.
  async discordCommands(text) {
    const [command, verb, ...rest] = text.split(" ");
    const known = this.workspace.store.commands.filter((one) => `/${one.name}`.startsWith(command));
    if (verb === undefined) return known.map((one) => ({ label: `/${one.name}`, detail: one.description, insert: `/${one.name} ` }));
    const options = known.find((one) => `/${one.name}` === command)?.options || [];
    if (!rest.length) return options.filter((one) => one.name.startsWith(verb)).map((one) => ({ label: `${command} ${one.name}`, detail: one.description, insert: `${command} ${one.name} ` }));
    const sub = options.find((one) => one.name === verb);
    if (!sub) return [];
    const given = parseOptions(sub, rest.join(" "));
    if (!given.open) {
      const left = (sub.options || []).filter((one) => !(one.name in given.values) && one.name.startsWith(given.rest));
      return left.map((one) => ({ label: one.name, detail: one.description, insert: `${text.slice(0, text.length - given.rest.length)}${one.name}:` }));
    }
    const option = sub.options.find((one) => one.name === given.open);
    if (!option.autocomplete) return [];
    const answer = await this.workspace.store.act(this.workspace.person, "complete", { channel: this.workspace.channel, name: command.slice(1), options: { subcommand: verb, options: given.values }, focused: option.name }).catch(() => ({ choices: [] }));
    const typed = given.values[option.name] || "";
    return (answer.choices || []).map((one) => ({ label: one.name, insert: `${text.slice(0, text.length - typed.length)}${one.value}` }));
  }

  show() {
    this.list.hidden = !this.found.length;
    this.list.replaceChildren(...this.found.map((one, n) => el("li", { role: "option", "aria-selected": n === this.chosen ? "true" : "false", onmousedown: (event) => (event.preventDefault(), this.take(one)) }, el("strong", {}, one.label), one.detail ? el("span", { class: "quiet" }, one.detail) : null)));
  }

  hide() {
    this.found = [];
    this.list.hidden = true;
  }

  take(one) {
    this.box.value = one.insert;
    this.hide();
    this.typed();
  }

  grow() {
    this.box.style.height = "auto";
    this.box.style.height = `${Math.min(this.box.scrollHeight, 160)}px`;
  }

  async send() {
    const text = this.box.value.trim();
    if (!text) return;
    this.fill("");
    if (!(await this.workspace.send(text))) this.fill(text);
  }
}

// "workflow:deploy parameters:a=b c=d" → values, and which option is being typed.
export function parseOptions(sub, text) {
  const names = (sub.options || []).map((one) => one.name);
  const values = {};
  let open = "";
  let rest = "";
  for (const word of text.split(" ")) {
    const name = names.find((one) => word.startsWith(`${one}:`));
    if (name) {
      open = name;
      values[name] = word.slice(name.length + 1);
    } else if (open) values[open] += ` ${word}`;
    else rest = word;
  }
  return { values, open, rest };
}
