// Things to try: chips that put the right words into the right box, ticks for what was done, and what to look at next.
import { button, el, nameOf } from "./dom.js";

const LAST = "That was all. Look at #checkout: the card of the run went on, and ends with who approved it and when.";

export class Tour {
  /** `go(workspace name)`: bring that workspace to the front. */
  constructor({ suggestions, guide }, workspaces, go) {
    this.workspaces = workspaces;
    this.go = go;
    this.steps = suggestions
      .filter((suggestion) => workspaces.has(suggestion.workspace))
      .map((suggestion) => ({ ...suggestion, done: false, chip: this.chipOf(suggestion) }));
    this.chips = el("nav", { class: "chips", "aria-label": "Things to try" }, this.steps.map(({ chip }) => chip));
    this.text = el("span");
    const close = button({ class: "plain close", "aria-label": "Dismiss the hint" }, () => this.say(""), "✕");
    this.guide = el("div", { class: "guide", role: "status" }, el("span", { class: "lamp", "aria-hidden": "true" }, "💡"), this.text, close);
    this.say(guide || (this.steps.length ? "New here? Try these from left to right: each fills in what to send." : ""));
    this.pressed = new Set();
  }

  chipOf(suggestion) {
    const tick = el("span", { class: "tick", "aria-hidden": "true" });
    const title = suggestion.text || suggestion.hint;
    return button({ class: "chip", title }, () => this.take(suggestion), tick, suggestion.label);
  }

  take(suggestion) {
    const workspace = this.workspaces.get(suggestion.workspace);
    this.go(suggestion.workspace);
    if (suggestion.person) workspace.speakAs(suggestion.person);
    if (suggestion.channel) workspace.open(suggestion.channel);
    if (!suggestion.text) return this.say(suggestion.hint);
    workspace.composer.fill(suggestion.text);
    const person = nameOf(workspace.store.person(workspace.person));
    this.say(`Filled in for you: press Enter to send it as ${person}.`);
  }

  say(text) {
    this.text.textContent = text;
    this.guide.hidden = !text;
  }

  /** What happened in a workspace; ticks the steps that it completes. */
  told({ what, text, channel, message }) {
    if (what === "sent") this.finish((step) => sameKind(step.text, text));
    if (what === "pressed" && this.steps.some((step) => !step.text && this.channelOf(step) === channel)) this.pressed.add(message);
    // A press counts when something came of it: the message changed. A refusal leaves it as it was.
    if (what === "changed" && this.pressed.delete(message)) this.finish((step) => !step.text);
  }

  finish(fits) {
    const step = this.steps.find((one) => !one.done && fits(one));
    if (!step) return;
    step.done = true;
    step.chip.classList.add("done");
    step.chip.setAttribute("aria-label", `${step.label}, done`);
    const next = this.steps.find((one) => !one.done);
    this.say(step.text ? step.hint : next ? "" : LAST);
  }

  channelOf({ workspace, channel }) {
    return this.workspaces.get(workspace).store.channels?.get(channel)?.name;
  }
}

// The same words, or another start of the same command.
function sameKind(wanted, sent) {
  if (!wanted) return false;
  const words = (text) => text.trim().toLowerCase().split(/\s+/);
  if (wanted.startsWith("/")) return words(wanted).slice(0, 2).join(" ") === words(sent).slice(0, 2).join(" ");
  return words(wanted).join(" ") === words(sent).join(" ");
}
