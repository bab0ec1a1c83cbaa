// Puts the workspaces side by side and offers things to try.
import { el } from "./dom.js";
import { Workspace } from "./workspace.js";

const config = await (await fetch("/config.json")).json();
const workspaces = new Map();
const hint = document.querySelector(".hint");
let awaited = null;

function sent(name) {
  if (!awaited || awaited.suggestion.workspace !== name) return;
  awaited.chip.classList.add("done");
  hint.textContent = awaited.suggestion.hint;
  hint.hidden = !awaited.suggestion.hint;
  awaited = null;
}

function offer(suggestion) {
  const chip = el("button", { class: "chip", onclick: () => take(suggestion, chip) }, suggestion.label);
  return chip;
}

function take(suggestion, chip) {
  const workspace = workspaces.get(suggestion.workspace);
  select(suggestion.workspace);
  workspace.speakAs(suggestion.person);
  workspace.open(suggestion.channel);
  awaited = { suggestion, chip };
  if (suggestion.text) workspace.composer.fill(suggestion.text);
  hint.textContent = suggestion.text ? "Press Enter to send it." : suggestion.hint;
  hint.hidden = false;
}

function select(name) {
  for (const [other, workspace] of workspaces) workspace.node.classList.toggle("selected", other === name);
  for (const tab of document.querySelectorAll(".tabs button")) tab.setAttribute("aria-current", String(tab.dataset.name === name));
}

for (const name of config.workspaces) {
  const workspace = new Workspace(name, sent);
  workspaces.set(name, workspace);
  document.querySelector(".workspaces").append(workspace.node);
  document.querySelector(".tabs").append(el("button", { "data-name": name, onclick: () => select(name) }, name === "slack" ? "Slack" : "Discord"));
}
await Promise.all([...workspaces.values()].map((workspace) => workspace.start()));
select(config.workspaces[0]);
document.querySelector(".chips").append(...config.suggestions.map(offer));
document.body.dataset.ready = "yes";
