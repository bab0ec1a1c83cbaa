// Puts the workspaces side by side, and offers things to try.
import { el } from "./dom.js";
import { Tour } from "./tour.js";
import { Workspace } from "./workspace.js";

const config = await (await fetch("/config.json")).json();
const workspaces = new Map();
const tabs = new Map();
let tour = null;

function select(name) {
  for (const [other, workspace] of workspaces) workspace.node.classList.toggle("selected", other === name);
  for (const [other, tab] of tabs) tab.setAttribute("aria-pressed", String(other === name));
}

// On a narrow screen the other workspace is out of sight: its tab says that something is new there.
function mark(name) {
  const { unread, node } = workspaces.get(name);
  tabs.get(name).classList.toggle("news", !node.classList.contains("selected") && unread.total() > 0);
}

for (const name of config.workspaces) {
  const told = (what) => (what.what === "painted" ? mark(name) : tour?.told(what));
  const workspace = new Workspace(name, told);
  workspaces.set(name, workspace);
  tabs.set(name, el("button", { type: "button", onclick: () => select(name) }, workspace.title));
  document.querySelector(".tabs").append(tabs.get(name));
  document.querySelector(".workspaces").append(workspace.node);
}

tour = new Tour(config, workspaces, select);
document.querySelector(".strip").append(tour.chips);
document.querySelector(".strip").after(tour.guide);
select(config.workspaces[0]);
document.body.classList.toggle("single", config.workspaces.length < 2);
await Promise.all([...workspaces.values()].map((workspace) => workspace.start()));
document.body.dataset.ready = "yes";
