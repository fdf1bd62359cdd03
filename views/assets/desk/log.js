// Looks for incidents that may be the same while one is being logged. Without
// this script the page looks for them when the form is sent.

const pause = 500; // milliseconds without a keystroke before it asks
const form = document.querySelector("form[data-duplicates-from]");
const box = form?.querySelector("[data-duplicates]");
let timer = 0, asked = 0, last = "";

const show = ({ heading = "", items }) => {
  const title = document.createElement("h2");
  title.className = "desk-h2";
  title.textContent = heading;
  const list = document.createElement("ul");
  for (const item of items) {
    const link = document.createElement("a");
    Object.assign(link, { href: item.href, textContent: item.title, lang: item.lang, dir: item.dir });
    const note = document.createElement("span");
    note.className = "muted small";
    note.textContent = item.note;
    const line = document.createElement("li");
    line.append(link, " ", note);
    list.append(line);
  }
  box.hidden = items.length === 0;
  // Said again only when something else is found.
  if (box.innerText !== title.textContent + list.textContent) box.replaceChildren(title, list);
};

const ask = async () => {
  const fields = new FormData(form);
  const query = new URLSearchParams();
  for (const name of ["title", "institution", "date", "url"]) {
    const value = fields.get(name);
    if (typeof value === "string" && value.trim()) query.set(name, value.trim());
  }
  if (String(query) === last) return;
  last = String(query);
  const mine = ++asked;
  try {
    const answer = await fetch(`${form.dataset.duplicatesFrom}?${query}`, { headers: { "X-Requested-With": "sijil" } });
    if (answer.ok && mine === asked) show(await answer.json());
  } catch {
    last = ""; // the next keystroke tries again
  }
};

form?.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(ask, pause);
});
