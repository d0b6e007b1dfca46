// grow tells whoever comes back to a page that has been open for ten minutes
// that it is old. It takes nothing away: what is being typed stays.
export function grow(note) {
  if (!note) return;
  const old = 10 * 60 * 1000;
  const look = () => {
    if (performance.now() < old || !note.hidden) return;
    note.hidden = false;
    document.getElementById("main").prepend(note);
    document.querySelector("[data-as-of]").hidden = true;
  };
  document.addEventListener("visibilitychange", look);
  setInterval(look, 30000);
}
