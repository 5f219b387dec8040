// The little that HTML and htmx cannot do: menus that close, toasts, select-all, cells walked like a sheet, keys, and focus kept across swaps.
"use strict";

const MOST_TOASTS = 3;
const toasts = () => document.getElementById("toasts");

function toast({ message, level = "ok", undo = "" }) {
  const template = document.getElementById("toast-template");
  if (!template || !message) return;
  const box = template.content.firstElementChild.cloneNode(true);
  box.classList.add(level);
  box.querySelector("span").textContent = message;
  const button = box.querySelector("[data-undo]");
  if (undo) button.dataset.hxPost = undo;
  else button.remove();
  toasts().append(box);
  if (toasts().children.length > MOST_TOASTS) toasts().firstElementChild.remove();
  htmx.process(box);
  setTimeout(() => box.remove(), level === "error" ? 12000 : 6000);
}

document.addEventListener("toast", (event) => toast(event.detail));
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-dismiss]")) event.target.closest(".toast").remove();
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
  const opener = event.target.closest("[data-dialog]");
  if (opener) document.getElementById(opener.dataset.dialog)?.showModal();
});

// htmx: a thin bar while waiting, one toast when an answer is an error or does not come.
let waiting = 0;
const busy = (step) => {
  waiting = Math.max(0, waiting + step);
  document.documentElement.classList.toggle("htmx-busy", waiting > 0);
};
document.addEventListener("htmx:beforeRequest", (event) => {
  busy(1);
  if (event.detail.target.id === "results") event.detail.target.setAttribute("aria-busy", "true");
});
document.addEventListener("htmx:afterRequest", (event) => {
  busy(-1);
  event.detail.target.removeAttribute("aria-busy");
});
// Figures that follow their page are not waited for once it is gone: they would stand in the next one.
document.addEventListener("htmx:beforeCleanupElement", (event) => {
  if (event.target.id === "late") htmx.trigger(event.target, "htmx:abort");
});
document.addEventListener("htmx:sendError", () => toast({ message: "No answer from the server. Check the connection and try again.", level: "error" }));
document.addEventListener("htmx:responseError", (event) => {
  const status = event.detail.xhr.status;
  const texts = { 403: "This is not open to you.", 404: "This is gone. Reload the page.", 429: "Too many requests. Wait a moment.", 503: "The database is busy. Try again in a moment." };
  toast({ message: texts[status] || "Something went wrong here. Nothing was changed.", level: "error" });
});
// A list asks along what others changed since it was opened; the word is no part of the view, so links and addresses are without it.
document.addEventListener("htmx:configRequest", (event) => {
  const seen = document.querySelector("#filters [name=seen]");
  if (seen && event.detail.target.id === "results") event.detail.formData.set("seen", seen.value);
});
// A popover that stays open after its form refreshed the results would hide them on a phone; its Apply button closes it.
document.addEventListener("submit", (event) => {
  const menu = event.target.querySelector("details[data-filters][open]");
  if (menu) menu.open = false;
});

// A dialog whose content arrives by htmx opens with it.
document.addEventListener("htmx:afterSwap", (event) => {
  const { target } = event.detail;
  if (target.matches("dialog") && !target.open) target.showModal();
});

// Boxes: select all rows of the page, and tell the bulk bar how many are selected.
function countSelected() {
  const chosen = document.querySelectorAll("[data-select]:checked").length;
  for (const bar of document.querySelectorAll("[data-bulk]")) bar.hidden = chosen === 0;
  for (const place of document.querySelectorAll("[data-selected-count]")) place.textContent = chosen;
}
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-select-all]")) {
    for (const box of event.target.closest("table").querySelectorAll("[data-select]")) box.checked = event.target.checked;
  }
  if (event.target.matches("[data-select], [data-select-all]")) countSelected();
  if (event.target.matches("[data-autosubmit]")) event.target.form.requestSubmit();
});
document.addEventListener("htmx:afterSettle", countSelected);
document.addEventListener("DOMContentLoaded", () => {
  countSelected();
  // On a phone the menu scrolls sideways: show where we are.
  document.querySelector(".nav [aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" });
});

