// Slack's messages and views as DOM nodes.
import { el } from "./dom.js";
import { mrkdwn, emoji } from "./markup.js";

const plain = (text) => (text ? text.text : "");

export function body(message, workspace) {
  const { store } = workspace;
  const raw = message.raw;
  const parts = [];
  const blocks = (raw.blocks || []).filter((block) => block.type !== "rich_text" || raw.bot_id);
  if (blocks.length) parts.push(...blocks.map((block) => blockNode(block, message, workspace)));
  else if (raw.text) parts.push(mrkdwn(raw.text, store));
  for (const attachment of raw.attachments || []) {
    const box = el("div", { class: "attachment" }, (attachment.blocks || []).map((block) => blockNode(block, message, workspace)));
    if (attachment.color) box.style.borderColor = attachment.color.startsWith("#") ? attachment.color : `#${attachment.color}`;
    if (!attachment.blocks && attachment.text) box.append(mrkdwn(attachment.text, store));
    parts.push(box);
  }
  for (const file of raw.files || []) parts.push(fileNode(file.name || file.title, file.url_private, file.mimetype, workspace));
  return parts;
}

export function fileNode(name, url, type, workspace) {
  const path = url ? `/${workspace.store.name}${new URL(url, location.href).pathname}` : "";
  if ((type || "").startsWith("image/") && path) return el("img", { class: "picture", src: path, alt: name });
  return el("a", { class: "file", href: path || null, download: name }, `📄 ${name}`);
}

export function reactions(message) {
  return (message.raw.reactions || []).map((found) => ({ emoji: found.name, shown: emoji(found.name), count: found.count, people: found.users || [] }));
}

function blockNode(block, message, workspace) {
  const { store } = workspace;
  switch (block.type) {
    case "header":
      return el("h3", { class: "block-header" }, plain(block.text));
    case "section":
      return el(
        "div",
        { class: "block-section" },
        block.text ? textNode(block.text, store) : null,
        block.fields ? el("div", { class: "fields" }, block.fields.map((field) => textNode(field, store))) : null,
        block.accessory ? elementNode(block.accessory, message, workspace) : null,
      );
    case "context":
      return el("div", { class: "block-context" }, block.elements.filter((one) => one.text).map((one) => textNode(one, store)));
    case "actions":
      return el("div", { class: "block-actions" }, block.elements.map((one) => elementNode(one, message, workspace)));
    case "divider":
      return el("hr");
    case "markdown":
      return mrkdwn(block.text, store);
    case "image":
      return el("img", { class: "picture", src: block.image_url, alt: block.alt_text });
    case "rich_text":
      return el("div", {}, block.elements.map((one) => richNode(one, store)));
    case "input":
      return null;
    default:
      return el("div", { class: "quiet" }, `[${block.type}]`);
  }
}

function textNode(text, store) {
  return text.type === "mrkdwn" ? mrkdwn(text.text, store) : el("div", { class: "text" }, text.text);
}

function richNode(element, store) {
  const inner = (element.elements || []).map((one) => {
    if (one.type === "text") return wrap(one.text, one.style || {});
    if (one.type === "link") return el("a", { href: one.url, target: "_blank", rel: "noreferrer" }, one.text || one.url);
    if (one.type === "user") return el("span", { class: "mention" }, `@${store.person(one.user_id).display_name}`);
    if (one.type === "channel") return el("span", { class: "mention" }, `#${store.channels.get(one.channel_id)?.name}`);
    if (one.type === "emoji") return document.createTextNode(emoji(one.name));
    return richNode(one, store);
  });
  const tag = { rich_text_preformatted: "pre", rich_text_quote: "blockquote", rich_text_list: "ul" }[element.type] || "div";
  return el(tag, { class: "text" }, tag === "ul" ? inner.map((one) => el("li", {}, one)) : inner);
}

function wrap(text, style) {
  let node = document.createTextNode(text);
  for (const [name, tag] of [["code", "code"], ["bold", "strong"], ["italic", "em"], ["strike", "s"]]) if (style[name]) node = el(tag, {}, node);
  return node;
}

function elementNode(element, message, workspace) {
  if (element.type === "button") {
    const label = plain(element.text);
    const press = () => workspace.press(message, element.action_id, element.value, element.confirm && { title: plain(element.confirm.title), text: element.confirm.text.text, yes: plain(element.confirm.confirm), no: plain(element.confirm.deny) });
    return el("button", { class: `button ${element.style || ""}`, onclick: press }, label);
  }
  if (element.type === "static_select") return selectNode(element.options.map((one) => [one.value, plain(one.text)]), plain(element.placeholder), (value) => workspace.choose(message, element.action_id, value));
  return el("span", { class: "quiet" }, `[${element.type}]`);
}

export function selectNode(options, placeholder, chosen) {
  const menu = el("select", { class: "menu", "aria-label": placeholder || "Choose", onchange: () => menu.value && chosen(menu.value) }, el("option", { value: "" }, placeholder || "Choose"), options.map(([value, label]) => el("option", { value }, label)));
  return menu;
}

// A modal view in the form dialog's own terms.
export function formOf(view, store) {
  const raw = view.raw;
  return {
    title: plain(raw.title),
    submit: plain(raw.submit) || "Submit",
    cancel: plain(raw.close) || "Cancel",
    intro: (raw.blocks || []).filter((block) => block.type === "section").map((block) => textNode(block.text, store)),
    errors: view.errors || {},
    inputs: (raw.blocks || [])
      .filter((block) => block.type === "input")
      .map((block) => ({
        id: block.block_id,
        label: plain(block.label),
        required: !block.optional,
        multiline: Boolean(block.element.multiline),
        placeholder: plain(block.element.placeholder),
        value: block.element.initial_value || block.element.initial_option?.value || "",
        max: block.element.max_length,
        options: block.element.options?.map((one) => [one.value, plain(one.text)]),
      })),
  };
}
