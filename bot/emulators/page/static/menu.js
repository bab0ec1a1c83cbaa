// A menu beside what opened it. The browser closes it on Escape and on a press elsewhere.
import { el } from "./dom.js";

/**
 * Open a menu. `parts` are items `{ label, icon, note, act }`, or `{ row: items }` side by side; null is left out.
 * `kept`: a node that is to stay visible while the menu is open.
 */
export function openMenu(theme, anchor, title, parts, kept) {
  const menu = el("div", { class: `workspace-menu workspace ${theme}`, role: "menu", "aria-label": title, popover: "auto" });
  const close = () => menu.hidePopover();
  const itemNode = ({ label, icon, note, act }, small) => {
    const press = () => {
      close();
      act();
    };
    const text = small ? icon : [el("span", { class: "icon", "aria-hidden": "true" }, icon || ""), el("span", { class: "name" }, label), note && el("small", { class: "quiet" }, note)];
    return el("button", { type: "button", role: "menuitem", tabindex: "-1", "aria-label": small ? label : null, title: small ? label : null, onclick: press }, text);
  };
  for (const part of parts.filter(Boolean)) {
    menu.append(part.row ? el("div", { class: "menu-row" }, part.row.map((one) => itemNode(one, true))) : itemNode(part, false));
  }
  menu.addEventListener("keydown", (event) => move(menu, event));
  menu.addEventListener("toggle", (event) => {
    if (event.newState !== "closed") return;
    kept?.classList.remove("open");
    menu.remove();
  });
  kept?.classList.add("open");
  document.body.append(menu);
  menu.showPopover();
  place(menu, anchor);
  items(menu)[0]?.focus({ preventScroll: true });
}

function items(menu) {
  return [...menu.querySelectorAll("[role=menuitem]")];
}

function move(menu, event) {
  const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
  const all = items(menu);
  const at = all.indexOf(document.activeElement);
  if (step) all[(at + step + all.length) % all.length].focus();
  else if (event.key === "Home") all[0].focus();
  else if (event.key === "End") all.at(-1).focus();
  else if (event.key === "Tab") menu.hidePopover();
  else return;
  if (event.key !== "Tab") event.preventDefault();
}

// Below what opened it if there is room, else above; never outside the window.
function place(menu, anchor) {
  const from = anchor.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = menu;
  const below = from.bottom + 4 + height <= window.innerHeight;
  menu.style.top = `${Math.max(8, below ? from.bottom + 4 : from.top - height - 4)}px`;
  const left = from.left + width + 8 <= window.innerWidth ? from.left : from.right - width;
  menu.style.left = `${Math.max(8, Math.min(left, window.innerWidth - width - 8))}px`;
}
