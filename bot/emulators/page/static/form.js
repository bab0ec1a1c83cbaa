// The dialog of a form, and of a question. The browser keeps the focus inside, and Escape closes it.
import { button, el } from "./dom.js";

/** Ask; resolves to true when the person agreed. */
export function confirmDialog(theme, { title, text, yes, no, danger }) {
  return new Promise((resolve) => {
    const dialog = el(
      "dialog",
      { class: `modal ${theme}`, "aria-label": title },
      el("h2", {}, title),
      el("p", {}, text),
      el(
        "footer",
        {},
        button({ class: "button" }, () => dialog.close(), no || "Cancel"),
        button({ class: `button ${danger ? "danger" : "primary"}` }, () => dialog.close("yes"), yes || "Yes"),
      ),
    );
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

/** A form that is open until it is sent, cancelled, or closed by the app. */
export class FormDialog {
  /** `send(fields)` rejects with the reason when it was not accepted; `cancel()`: the person closed it. */
  constructor(theme, { send, cancel }) {
    this.send = send;
    this.cancel = cancel;
    this.dialog = el("dialog", { class: `modal ${theme}` });
    this.dialog.addEventListener("close", () => {
      this.dialog.remove();
      if (!this.gone) this.cancel();
    });
  }

  /** Show these parts; what was typed into inputs that stay is kept. */
  show(form) {
    const typed = this.inputs ? this.values() : {};
    const controls = form.parts.filter((part) => part.id).map((part) => [part, controlOf(part)]);
    this.inputs = controls;
    this.problem = el("p", { class: "error", role: "alert", hidden: true });
    this.button = form.submit ? el("button", { class: "button primary", type: "submit" }, form.submit) : null;
    const close = button({ class: "button" }, () => this.dialog.close(), form.cancel);
    const parts = form.parts.map((part) => part.node || fieldOf(part, controls.find(([input]) => input === part)[1]));
    const footer = el("footer", {}, close, this.button);
    const attributes = { novalidate: true, onsubmit: (event) => this.submitted(event) };
    this.box = el("form", attributes, el("h2", {}, form.title), parts, this.problem, footer);
    this.dialog.setAttribute("aria-label", form.title);
    this.dialog.replaceChildren(this.box);
    for (const [input, control] of controls) if (input.id in typed) control.write(typed[input.id]);
    this.showErrors(form.errors);
    if (this.dialog.open) return;
    document.body.append(this.dialog);
    this.dialog.showModal();
    controls[0]?.[1].node.focus();
  }

  values() {
    return Object.fromEntries(this.inputs.map(([input, control]) => [input.id, control.read()]));
  }

  async submitted(event) {
    event.preventDefault();
    this.setWaiting(true);
    this.problem.hidden = true;
    this.showErrors({});
    // A menu in which nothing was chosen is left out: there is no empty option to send.
    const left = this.inputs.filter(([input]) => !input.options || input.several || this.values()[input.id]);
    const fields = Object.fromEntries(left.map(([input, control]) => [input.id, control.read()]));
    try {
      await this.send(fields);
    } catch (error) {
      this.refused(error.message);
    }
  }

  /** What the client or the app found wrong; `input: reason` belongs to that input. */
  refused(reason) {
    this.setWaiting(false);
    const input = this.inputs.find(([one]) => reason.startsWith(`${one.id}: `))?.[0];
    if (input) return this.showErrors({ [input.id]: reason.slice(input.id.length + 2) });
    this.problem.textContent = reason;
    this.problem.hidden = false;
  }

  showErrors(errors) {
    let first = null;
    for (const [input, { node }] of this.inputs) {
      const note = this.box.querySelector(`[data-error-of="${CSS.escape(input.id)}"]`);
      note.textContent = errors[input.id] || "";
      note.hidden = !errors[input.id];
      node.setAttribute("aria-invalid", String(Boolean(errors[input.id])));
      if (errors[input.id]) first ??= node;
    }
    if (first) this.setWaiting(false);
    first?.focus();
  }

  setWaiting(waiting) {
    if (!this.button) return;
    this.button.disabled = waiting;
    this.button.setAttribute("aria-busy", String(waiting));
  }

  /** Take it away; nobody is told. */
  remove() {
    this.gone = true;
    this.dialog.close();
  }
}

function fieldOf(input, control) {
  const optional = input.required ? null : el("span", { class: "quiet" }, " (optional)");
  const error = el("span", { class: "error", role: "alert", "data-error-of": input.id, hidden: true });
  const tag = input.radio ? "div" : "label";
  return el(tag, { class: "field-row" }, el("span", { class: "field-label" }, input.label, optional), control.node, input.hint, error);
}

// How an input is shown, read and written.
function controlOf(input) {
  if (input.radio) return radioControl(input);
  if (input.options) return menuControl(input);
  const limits = { placeholder: input.placeholder || null, maxlength: input.most || null };
  const attributes = { "aria-label": input.label, value: input.value, ...limits };
  const node = input.multiline ? el("textarea", { ...attributes, rows: "4" }) : el("input", { ...attributes, type: input.kind });
  return { node, read: () => node.value, write: (value) => (node.value = value) };
}

function menuControl(input) {
  const options = input.options.map(([value, label, chosen]) => el("option", { value, selected: Boolean(chosen) }, label));
  if (input.several) {
    const node = el("select", { "aria-label": input.label, multiple: true, size: String(Math.min(6, options.length)) }, options);
    const read = () => [...node.selectedOptions].map((one) => one.value);
    const write = (values) => options.forEach((one) => (one.selected = values.includes(one.value)));
    return { node, read, write };
  }
  const unchosen = !input.options.some(([, , chosen]) => chosen);
  const none = el("option", { value: "", selected: unchosen }, input.placeholder || "Choose an option");
  const node = el("select", { "aria-label": input.label }, none, options);
  return { node, read: () => node.value, write: (value) => (node.value = value) };
}

function radioControl(input) {
  const dots = input.options.map(([value, , chosen]) => el("input", { type: "radio", name: input.id, value, checked: Boolean(chosen) }));
  const labels = input.options.map(([, label], n) => el("label", { class: "radio" }, dots[n], label));
  const node = el("div", { role: "radiogroup", "aria-label": input.label, tabindex: "-1" }, labels);
  const read = () => dots.find((dot) => dot.checked)?.value || "";
  const write = (value) => dots.forEach((dot) => (dot.checked = dot.value === value));
  return { node, read, write };
}
