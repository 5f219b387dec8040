// The little that HTML and htmx cannot do: menus that close, toasts, select-all, keys, and focus kept across swaps.
"use strict";

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
document.addEventListener("htmx:sendError", () => toast({ message: "No answer from the server. Check the connection and try again.", level: "error" }));
document.addEventListener("htmx:responseError", (event) => {
  const status = event.detail.xhr.status;
  const texts = { 403: "This is not open to you.", 404: "This is gone. Reload the page.", 429: "Too many requests. Wait a moment.", 503: "The database is busy. Try again in a moment." };
  toast({ message: texts[status] || "Something went wrong here. Nothing was changed.", level: "error" });
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
  if (event.key === "Escape") {
    const menu = document.querySelector("details[data-menu][open]");
    if (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    } else if (event.target.matches("input[data-original]")) {
      event.target.value = event.target.dataset.original;
      event.target.blur();
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
