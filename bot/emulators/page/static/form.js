// The dialog of a modal form, and of a button's confirmation.
import { el } from "./dom.js";

export function confirmDialog({ title, text, yes, no }) {
  return new Promise((resolve) => {
    const dialog = el(
      "dialog",
      { class: "modal", "aria-label": title },
      el("h2", {}, title),
      el("p", {}, text),
      el("footer", {}, el("button", { class: "button", onclick: () => dialog.close("no") }, no || "Cancel"), el("button", { class: "button danger", onclick: () => dialog.close("yes") }, yes || "Yes")),
    );
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

// Shows a form until it is sent, cancelled, or closed by the app. `send(values)` and `cancel()` talk to the emulator.
export function formDialog(form, theme, send, cancel) {
  const fields = form.inputs.map((input) => [input, control(input)]);
  const problem = el("p", { class: "error", role: "alert", hidden: true });
  const submit = el("button", { class: "button primary", type: "submit" }, form.submit);
  const box = el(
    "form",
    {
      onsubmit: async (event) => {
        event.preventDefault();
        submit.disabled = true;
        try {
          await send(Object.fromEntries(fields.map(([input, node]) => [input.id, node.value])));
        } catch (error) {
          problem.textContent = error.message;
          problem.hidden = false;
        }
        submit.disabled = false;
      },
    },
    el("h2", {}, form.title),
    form.intro,
    fields.map(([input, node]) => el("label", {}, el("span", {}, input.label, input.required ? null : el("span", { class: "quiet" }, " (optional)")), node, form.errors[input.id] ? el("span", { class: "error", role: "alert" }, form.errors[input.id]) : null)),
    problem,
    el("footer", {}, el("button", { class: "button", type: "button", onclick: () => dialog.close() }, form.cancel), submit),
  );
  const dialog = el("dialog", { class: `modal ${theme}`, "aria-label": form.title }, box);
  dialog.addEventListener("close", () => {
    if (dialog.isConnected) cancel();
    dialog.remove();
  });
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

function control(input) {
  const common = { "aria-label": input.label, required: input.required, placeholder: input.placeholder || null, maxlength: input.max || null };
  if (input.options) return el("select", { "aria-label": input.label, required: input.required, value: input.value }, el("option", { value: "" }, "Choose …"), input.options.map(([value, label]) => el("option", { value, selected: value === input.value }, label)));
  return input.multiline ? el("textarea", { ...common, rows: "4", value: input.value }) : el("input", { ...common, value: input.value });
}
