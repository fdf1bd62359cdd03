// Copies what a button names: the button is there only where this works.
for (const button of document.querySelectorAll("[data-copy]")) {
  const source = document.getElementById(button.dataset.copy);
  if (!source || !navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(source.textContent);
    } catch {
      getSelection().selectAllChildren(source); // to be copied by hand
      return;
    }
    const status = document.getElementById("_copied");
    if (status) status.textContent = button.dataset.copied;
  });
}
