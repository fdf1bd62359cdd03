// What helps on every page, and is needed on none: the switch of the theme,
// keyboard shortcuts, and buttons that copy the permalink of an entry or a claim.
const tools = document.getElementById("_tools");
const list = document.getElementById("_keys");
const said = document.getElementById("_said");

// What is chosen is kept in this browser alone, and not at all where it may not.
function kept(name, value) {
  try {
    if (value === undefined) return localStorage.getItem("sijil." + name) ?? "";
    if (value) localStorage.setItem("sijil." + name, value);
    else localStorage.removeItem("sijil." + name);
  } catch {
    return "";
  }
}

// The theme. The colours of the browser's own bars follow it.
const bars = [...document.querySelectorAll("meta[name=theme-color]")].map((meta) => [meta, meta.media]);
function dress(theme) {
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
  for (const [meta, media] of bars) meta.media = !theme ? media : media.includes(theme) ? "all" : "not all";
}
const themes = tools.querySelector("select");
themes.value = document.documentElement.dataset.theme ?? "";
if (themes.value) dress(themes.value);
themes.addEventListener("change", () => {
  dress(themes.value);
  kept("theme", themes.value);
});
tools.querySelector("button").addEventListener("click", () => list.showModal());
tools.hidden = false;

// Shortcuts of one key: never while typing, and none when they are turned off
// (WCAG 2.1.4).
const wanted = list.querySelector("input");
wanted.checked = kept("keys") !== "off";
wanted.addEventListener("change", () => kept("keys", wanted.checked ? "" : "off"));

const items = () => [...document.querySelectorAll("li.entry, .record-row, .claims > li, .edition-list > li")];

function step(by) {
  const all = items();
  let at = all.findIndex((item) => item.contains(document.activeElement));
  if (at < 0) {
    // From where the reader has scrolled to; back from there is the one above.
    at = all.findIndex((item) => item.getBoundingClientRect().bottom > innerHeight / 5);
    if (at < 0) at = all.length;
    if (by > 0) at--;
  }
  const next = all[Math.min(Math.max(at + by, 0), all.length - 1)];
  if (!next) return;
  next.tabIndex = -1;
  next.focus();
  next.scrollIntoView();
}

function search() {
  const field = document.getElementById("_q");
  if (field) field.select();
  else location.href = document.querySelector(".brand").href + "incidents#_q";
}
if (location.hash === "#_q") document.getElementById("_q")?.focus();

const shortcuts = { j: () => step(1), k: () => step(-1), "/": search, "?": () => list.showModal() };
// Keys of an Arabic keyboard, by their place.
const places = { KeyJ: "j", KeyK: "k", Slash: "/", "Shift Slash": "?" };

addEventListener("keydown", (event) => {
  if (!wanted.checked || document.querySelector("dialog[open]") || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest?.("input, select, textarea, [contenteditable]")) return;
  let key = event.key;
  if (/^[\u0600-\u06ff]/.test(key)) key = places[(event.shiftKey ? "Shift " : "") + event.code];
  if (!Object.hasOwn(shortcuts, key ?? "")) return;
  event.preventDefault();
  shortcuts[key]();
});

// Permalinks. What is shown later (by the filter of a timeline) is asked for anew, and
// may be before this was done once.
function addCopies() {
  if (!navigator.clipboard) return;
  for (const link of document.querySelectorAll(":is(.entry > .meta, .claims > li > p:first-child) > a:first-child:not(:has(+ .copy))")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.title = tools.dataset.copy;
    button.setAttribute("aria-label", tools.dataset.copy + " " + link.textContent);
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(link.href);
      } catch {
        location.hash = link.hash; // to be copied from the address bar
        return;
      }
      said.textContent = tools.dataset.copied;
      button.classList.add("is-done");
      setTimeout(() => {
        said.textContent = "";
        button.classList.remove("is-done");
      }, 2000);
    });
    link.after(" ", button);
  }
}
// Not needed at once: the page is drawn and read first, but a browser that is never
// idle must not keep them back.
(window.requestIdleCallback ?? setTimeout)(addCopies, { timeout: 1000 });
addEventListener("sijil:shown", addCopies);

// Buttons that copy what they name are there only where this works.
function offerCopies(part, tell) {
  if (!navigator.clipboard) return;
  for (const button of part.querySelectorAll("[data-copy]:is(button)")) {
    const source = document.getElementById(button.dataset.copy);
    button.hidden = false;
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(source.textContent);
      } catch {
        getSelection().selectAllChildren(source); // to be copied by hand
        return;
      }
      tell.textContent = button.dataset.copied;
    });
  }
}
offerCopies(document, said);

// How a record is shared is a page of its own, shown in a dialog. Where that fails,
// its link does what links do.
async function share(address, dialog) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(answer.status);
  const main = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("main");
  // The page below may have parts of the same names.
  for (const name of ["id", "for", "aria-labelledby", "data-copy"]) {
    for (const part of main.querySelectorAll(`[${name}]`)) part.setAttribute(name, "_share" + part.getAttribute(name));
  }
  const title = main.querySelector("h1");
  const heading = document.createElement("h2");
  heading.id = "_share-h";
  heading.textContent = title.textContent;
  dialog.setAttribute("aria-labelledby", heading.id);
  for (const head of main.querySelectorAll("section h2")) {
    const lower = document.createElement("h3");
    lower.append(...head.childNodes);
    lower.id = head.id;
    head.replaceWith(lower);
  }
  const tell = said.cloneNode();
  tell.removeAttribute("id");
  const form = main.querySelector("form");
  form.querySelector("button").remove();
  form.addEventListener("change", async ({ target }) => {
    const chosen = form.getAttribute("action") + "?" + new URLSearchParams(new FormData(form));
    await share(chosen, dialog).catch(() => location.assign(chosen));
    document.getElementById(target.id)?.focus();
  });
  dialog.replaceChildren(heading, form, ...main.querySelectorAll("section"), tell, list.querySelector("form").cloneNode(true));
  if (!dialog.open) {
    document.body.append(dialog);
    dialog.showModal();
  }
  offerCopies(dialog, tell);
}
for (const link of document.querySelectorAll("[aria-labelledby=_share] a")) {
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    const dialog = document.createElement("dialog");
    dialog.addEventListener("close", () => dialog.remove());
    share(link.href, dialog).catch(() => location.assign(link.href));
  });
}
