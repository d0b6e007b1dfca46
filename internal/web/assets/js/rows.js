// walkRows lets j and k go to the next and the previous row of a list that has
// the focus, as the arrow keys cannot: they scroll.
export function walkRows(list) {
  const rows = [...list.querySelectorAll("tr[tabindex]")];
  list.addEventListener("keydown", (event) => {
    const step = { j: 1, k: -1 }[event.key];
    if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
    const here = rows.indexOf(document.activeElement);
    const next = here < 0 && step > 0 ? rows.find((r) => r.classList.contains("now")) || rows[0] : rows[here + step];
    next?.focus();
  });
}
