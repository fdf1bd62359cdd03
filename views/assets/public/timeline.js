// Chooses what a timeline shows without loading the page anew: a choice is a
// link to the page that shows it, and what that page holds is put in the place of
// what is there, so that all of it agrees. The address says what is shown.
const said = document.getElementById("_said");
const pages = new Map();

function ask(address) {
  if (!pages.has(address)) {
    const asked = fetch(address).then(async (answer) => {
      if (!answer.ok) throw new Error(answer.statusText);
      return answer.text();
    });
    asked.catch(() => pages.delete(address));
    pages.set(address, asked);
  }
  return pages.get(address);
}

// What is chosen by, in the order in which it stands on the page.
const choices = () => [...document.querySelectorAll("#_timeline nav a, #_timeline .notice a")];
const bare = (link) => link.href.split("#")[0];

// Soon chosen, perhaps: then it is there at once.
document.addEventListener("pointerover", (event) => {
  const link = event.target.closest?.("#_timeline nav a");
  if (link) ask(bare(link)).catch(() => {});
});

document.addEventListener("click", async (event) => {
  const link = event.target.closest?.("a");
  if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  const at = choices().indexOf(link);
  if (at < 0) return;
  event.preventDefault();
  const address = bare(link);
  let text;
  try {
    text = await ask(address);
  } catch {
    location.href = link.href; // the browser says what is wrong
    return;
  }
  const next = new DOMParser().parseFromString(text, "text/html");
  if (!next.querySelector("#_timeline")) {
    location.href = link.href;
    return;
  }
  show(next, link, at);
  history.replaceState(history.state, "", address);
});

function show(next, link, at) {
  const from = link.getBoundingClientRect().top;
  const name = (fold) => fold.querySelector("summary")?.textContent;
  const open = new Set([...document.querySelectorAll("article details[open]")].map(name));
  for (const part of ["article", ".lang-switch"]) document.querySelector(part).replaceWith(next.querySelector(part));
  for (const fold of document.querySelectorAll("article details")) if (open.has(name(fold))) fold.open = true;
  dispatchEvent(new Event("sijil:shown"));
  // The reader stays where he is: on the same choice, at the same height.
  const same = choices()[at] ?? choices()[0];
  same.focus({ preventScroll: true });
  scrollBy({ top: same.getBoundingClientRect().top - from, behavior: "instant" });
  const count = document.querySelector("#_timeline > [role=status]") ?? document.querySelector("#_timeline .chip");
  said.textContent = "";
  setTimeout(() => (said.textContent = count.textContent), 100);
}
