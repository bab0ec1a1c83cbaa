// Buttons, menus and pictures that both platforms' messages hold.
import { button, el, link } from "./dom.js";

const PREVIEW = 2000; // characters of a text file that are shown
const previews = new Map();

/** A button of a message. While the bot has not reacted it is busy, and cannot be pressed again. */
export function actionButton(scene, { label, style, action, value, confirm, disabled }) {
  const busy = scene.isBusy(action);
  const state = { disabled: Boolean(disabled || busy), "aria-busy": busy && "true" };
  const press = () => scene.press(action, value, confirm);
  return button({ class: `button ${style || ""}`, "data-action": action, ...state }, press, label);
}

export function linkButton(url, label) {
  const node = link(url, label);
  node.className = "button link";
  return node;
}

/** A menu of a message; `options` are `[value, label]`. Several are chosen in a list with a button. */
export function actionMenu(scene, { options, placeholder, action, most = 1, disabled }) {
  const label = placeholder || "Choose an option";
  const attributes = { class: "menu", "aria-label": label, "data-action": action, disabled: Boolean(disabled || scene.isBusy(action)) };
  const choices = options.map(([value, text, chosen]) => el("option", { value, selected: Boolean(chosen) }, text));
  if (most > 1) return severalMenu(scene, action, choices, attributes);
  const chosen = options.some(([, , found]) => found);
  const menu = el("select", { ...attributes, onchange: () => menu.value && scene.choose(action, [menu.value]) });
  menu.append(el("option", { value: "", selected: !chosen }, label), ...choices);
  return menu;
}

function severalMenu(scene, action, choices, attributes) {
  const menu = el("select", { ...attributes, multiple: true, size: String(Math.min(5, choices.length)) }, choices);
  const send = () => scene.choose(action, [...menu.selectedOptions].map((option) => option.value));
  return el("span", { class: "several" }, menu, button({ class: "button" }, send, "Choose"));
}

/** A file of a message: a picture as itself, a text with its beginning, anything else as a link to it. */
export function fileNode(store, { name, url, type, size }) {
  const path = pathOf(store, url);
  if (!path) return el("span", { class: "file" }, `📄 ${name}`);
  if (/^image\/(png|jpeg|gif|webp)$/.test(type)) return el("img", { class: "picture", src: path, alt: name, loading: "lazy" });
  const head = el("a", { class: "file", href: path, download: name }, `📄 ${name}`, el("small", {}, sizeOf(size)));
  if (!/^text\/|json|yaml|xml/.test(type || "")) return head;
  return el("div", { class: "file-box" }, head, previewOf(path));
}

function previewOf(path) {
  const preview = el("pre", { class: "preview" }, previews.get(path) ?? "…");
  if (previews.has(path)) return preview;
  const show = (text) => {
    previews.set(path, text.length > PREVIEW ? `${text.slice(0, PREVIEW)}\n…` : text);
    preview.textContent = previews.get(path);
  };
  fetch(path).then((response) => (response.ok ? response.text() : "")).then(show, () => show(""));
  return preview;
}

/** A picture from elsewhere is named, not fetched: nothing leaves this machine. */
export function pictureNode(store, { url, alt }) {
  const path = pathOf(store, url);
  if (path) return el("img", { class: "picture", src: path, alt: alt || "picture", loading: "lazy" });
  return el("span", { class: "file" }, "🖼 ", link(url || "", alt || "picture"));
}

// The emulators' own addresses are reached through this page; others are not.
function pathOf(store, url) {
  if (!URL.canParse(url || "")) return "";
  const { hostname, pathname } = new URL(url);
  return hostname === "127.0.0.1" || hostname === "localhost" ? `/${store.name}${pathname}` : "";
}

function sizeOf(bytes) {
  if (bytes === undefined) return "";
  return bytes < 1024 ? `${bytes} B` : bytes < 1024 ** 2 ? `${Math.round(bytes / 1024)} kB` : `${(bytes / 1024 ** 2).toFixed(1)} MB`;
}
