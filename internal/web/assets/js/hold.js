// countDown keeps the words of a kept time true, warns two minutes before its
// end and offers to extend. The server sent the words of every state.
export function countDown(box) {
  // The end is counted from when the page came: clocks of phones may be wrong.
  const end = performance.now() + Number(box.dataset.holdLeft) * 1000;
  const words = box.querySelector("[data-hold-words]");
  const status = box.querySelector("[role=status]");
  const extend = box.querySelector("[data-hold-extend]");
  let told = "";

  const tell = (state, text) => {
    if (told === state) return;
    told = state;
    status.textContent = text;
  };
  const tick = () => {
    const left = Math.max(0, Math.round((end - performance.now()) / 1000));
    if (left === 0) {
      box.classList.add("soon");
      words.textContent = box.dataset.textOver;
      tell("over", box.dataset.textOver);
      if (extend) extend.hidden = true;
      box.querySelector("[data-hold-again]")?.removeAttribute("hidden");
      return;
    }
    if (left <= 120) {
      box.classList.add("soon");
      if (extend) extend.hidden = false;
      const minutes = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
      words.textContent = box.dataset.textSoon.replace("{left}", minutes);
      tell("soon", box.dataset.textWarn);
    } else {
      if (extend) extend.hidden = true;
      words.textContent = box.dataset.textLeft.replace("{left}", String(Math.ceil(left / 60)));
    }
    setTimeout(tick, 1000);
  };
  tick();
}
