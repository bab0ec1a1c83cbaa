// Discord's messages and modals as DOM nodes.
import { el } from "./dom.js";
import { markdown } from "./markup.js";
import { fileNode, selectNode } from "./slack.js";

const STYLES = { 1: "primary", 2: "", 3: "success", 4: "danger", 5: "link" };
const LOADING = 1 << 7;

export function body(message, workspace) {
  const { store } = workspace;
  const raw = message.raw;
  if ((raw.flags || 0) & LOADING && !raw.content) return [el("div", { class: "thinking" }, "Copilot is thinking …")];
  const parts = raw.content ? [markdown(raw.content, store)] : [];
  for (const embed of raw.embeds || []) parts.push(embedNode(embed, store));
  for (const file of raw.attachments || []) parts.push(fileNode(file.filename, file.url, file.content_type, workspace));
  for (const row of raw.components || []) parts.push(el("div", { class: "block-actions" }, (row.components || []).map((one) => componentNode(one, message, workspace))));
  return parts;
}

export function reactions(message) {
  return (message.raw.reactions || []).map((found) => ({ emoji: found.emoji.name, shown: found.emoji.name, count: found.count, people: [] }));
}

function embedNode(embed, store) {
  const box = el(
    "div",
    { class: "embed" },
    embed.title ? el("h3", { class: "block-header" }, [...markdown(embed.title, store).childNodes]) : null,
    embed.description ? markdown(embed.description, store) : null,
    embed.fields ? el("div", { class: "fields" }, embed.fields.map((field) => el("div", { class: field.inline ? "field" : "field wide" }, field.name.trim() && field.name !== "\u200b" ? el("strong", {}, field.name) : null, markdown(field.value, store)))) : null,
    embed.footer ? el("small", { class: "subtext" }, embed.footer.text) : null,
  );
  box.style.borderColor = `#${(embed.color || 0x5865f2).toString(16).padStart(6, "0")}`;
  return box;
}

function componentNode(component, message, workspace) {
  if (component.type === 2) {
    if (component.style === 5) return el("a", { class: "button", href: component.url, target: "_blank", rel: "noreferrer" }, component.label);
    return el("button", { class: `button ${STYLES[component.style] || ""}`, disabled: Boolean(component.disabled), onclick: () => workspace.press(message, component.custom_id) }, component.label);
  }
  if (component.type === 3) return selectNode(component.options.map((one) => [one.value, one.label]), component.placeholder, (value) => workspace.choose(message, component.custom_id, value));
  return el("span", { class: "quiet" }, `[component ${component.type}]`);
}

export function formOf(form) {
  const inputs = (form.raw.components || []).flatMap((row) => (row.component ? [{ ...row.component, label: row.label }] : row.components));
  return {
    title: form.raw.title,
    submit: "Submit",
    cancel: "Cancel",
    intro: [],
    errors: form.errors || {},
    inputs: inputs.map((one) => ({
      id: one.custom_id,
      label: one.label,
      required: one.required !== false,
      multiline: one.style === 2,
      placeholder: one.placeholder || "",
      value: one.value || "",
      max: one.max_length,
      options: one.options?.map((option) => [option.value, option.label]),
    })),
  };
}
