// Everything works without this file. It adds comfort: a guard against double
// submits, the countdown of a kept time, live progress, the browser's zone.
import { guardForms } from "./guard.js";
import { countDown } from "./hold.js";
import { refresh } from "./live.js";
import { fillZone } from "./zone.js";
import { nameTime } from "./slots.js";
import { walkRows } from "./rows.js";
import { grow } from "./stale.js";

guardForms();
fillZone();
nameTime();
grow(document.querySelector("[data-stale]"));
for (const box of document.querySelectorAll("[data-hold-until]")) countDown(box);
for (const box of document.querySelectorAll("[data-live]")) refresh(box);
for (const list of document.querySelectorAll("[data-rows]")) walkRows(list);

// Printing needs a script; without one the browser's own menu prints.
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", (event) => {
    event.preventDefault();
    print();
  });
}
