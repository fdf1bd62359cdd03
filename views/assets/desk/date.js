// Says how a date is understood while it is typed. An input with data-date has
// an output with data-understood, the name of the input. Without this script
// the page says so when the form is sent.

const pause = 250; // milliseconds without a keystroke before it asks
const lang = document.documentElement.lang;

const piece = (name, text, attributes = {}) => {
  const e = document.createElement(name);
  e.textContent = text;
  for (const [key, value] of Object.entries(attributes)) e.setAttribute(key, value);
  return e;
};

const show = (output, how) => {
  output.hidden = !how.text && !how.problem;
  output.classList.toggle("understood--bad", Boolean(how.problem));
  if (how.problem) {
    output.replaceChildren(piece("span", how.problem));
    return;
  }
  if (!how.text) return;
  const parts = [piece("strong", how.text)];
  if (how.precision) parts.push(piece("span", how.precision));
  if (how.edtf) parts.push(piece("bdi", how.edtf, { class: "hash" }));
  for (const o of how.others ?? []) parts.push(piece("span", o.text, { lang: o.lang, dir: o.lang === "ar" ? "rtl" : "ltr" }));
  if (how.assumed) parts.push(piece("span", how.assumed));
  output.replaceChildren(...parts);
};

// One listener for the page: fields that are added later are heard, too.
let timer = 0, asked = 0;
document.addEventListener("input", (event) => {
  const input = event.target;
  if (!(input instanceof HTMLInputElement) || !("date" in input.dataset)) return;
  const output = document.querySelector(`[data-understood="${CSS.escape(input.name)}"]`);
  if (!output) return;
  clearTimeout(timer);
  timer = setTimeout(async () => {
    const mine = ++asked;
    try {
      const answer = await fetch(`/${lang}/desk/dates?${new URLSearchParams({ typed: input.value })}`, { headers: { "X-Requested-With": "sijil" } });
      if (answer.ok && mine === asked) show(output, await answer.json());
    } catch {
      output.hidden = true; // the page says it when the form is sent
    }
  }, pause);
});