// Cells: a link opens as an editor in its own place, a number at once, choices from the server. A column is walked like a sheet: Enter saves
// and goes down, with Shift up. After a click or a key stroke in a cell Tab does the same, until Escape or the end of the column; whoever only
// comes by with Tab passes through the page as everywhere else. Leaving a cell saves it.
const cellOf = (target) => target.closest?.("[data-cell]");
const was = (cell) => cell.form.elements.was.value;
const rendered = (cell) => (cell.options ? ([...cell.options].find((option) => option.defaultSelected)?.value ?? "") : cell.defaultValue);
const closedCells = new Map(); // id of an open editor → the closed cell that stood there
let walking = false;
let picked = false; // a choice was made by pointer, so it is meant; arrow keys pass through choices on their way
let swapping = false; // what leaves the page takes its focus along; that saves nothing
let interrupted = null; // what was being typed in a row that came back because of another cell

function openCell(link) {
  const closed = link.closest(".cell");
  closedCells.set(closed.id, closed);
  if (link.dataset.was === undefined) {
    link.focus();
    htmx.ajax("GET", link.getAttribute("href"), { target: closed, swap: "outerHTML" });
    return;
  }
  const form = document.getElementById("cell-editor").content.firstElementChild.cloneNode(true);
  const { was: before, token } = form.elements;
  const input = form.querySelector("input:not([type=hidden])");
  form.id = closed.id;
  form.dataset.hxPost = link.getAttribute("href");
  form.dataset.hxTarget = `#${link.dataset.target || closed.id}`;
  before.value = link.dataset.was;
  token.value = crypto.getRandomValues(new Uint32Array(4)).join("-");
  input.id = link.id;
  input.name = link.dataset.cell;
  input.dataset.cell = link.dataset.cell;
  input.defaultValue = link.dataset.was;
  input.placeholder = link.firstChild.textContent;
  const effect = form.querySelector("output");
  effect.id = `effect-${link.id}`;
  input.setAttribute("aria-describedby", effect.id);
  input.setAttribute("aria-label", link.getAttribute("aria-label").split(":")[0]);
  closed.replaceWith(form);
  htmx.process(form);
  input.focus();
  input.select();
}
function closeCell(cell) {
  const closed = closedCells.get(cell.form.id);
  if (!closedCells.delete(cell.form.id)) return;
  const focused = document.activeElement === cell;
  cell.form.replaceWith(closed);
  if (focused) closed.querySelector("a").focus();
}
function saveCell(cell) {
  if (cell.value === cell.dataset.sent) return;
  cell.dataset.sent = cell.value;
  if (cell.value.trim() === was(cell)) closeCell(cell);
  else cell.form.requestSubmit();
}
function neighbour(cell, step) {
  const rows = [...(cell.closest("tbody")?.rows ?? [])];
  for (let at = rows.indexOf(cell.closest("tr")) + step; rows[at]; at += step) {
    const next = rows[at].querySelector(`[data-cell="${cell.dataset.cell}"]`);
    if (next) return next;
  }
  return null;
}
document.addEventListener("click", (event) => {
  const cell = cellOf(event.target);
  if (!cell?.matches("a") || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  openCell(cell);
});
document.addEventListener("keydown", (event) => {
  const cell = cellOf(event.target);
  if (!cell || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const down = event.key === "ArrowDown" || (event.key !== "ArrowUp" && !event.shiftKey);
  const next = neighbour(cell, down ? 1 : -1);
  picked = false;
  if (cell.matches("a")) {
    if (event.key.startsWith("Arrow") && next) next.focus();
    else if (/^[0-9+=−-]$/.test(event.key) && cell.dataset.was !== undefined) openCell(cell);
    else return;
    if (event.key.startsWith("Arrow")) event.preventDefault();
    return;
  }
  if (!cell.form.dataset.hxPost) return;
  if (event.key === "Escape") {
    walking = false;
    cell.value = was(cell);
    closeCell(cell);
  } else if (event.key === "Enter" || (event.key === "Tab" && walking && next)) {
    if (event.key === "Enter") delete cell.dataset.sent;
    walking = true;
    saveCell(cell);
    if (next?.matches("a")) openCell(next);
    else next?.focus();
  } else return;
  event.preventDefault();
});
// While a change by so much is typed, its effect stands under it: the database says what it would be.
let pause;
function foretell(cell) {
  clearTimeout(pause);
  const effect = cell.form?.querySelector("output");
  if (!effect) return;
  effect.textContent = "";
  if (!/^\s*[+−-].*[0-9]/.test(cell.value)) return;
  const words = new URLSearchParams({ [cell.name]: cell.value });
  pause = setTimeout(() => effect.isConnected && htmx.ajax("GET", `${cell.form.dataset.hxPost}?${words}`, { target: effect, swap: "textContent" }), 200);
}
document.addEventListener("input", (event) => {
  const cell = cellOf(event.target);
  if (!cell) return;
  walking = true;
  foretell(cell);
});
document.addEventListener("focusin", (event) => {
  if (!cellOf(event.target)) walking = false;
});
document.addEventListener("pointerdown", (event) => {
  walking = picked = Boolean(cellOf(event.target));
});
document.addEventListener("change", (event) => {
  if (picked && event.target.matches("select[data-cell]")) saveCell(event.target);
});
// A button of the cell's own form, another window, and what was refused as it stands save nothing.
document.addEventListener("focusout", (event) => {
  const cell = cellOf(event.target);
  if (swapping || !cell?.form?.dataset.hxPost || document.activeElement === cell || cell.form.contains(event.relatedTarget)) return;
  if (cell.value !== rendered(cell) || cell.value === was(cell)) saveCell(cell);
});
document.addEventListener("htmx:beforeSwap", (event) => {
  const cell = cellOf(document.activeElement);
  const leaves = cell?.form && event.detail.target.contains(cell) && cell.value !== cell.dataset.sent;
  interrupted = leaves ? { id: cell.id, value: cell.value } : null;
  swapping = event.detail.shouldSwap;
});
// A refusal takes the focus back, unless the next cell is being typed into already; the choice between two values leaves it in the cell.
document.addEventListener("htmx:afterSwap", (event) => {
  swapping = false;
  const place = document.getElementById(event.detail.target.id);
  const refused = place?.querySelector("[data-conflict], [data-cell][aria-invalid]");
  const { activeElement: active, body } = document;
  const again = interrupted && document.getElementById(interrupted.id);
  if (again?.matches("a")) {
    openCell(again);
    if (again.dataset.was !== undefined) document.activeElement.value = interrupted.value;
  } else if (refused && (!cellOf(active)?.form || active.value === rendered(active))) refused.focus();
  else if (active === body && event.detail.requestConfig.elt.matches("form.cell")) {
    document.getElementById(event.detail.requestConfig.elt.id.replace("cell-", ""))?.focus();
  }
});

document.addEventListener("regroup", () => htmx.ajax("GET", location.pathname + location.search, { target: "#results", swap: "outerHTML" }));

// Keys: / search, f filters, j and k rows, ? help, Escape closes what is open or gives a field its value back.
function moveRow(step) {
  const rows = [...document.querySelectorAll("#results tbody tr")];
  if (!rows.length) return;
  const at = rows.indexOf(document.activeElement.closest("tr"));
  rows[Math.min(Math.max(at + step, 0), rows.length - 1)].focus();
}
const typing = (target) => target.closest("input, select, textarea, [contenteditable]");
const KEYS = {
  "/": () => document.querySelector("#filters input[type=search]")?.focus(),
  f: () => {
    const menu = document.querySelector("details[data-filters]");
    if (!menu) return;
    menu.open = !menu.open;
    if (menu.open) menu.querySelector("input, select")?.focus();
  },
  j: () => moveRow(1),
  k: () => moveRow(-1),
  "?": () => document.getElementById("shortcuts")?.showModal(),
};
document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented) return;
  if (event.key === "Escape") {
    const menu = document.querySelector("details[data-menu][open]");
    if (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  const act = KEYS[event.key];
  if (act) {
    event.preventDefault();
    act();
  }
});

// A file dropped on an upload form is the file of its field.
for (const kind of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(kind, (event) => {
    const form = event.target.closest?.("[data-drop]");
    if (!form) return;
    event.preventDefault();
    form.classList.toggle("over", kind === "dragover");
    if (kind === "drop" && event.dataTransfer.files.length) form.querySelector("input[type=file]").files = event.dataTransfer.files;
  });
}
