// Builds DOM nodes. Content only ever becomes text nodes, so nothing that people type can be markup of the page.

const PROPERTIES = new Set(["value", "disabled", "checked", "selected", "hidden"]);
const HUES = ["#7c3aed", "#0f8a5f", "#c2185b", "#1976b8", "#b45309", "#475569", "#a21caf"];

/** A node with attributes (`on…` are listeners; null, undefined and false are left out) and children. */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (PROPERTIES.has(name)) node[name] = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  return node;
}

/** A button; `press` is called when it is used. */
export function button(attributes, press, ...children) {
  return el("button", { type: "button", onclick: press, ...attributes }, ...children);
}

/** A link that opens beside the page; anything but web and mail addresses stays text. */
export function link(url, ...label) {
  if (!/^(https?:|mailto:)/i.test(url)) return el("span", {}, ...label);
  return el("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, ...label);
}

export function clock(seconds) {
  return new Date(seconds * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
}

export function day(seconds) {
  const date = new Date(seconds * 1000);
  if (date.toDateString() === new Date().toDateString()) return "Today";
  return date.toLocaleDateString([], { weekday: "long", day: "numeric", month: "long" });
}

/** How a person is called. */
export function nameOf(person) {
  return person.display_name || person.name || person.id;
}

/** What sets a person apart from a colleague, for labels: "guest", "outside", "deactivated", "app". */
export function standing(person) {
  if (person.deactivated) return "deactivated";
  if (person.bot) return "app";
  if (person.stranger) return "outside";
  return person.guest ? "guest" : "";
}

function initials(name) {
  const words = name.replace(/[^\p{L}\p{N} ]/gu, "").split(" ").filter(Boolean);
  return words.map((word) => [...word][0]).slice(0, 2).join("").toUpperCase() || "?";
}

export function colourOf(person) {
  if (/^#?[0-9a-f]{6}$/i.test(person.colour || "")) return `#${person.colour.replace("#", "")}`;
  const sum = [...person.id].reduce((total, letter) => total + letter.codePointAt(0), 0);
  return HUES[sum % HUES.length];
}

/** Dark letters on bright colours, white ones on dark colours. */
function inkOn(colour) {
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
  return red * 0.299 + green * 0.587 + blue * 0.114 > 150 ? "#16181d" : "#ffffff";
}

export function avatar(person, size = "") {
  const face = el("span", { class: `avatar ${size}`, "aria-hidden": "true" });
  face.textContent = person.me ? "✦" : initials(nameOf(person));
  face.style.background = colourOf(person);
  face.style.color = inkOn(colourOf(person));
  return face;
}

/** Says something above everything else, for a while. */
export function toast(text) {
  const note = el("div", { class: "toast" }, text);
  document.querySelector(".toasts").append(note);
  setTimeout(() => note.remove(), 7000);
}
