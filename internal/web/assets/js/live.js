// refresh fetches the page again and puts its own part in place of the old one,
// until the server no longer marks it live. Slower while nobody looks.
export function refresh(box) {
  let wait = 1000;
  const again = async () => {
    try {
      const answer = await fetch(location.href, { headers: { "X-Live": "1" }, cache: "no-store" });
      if (answer.redirected || !answer.ok) throw new Error(String(answer.status));
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.getElementById(box.id);
      if (!fresh) return;
      if (fresh.innerHTML !== box.innerHTML) box.replaceChildren(...fresh.childNodes);
      if (!fresh.hasAttribute("data-live")) return;
      wait = 1000;
    } catch {
      wait = Math.min(wait * 2, 30000);
    }
    setTimeout(again, document.hidden ? wait * 5 : wait);
  };
  setTimeout(again, wait);
}
