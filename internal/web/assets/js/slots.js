// nameTime puts the chosen time on the button, and keeps the choice in view
// above it.
export function nameTime() {
  const button = document.querySelector("[data-continue]");
  if (!button) return;
  const name = () => {
    const chosen = document.querySelector("input[name=slot]:checked");
    if (chosen) button.querySelector("[data-words]").textContent = button.dataset.continue.replace("{time}", chosen.dataset.time);
  };
  document.addEventListener("change", (event) => {
    if (event.target.name !== "slot") return;
    name();
    event.target.scrollIntoView({ block: "nearest" });
  });
  name();
}
