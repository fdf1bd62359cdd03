// The theme that a reader chose, before anything is drawn: in the head, and no
// module, for modules come after the first paint. Without a choice, a script or
// a store, the page follows the system.
try {
  const theme = localStorage.getItem("sijil.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // The store may be closed to pages.
}
