// Discord's messages and modals as DOM nodes.
import { avatar, el, link, nameOf } from "./dom.js";
import { actionButton, actionMenu, fileNode, linkButton, pictureNode } from "./controls.js";
import { markdown, markdownLine } from "./markdown.js";
import { moment } from "./markup.js";

const BUTTON = 2;
const [STRING_SELECT, USER_SELECT, ROLE_SELECT, MENTIONABLE_SELECT, CHANNEL_SELECT] = [3, 5, 6, 7, 8];
const TEXT_DISPLAY = 10;
const STYLES = { 1: "primary", 2: "secondary", 3: "success", 4: "danger" };
const LINK = 5;
const LOADING = 1 << 7;
const [PINNED, JOINED] = [6, 7];

export const words = { private: "Only you can see this", privateIcon: "👁", dismiss: true };

/** What a message says. `scene`: the message's surroundings (see scene.js). */
export function body(message, scene) {
  const { raw } = message;
  if (isThinking(message)) return [thinkingNode(nameOf(scene.store.person(message.author)))];
  const parts = raw.content ? [markdown(raw.content, scene)] : [];
  for (const { filename, url, content_type: type, size } of raw.attachments || []) {
    parts.push(fileNode(scene.store, { name: filename, url, type, size }));
  }
  parts.push(...(raw.embeds || []).map((embed) => embedNode(embed, scene)));
  parts.push(...(raw.components || []).map((row) => rowNode(row, scene)));
  return parts;
}

function thinkingNode(name) {
  return el("div", { class: "thinking" }, el("span", { class: "dots", "aria-hidden": "true" }), `${name} is thinking…`);
}

export function isThinking({ raw }) {
  return Boolean((raw.flags || 0) & LOADING) && !raw.content && !raw.embeds?.length;
}

export function isSystem(message) {
  return message.raw.type === JOINED || message.raw.type === PINNED;
}

export function systemText({ raw }) {
  return raw.type === PINNED ? "pinned a message to this channel" : "joined";
}

/** What stands above a message: the command that it answers, or the message that it replies to. */
export function origin({ raw }, scene) {
  const { interaction: command, referenced_message: replied } = raw;
  if (!command && !replied) return null;
  const person = scene.store.person((command?.user || replied.author).id);
  const what = command
    ? [" used ", el("span", { class: "mention" }, `/${command.name}`)]
    : [" ", el("span", { class: "excerpt" }, replied.content || "a card")];
  return el("div", { class: "origin" }, avatar(person, "tiny"), el("strong", {}, nameOf(person)), what);
}

export function reactions(message) {
  const found = message.raw.reactions || [];
  return found.map(({ emoji, count }) => ({ name: emoji.name, shown: emoji.name, count, people: [] }));
}

function embedNode(embed, scene) {
  const title = embed.title && markdownLine(embed.title, scene);
  const box = el(
    "div",
    { class: "embed" },
    embed.author && el("div", { class: "embed-author" }, embed.author.name),
    title && el("h3", { class: "block-header" }, embed.url ? link(embed.url, title) : title),
    embed.description && markdown(embed.description, scene),
    embed.fields?.length && el("div", { class: "fields" }, embed.fields.map((field) => fieldNode(field, scene))),
    embed.image && pictureNode(scene.store, { url: embed.image.url, alt: embed.image.description }),
    footerOf(embed),
  );
  box.style.borderColor = `#${(embed.color ?? 0x4e5058).toString(16).padStart(6, "0")}`;
  return box;
}

function fieldNode(field, scene) {
  const named = field.name.replaceAll("\u200b", "").trim();
  const name = named && el("strong", {}, markdownLine(field.name, scene));
  return el("div", { class: field.inline ? "field" : "field wide" }, name, markdown(field.value, scene));
}

function footerOf(embed) {
  if (!embed.footer && !embed.timestamp) return null;
  const at = embed.timestamp && moment(Date.parse(embed.timestamp) / 1000);
  return el("small", { class: "subtext" }, embed.footer?.text, embed.footer && at && " • ", at);
}

function rowNode(row, scene) {
  if (row.type === TEXT_DISPLAY) return markdown(row.content, scene);
  return el("div", { class: "block-actions" }, (row.components || []).map((component) => componentNode(component, scene)));
}

function componentNode(component, scene) {
  const { type, custom_id: action, disabled } = component;
  const label = [component.emoji?.name, component.label].filter(Boolean).join(" ");
  if (type === BUTTON && component.style === LINK) return linkButton(component.url, label);
  if (type === BUTTON) return actionButton(scene, { label, style: STYLES[component.style], action, disabled });
  const options = optionsOf(component, scene.store);
  if (!options) return el("span", { class: "quiet" }, `[component ${type}]`);
  return actionMenu(scene, { options, placeholder: component.placeholder, action, most: component.max_values, disabled });
}

function optionsOf(component, store) {
  const { type } = component;
  if (type === STRING_SELECT) return component.options.map((option) => [option.value, option.label, option.default]);
  if ([USER_SELECT, MENTIONABLE_SELECT].includes(type)) return [...store.people.values()].map((one) => [one.id, nameOf(one)]);
  if (type === CHANNEL_SELECT) return [...store.channels.values()].filter((one) => one.name).map((one) => [one.id, `#${one.name}`]);
  return type === ROLE_SELECT ? [] : null;
}

/** A modal in the form dialog's own terms; a part is an input, or `{ node }` for what is only shown. */
export function formOf(form, scene) {
  const { title, components } = form.raw;
  const parts = (components || []).flatMap((item) => {
    if (item.type === TEXT_DISPLAY) return [{ node: markdown(item.content, scene) }];
    if (item.component) return [inputOf({ label: item.label, ...item.component }, item.description, scene)];
    return (item.components || []).map((component) => inputOf(component, "", scene));
  });
  return { title, submit: "Submit", cancel: "Cancel", errors: form.errors || {}, parts };
}

function inputOf(component, description, scene) {
  const options = optionsOf(component, scene.store);
  return {
    id: component.custom_id,
    label: component.label,
    hint: description ? el("small", { class: "quiet" }, description) : null,
    required: component.required !== false,
    multiline: component.style === 2,
    several: Boolean(options) && (component.max_values ?? 1) > 1,
    radio: false,
    kind: "text",
    placeholder: component.placeholder || "",
    value: component.value || "",
    most: component.max_length,
    options,
  };
}
