// Keeps a container's children in step with a list of items, touching only what changed.

/**
 * Items are `{ id, key, make(previous) }`: a node is made anew when its key changed, and stays otherwise, so that
 * focus, selections and open menus survive what happens around them.
 */
export class KeyedList {
  constructor(container) {
    this.container = container;
    this.shown = new Map();
  }

  show(items) {
    const next = new Map();
    const { activeElement } = document;
    for (const item of items) {
      const before = this.shown.get(item.id);
      const same = before && sameKey(before.key, item.key);
      const entry = same ? before : { key: item.key, node: item.make(before?.key) };
      if (before && !same) replaceNode(before.node, entry.node, activeElement);
      next.set(item.id, entry);
    }
    for (const [id, entry] of this.shown) if (!next.has(id)) entry.node.remove();
    let place = this.container.firstChild;
    for (const { node } of next.values()) {
      if (node === place) place = place.nextSibling;
      else this.container.insertBefore(node, place);
    }
    this.shown = next;
  }
}

function sameKey(one, other) {
  return one.length === other.length && one.every((part, n) => part === other[n]);
}

// Whoever had the focus inside keeps it: on the same button if it is still there, else on what replaced it.
function replaceNode(old, node, activeElement) {
  const action = old.contains(activeElement) ? activeElement.dataset.action || "" : null;
  old.replaceWith(node);
  if (action === null) return;
  const again = [...node.querySelectorAll("[data-action]")].find((one) => one.dataset.action === action && !one.disabled);
  (again || node).focus({ preventScroll: true });
}
