// Slack's messages and views as DOM nodes.
import { el, link, nameOf } from "./dom.js";
import { actionButton, actionMenu, fileNode, linkButton, pictureNode } from "./controls.js";
import { emoji } from "./emoji.js";
import { mention } from "./markup.js";
import { markdown } from "./markdown.js";
import { mrkdwn } from "./mrkdwn.js";

const RICH = { rich_text_preformatted: "pre", rich_text_quote: "blockquote" };
const PEOPLE = new Set(["users_select", "multi_users_select"]);
const ROOMS = new Set(["channels_select", "conversations_select", "multi_channels_select", "multi_conversations_select"]);

export const words = { private: "Only visible to you", privateIcon: "👁", dismiss: false };

export const plain = (text) => text?.text || "";

/** What a message says. `scene`: the message's surroundings (see scene.js). */
export function body(message, scene) {
  const { raw } = message;
  const blocks = raw.blocks || [];
  // What people type comes with rich text beside it that keeps their marks as letters; the text shows them.
  const typed = !raw.bot_id && blocks.every((block) => block.type === "rich_text");
  const parts = blocks.length && !typed ? blocks.map((block) => blockNode(block, scene)) : [];
  if (!parts.length && raw.text) parts.push(mrkdwn(raw.text, scene));
  parts.push(...(raw.attachments || []).map((attachment) => attachmentNode(attachment, scene)));
  for (const file of raw.files || []) {
    const { name, title, url_private: url, mimetype: type, size } = file;
    parts.push(fileNode(scene.store, { name: name || title, url, type, size }));
  }
  return parts;
}

/** A line about the channel instead of a message: somebody joined, left. */
export function isSystem(message) {
  return /^channel_(join|leave|topic|purpose|name)$/.test(message.raw.subtype || "");
}

export function systemText({ raw }) {
  if (/_join$/.test(raw.subtype)) return "joined";
  return /_leave$/.test(raw.subtype) ? "left" : raw.text;
}

export function origin() {
  return null;
}

export function isThinking() {
  return false;
}

export function reactions(message, reader) {
  return (message.raw.reactions || []).map((found) => ({
    name: found.name,
    shown: emoji(found.name),
    count: found.count,
    mine: (found.users || []).includes(reader),
    people: found.users || [],
  }));
}

function attachmentNode(attachment, scene) {
  const box = el("div", { class: "attachment" });
  if (attachment.color) box.style.borderColor = /^[0-9a-f]{6}$/i.test(attachment.color) ? `#${attachment.color}` : attachment.color;
  if (attachment.pretext) box.append(mrkdwn(attachment.pretext, scene));
  if (attachment.title) box.append(el("strong", {}, link(attachment.title_link || "", attachment.title)));
  if (attachment.blocks) box.append(...attachment.blocks.map((block) => blockNode(block, scene)));
  else if (attachment.text || attachment.fallback) box.append(mrkdwn(attachment.text || attachment.fallback, scene));
  return box;
}

const BLOCKS = {
  header: (block) => el("h3", { class: "block-header" }, plain(block.text)),
  divider: () => el("hr"),
  markdown: (block, scene) => markdown(block.text, scene),
  image: (block, scene) => el("figure", {}, block.title && el("figcaption", {}, plain(block.title)), imageNode(block, scene)),
  section: (block, scene) =>
    el(
      "div",
      { class: block.accessory ? "block-section split" : "block-section" },
      el(
        "div",
        {},
        block.text && textNode(block.text, scene),
        block.fields && el("div", { class: "fields" }, block.fields.map((field) => textNode(field, scene))),
      ),
      block.accessory && elementNode(block.accessory, scene),
    ),
  context: (block, scene) =>
    el("div", { class: "block-context" }, block.elements.map((one) => (one.type === "image" ? imageNode : textNode)(one, scene))),
  actions: (block, scene) => el("div", { class: "block-actions" }, block.elements.map((one) => elementNode(one, scene))),
  rich_text: (block, scene) => el("div", { class: "rich" }, block.elements.map((one) => richNode(one, scene))),
  file: (block) => el("span", { class: "file" }, `📄 ${block.external_id || "file"}`),
  input: () => null,
};

