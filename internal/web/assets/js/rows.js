// walkRows lets j and k, and the arrow keys once a row has the focus, go to the
// next and the previous row of a list; Enter opens the row, and the focus is on
// it again when its page is there.
export function walkRows(list) {
  const rows = [...list.querySelectorAll("tr[tabindex]")];
  if (location.hash && matchMedia("(pointer: fine)").matches) rows.find((r) => r.classList.contains("chosen"))?.focus({ preventScroll: true });
  list.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const here = rows.indexOf(document.activeElement);
    if (event.key === "Enter" && here >= 0) rows[here].querySelector("a[data-open]")?.click();
    const arrow = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (arrow && here < 0) return; // without a row they scroll
    const step = { j: 1, k: -1 }[event.key] || arrow;
    if (!step) return;
    if (arrow) event.preventDefault();
    const next = here < 0 && step > 0 ? rows.find((r) => r.classList.contains("now")) || rows[0] : rows[here + step];
    next?.focus();
  });
}
