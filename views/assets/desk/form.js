// Keeps what is typed into a form while it is typed, and sends a form only once.
// Without this script the form works the same: it is kept when it is sent.

const quiet = 1500; // milliseconds without a keystroke before it is kept

for (const form of document.querySelectorAll("form[data-autosave]")) {
  const state = form.querySelector("[data-autosave-state]");
  let timer = 0;
  let dirty = false;
  let sending = false;

  const body = () => {
    const fields = new URLSearchParams();
    for (const [name, value] of new FormData(form)) {
      if (typeof value === "string") fields.append(name, value);
    }
    fields.set("place", form.dataset.place);
    return fields;
  };

  const keep = async () => {
    if (!dirty || sending) return;
    dirty = false;
    try {
      const answer = await fetch(form.dataset.autosave, {
        method: "POST", body: body(), headers: { "X-Requested-With": "sijil" }, keepalive: true,
      });
      const said = await answer.json();
      if (answer.status === 503) dirty = true; // it is kept here until it can be kept there
      if (state) state.textContent = said.saved ?? said.error ?? "";
    } catch {
      dirty = true; // the next keystroke tries again
    }
  };

  form.addEventListener("input", () => {
    dirty = true;
    clearTimeout(timer);
    timer = setTimeout(keep, quiet);
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") keep();
  });
  form.addEventListener("submit", () => {
    sending = true;
    clearTimeout(timer);
  });
}

// A second click on a button while the first is on its way sends nothing.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
});
// Back in the history the page is as it was left: it may be sent again.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

document.querySelector(".error-summary")?.focus();
