// guardForms lets a form go out once; coming back to the page frees it again.
// A stuck button frees itself too: the server answers repeats the same way.
export function guardForms() {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post") return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "1";
    const button = event.submitter;
    if (button) button.setAttribute("aria-disabled", "true");
    setTimeout(() => free(form), 10000);
  });
  addEventListener("pageshow", (event) => {
    if (event.persisted) document.querySelectorAll("form[data-sent]").forEach(free);
  });
}

function free(form) {
  delete form.dataset.sent;
  form.querySelectorAll("[aria-disabled]").forEach((b) => b.removeAttribute("aria-disabled"));
}
