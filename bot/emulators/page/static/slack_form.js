// A Slack modal in the form dialog's own terms.
import { blockNode, optionsOf, plain, textNode } from "./slack.js";
import { el } from "./dom.js";

const KINDS = {
  datepicker: "date", timepicker: "time", datetimepicker: "datetime-local",
  number_input: "number", email_text_input: "email", url_text_input: "url",
};

/** Title, buttons and parts of a modal; a part is an input, or `{ node }` for what is only shown. */
export function formOf(form, scene) {
  const { raw } = form;
  return {
    title: plain(raw.title),
    submit: raw.submit ? plain(raw.submit) : raw.blocks.some((block) => block.type === "input") ? "Submit" : "",
    cancel: plain(raw.close) || "Cancel",
    errors: form.errors || {},
    parts: raw.blocks.map((block) => (block.type === "input" ? inputOf(block, scene) : { node: blockNode(block, scene) })),
  };
}

function inputOf(block, scene) {
  const { element } = block;
  return {
    id: block.block_id,
    label: plain(block.label),
    hint: block.hint ? el("small", {}, textNode(block.hint, scene)) : null,
    required: !block.optional,
    multiline: Boolean(element.multiline) || element.type === "rich_text_input",
    several: element.type.startsWith("multi_") || element.type === "checkboxes",
    radio: element.type === "radio_buttons",
    kind: KINDS[element.type] || "text",
    placeholder: plain(element.placeholder),
    value: element.initial_value || element.initial_date || element.initial_time || "",
    most: element.max_length,
    options: optionsOf(element, scene.store),
  };
}
