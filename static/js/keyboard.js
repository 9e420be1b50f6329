/* Shortcuts of single keys, for those who want them. A scanner types letters too, so nothing happens before a pause. */
"use strict";

(() => {
  if (!("singleKeys" in document.body.dataset)) return;
  const PAUSE_MS = 150; // longer than between two letters of a scanner
  const SECOND_MS = 1500; // how long a "g" waits for its letter
  const LONGEST = 2; // more letters without a pause are not somebody's shortcut
  // A box in a dialog that was just closed has the focus for a moment longer.
  const typing = (el) => el.checkVisibility?.() && el.closest("input:not([type=checkbox], [type=radio], [type=button], [type=submit]), textarea, select, [contenteditable]");
  let pending = "";
  let waiting = 0;
  let going = -Infinity; // when a "g" was pressed

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || document.querySelector("dialog[open]")) return;
    clearTimeout(waiting);
    if (event.key === "Enter" || event.key === "Escape") pending = "";
    if (event.key === "ArrowRight" && !event.repeat) actOf(event.key)?.click();
    if (event.key.length !== 1) return;
    pending += event.key;
    // A busy browser may be behind with its keys: those that wait come before the second of these.
    waiting = setTimeout(() => (waiting = setTimeout(typed, 0)), PAUSE_MS);
  });

  /** Somebody stopped typing. */
  function typed() {
    const keys = pending;
    pending = "";
    // What changes something takes one press, and a pause before the next.
    const act = keys.length === 1 && performance.now() - going >= SECOND_MS && actOf(keys);
    if (act) {
      act.click();
      if (act.matches("summary")) act.parentElement.querySelector("select, button")?.focus();
    }
    else if (keys.length <= LONGEST || /^(j+|k+)$/.test(keys)) for (const key of keys) press(key);
  }

  /** What a key does on this page only. */
  const actOf = (key) => [...document.querySelectorAll("main [data-key]")].find((el) => el.dataset.key === key && el.checkVisibility());

  function press(key) {
    const wasGoing = performance.now() - going < SECOND_MS;
    going = -Infinity;
    if (wasGoing) document.querySelector(`.rail a[data-go="${CSS.escape(key)}"]`)?.click();
    else if (key === "g") going = performance.now();
    else if (key === "?") document.getElementById("open-keyboard")?.click();
    else if (key === "j") onwards("walk-next", 1);
    else if (key === "k") onwards("walk-previous", -1);
    else if (key === "x") here()?.querySelector("input[type=checkbox]")?.click();
  }

  const rows = () => [...document.querySelectorAll("main .data-table > tbody > tr")].filter((row) => row.querySelector("a[href]"));
  const here = () => document.activeElement?.closest(".data-table > tbody > tr");

  /** On a page opened from a list: to the one beside it there. On a list: to the row beside this one. */
  function onwards(link, step) {
    if (document.querySelector(".walk")) document.getElementById(link)?.click();
    else toRow(step);
  }

  function toRow(step) {
    const all = rows();
    const next = all[all.indexOf(here()) + step] ?? (here() ? null : all[0]);
    next?.querySelector("a[href]").focus();
  }
})();
