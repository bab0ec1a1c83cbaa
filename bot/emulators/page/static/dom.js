// Builds DOM nodes. Content only ever becomes text nodes, so nothing that people type can be markup of the page.

export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "class") node.className = value;
    else if (name === "value" || name === "disabled") node[name] = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return node;
}

export function clock(seconds) {
  return new Date(seconds * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
}

export function initials(name) {
  return name.replace(/[^\p{L}\p{N} ]/gu, "").split(" ").map((word) => word[0]).slice(0, 2).join("").toUpperCase();
}

const HUES = ["#7c3aed", "#2eb67d", "#e01e5a", "#1d9bd1", "#d97706", "#475569", "#be185d"];

export function colour(person) {
  if (person.colour) return person.colour.startsWith("#") ? person.colour : `#${person.colour}`;
  let sum = 0;
  for (const letter of person.id) sum += letter.charCodeAt(0);
  return HUES[sum % HUES.length];
}

export function avatar(person) {
  const face = el("span", { class: "avatar", "aria-hidden": "true" }, person.bot && person.name === "copilot" ? "✦" : initials(person.display_name || person.name));
  face.style.background = colour(person);
  return face;
}

export function toast(text) {
  const note = el("div", { class: "toast" }, text);
  document.querySelector(".toasts").append(note);
  setTimeout(() => note.remove(), 7000);
}
