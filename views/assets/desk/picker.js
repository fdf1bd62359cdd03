// Makes a combobox (WAI-ARIA 1.2, list autocomplete) of each picker: a fieldset
// with data-picker, the name of its fields, and data-type, what is looked for.
// What is chosen stands as boxes in its [data-chosen]; the search field's name
// ends in ".find". Without this script the search is done when the form is sent.

const pause = 150; // milliseconds without a keystroke before it asks
const lang = document.documentElement.lang;

const element = (name, attributes = {}, ...children) => {
  const e = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) e.setAttribute(key, value);
  e.append(...children);
  return e;
};

const pickers = new WeakSet();

const enhance = (box) => {
  const input = box.querySelector('input[name$=".find"]');
  const chosen = box.querySelector("[data-chosen]");
  if (!input || !chosen || pickers.has(box)) return;
  pickers.add(box);
  const path = box.dataset.picker;
  const multi = "multi" in box.dataset;
  const list = element("ul", { role: "listbox", id: path + "-options", class: "picker-options", "aria-label": box.querySelector("legend")?.textContent ?? "" });
  const status = element("p", { role: "status", class: "sr-only" });
  list.hidden = true;
  input.removeAttribute("list");
  input.after(list, status);
  for (const [key, value] of Object.entries({
    role: "combobox", autocomplete: "off", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id,
  })) input.setAttribute(key, value);

  let timer = 0, asked = 0, active = -1;
  const options = () => [...list.children];

  const close = () => {
    list.hidden = true;
    active = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };

  const mark = (n) => {
    const all = options();
    if (!all.length) return;
    active = (n + all.length) % all.length;
    all.forEach((o, i) => o.setAttribute("aria-selected", String(i === active)));
    input.setAttribute("aria-activedescendant", all[active].id);
    all[active].scrollIntoView({ block: "nearest" });
  };

  const changed = () => box.dispatchEvent(new Event("input", { bubbles: true }));

  const choose = (option) => {
    const kind = multi ? "checkbox" : "radio";
    if (!multi) chosen.replaceChildren();
    const had = [...chosen.querySelectorAll("input")].find((i) => i.value === option.dataset.value);
    if (had) had.checked = true;
    else {
      const check = element("input", { type: kind, name: path, value: option.dataset.value });
      check.checked = true;
      const name = element("bdi", {}, option.dataset.label);
      const row = element("label", { class: "checkbox" }, check, element("span", {}, name));
      if (multi || !box.dataset.remove) chosen.append(row);
      else {
        const remove = element("button", { type: "button", class: "button button--quiet" }, box.dataset.remove);
        const line = element("div", { class: "picker-chosen" }, row, remove);
        remove.addEventListener("click", () => { line.remove(); input.focus(); changed(); });
        chosen.append(line);
      }
    }
    status.textContent = option.dataset.label;
    input.value = "";
    close();
    changed();
  };

  const show = (answer) => {
    const kept = options()[active]?.dataset.value;
    list.replaceChildren(...answer.options.map((o, i) => {
      const option = element("li", { role: "option", id: `${list.id}-${i}`, "aria-selected": "false", "data-value": o.value, "data-label": o.label },
        element("span", { lang: o.lang, dir: o.dir }, o.label));
      if (o.note) option.append(" ", element("small", { class: "muted" }, o.note));
      option.addEventListener("pointerdown", (event) => { event.preventDefault(); choose(option); });
      return option;
    }));
    active = -1;
    input.removeAttribute("aria-activedescendant");
    list.hidden = answer.options.length === 0;
    input.setAttribute("aria-expanded", String(!list.hidden));
    status.textContent = answer.status;
    // A late answer does not take away what the arrow keys have reached.
    const again = options().findIndex((o) => o.dataset.value === kept);
    if (again >= 0) mark(again);
  };

  const ask = async () => {
    const mine = ++asked;
    const query = new URLSearchParams({ type: box.dataset.type, q: input.value.trim() });
    try {
      const answer = await fetch(`/${lang}/desk/pick?${query}`, { headers: { "X-Requested-With": "sijil" } });
      if (answer.ok && mine === asked && document.activeElement === input) show(await answer.json());
    } catch {
      close(); // the form finds it when it is sent
    }
  };

  input.addEventListener("input", () => {
    clearTimeout(timer);
    if (input.value.trim() === "") { asked++; close(); status.textContent = ""; return; }
    timer = setTimeout(ask, pause);
  });
  input.addEventListener("blur", () => { asked++; clearTimeout(timer); close(); });
  // A key that did something here does nothing else: where its press comes
  // apart from its going down, Enter would still send the form.
  let used = false;
  input.addEventListener("keypress", (event) => { if (used) event.preventDefault(); });
  input.addEventListener("keyup", () => { used = false; });
  input.addEventListener("keydown", (event) => {
    used = false;
    const open = !list.hidden;
    switch (event.key) {
      case "ArrowDown":
        if (open) mark(active + 1); else ask();
        break;
      case "ArrowUp":
        if (open) mark(active < 0 ? -1 : active - 1); else ask();
        break;
      case "Home":
        if (!open || active < 0) return;
        mark(0);
        break;
      case "End":
        if (!open || active < 0) return;
        mark(-1);
        break;
      case "Enter":
        // With words in the field it never sends the form: an answer that came
        // late may have taken the mark away.
        if (open && active >= 0) choose(options()[active]);
        else if (input.value.trim() === "") return;
        else if (open) mark(0);
        else ask();
        break;
      case "Escape":
        if (!open) return;
        close();
        break;
      default:
        return;
    }
    used = true;
    event.preventDefault();
  });
};

export const enhanceAll = (root = document) => root.querySelectorAll("[data-picker]").forEach(enhance);
enhanceAll();