/** A block; of a kind that is unknown here its name is shown. */
export function blockNode(block, scene) {
  const make = Object.hasOwn(BLOCKS, block.type) ? BLOCKS[block.type] : () => el("div", { class: "quiet" }, `[${block.type}]`);
  return make(block, scene);
}

export function textNode(text, scene) {
  if (text.type === "mrkdwn") return mrkdwn(text.text, scene);
  return el("div", { class: "text" }, plain(text).replace(/:([a-z0-9_+-]+):/g, (_, name) => emoji(name)));
}

function imageNode({ image_url: url, alt_text: alt }, scene) {
  return pictureNode(scene.store, { url, alt });
}

function richNode(element, scene) {
  const inner = (element.elements || []).map((one) => richInline(one, scene));
  if (element.type === "rich_text_list") {
    return el(element.style === "ordered" ? "ol" : "ul", {}, inner.map((one) => el("li", {}, one)));
  }
  return el(RICH[element.type] || "div", { class: RICH[element.type] ? "" : "text" }, inner);
}

function richInline(element, scene) {
  const { store, reader } = scene;
  switch (element.type) {
    case "text":
      return styled(document.createTextNode(element.text), element.style);
    case "link":
      return styled(link(element.url, element.text || element.url), element.style);
    case "user":
      return mention(`@${nameOf(store.person(element.user_id))}`, element.user_id === reader);
    case "channel":
      return mention(`#${store.channels.get(element.channel_id)?.name || element.channel_id}`);
    case "broadcast":
      return mention(`@${element.range}`, true);
    case "emoji":
      return document.createTextNode(emoji(element.name));
    default:
      return richNode(element, scene);
  }
}

function styled(node, style = {}) {
  const tags = { code: "code", bold: "strong", italic: "em", strike: "s" };
  return Object.entries(tags).reduce((inner, [name, tag]) => (style[name] ? el(tag, {}, inner) : inner), node);
}

/** A button or menu; of a kind that is unknown here its name is shown. */
function elementNode(element, scene) {
  const action = element.action_id;
  if (element.type === "button" && element.url) return linkButton(element.url, plain(element.text));
  if (element.type === "button") {
    const { style, value } = element;
    return actionButton(scene, { label: plain(element.text), style, action, value, confirm: confirmOf(element) });
  }
  if (element.type === "image") return imageNode(element, scene);
  if (element.type === "overflow") return overflowNode(element, scene);
  const options = optionsOf(element, scene.store);
  if (!options) return el("span", { class: "quiet" }, `[${element.type}]`);
  const several = element.type.startsWith("multi_") || element.type === "checkboxes";
  return actionMenu(scene, { options, placeholder: plain(element.placeholder), action, most: several ? 99 : 1 });
}

function overflowNode(element, scene) {
  const options = element.options.map((option) => el("option", { value: option.value }, plain(option.text)));
  const menu = el("select", { class: "menu overflow", "aria-label": "More actions" }, el("option", { value: "" }, "⋯"), options);
  menu.addEventListener("change", () => menu.value && scene.press(element.action_id, menu.value));
  return menu;
}

function confirmOf({ confirm }) {
  if (!confirm) return null;
  const [title, yes, no] = [confirm.title, confirm.confirm, confirm.deny].map(plain);
  return { title, text: confirm.text.text, yes, no, danger: confirm.style === "danger" };
}

/** The choices of a menu as `[value, label, chosen]`; null when the element is none. */
export function optionsOf(element, store) {
  if (PEOPLE.has(element.type)) {
    const chosen = [element.initial_user, ...(element.initial_users || [])];
    const people = [...store.people.values()].filter((one) => !one.deactivated);
    return people.map((one) => [one.id, nameOf(one), chosen.includes(one.id)]);
  }
  if (ROOMS.has(element.type)) {
    const chosen = [element.initial_channel, element.initial_conversation, ...(element.initial_channels || [])];
    const rooms = [...store.channels.values()].filter((one) => one.kind === "channel");
    return rooms.map((one) => [one.id, `#${one.name}`, chosen.includes(one.id)]);
  }
  const found = element.options || element.option_groups?.flatMap((group) => group.options);
  if (!found) return null;
  const chosen = [element.initial_option, ...(element.initial_options || [])].map((option) => option?.value);
  return found.map((option) => [option.value, plain(option.text), chosen.includes(option.value)]);
}
