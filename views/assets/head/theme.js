// The theme that a reader chose, before anything is drawn: each page has this text
// in its head, for a file would have to be waited for. Without a choice, a script
// or a store, the page follows the system.
try {
  const theme = localStorage["sijil.theme"];
  if (theme) document.documentElement.dataset.theme = theme;
} catch {
  // The store may be closed to pages.
}
