/* Picking: a tap counts at once and is saved behind it, one after the other, so that no tap waits for the one before.
   What travels is how many pieces of a line were taken in all; without this script the buttons say the same. */
"use strict";

(() => {
  const waiting = new Map(); // what to save still: line -> pieces in all, or "everything"
  let saving = false;
  let pressed = false; // a finger is down: what it is on must not be replaced under it
  let thenReady = false;

  const page = () => document.getElementById("pick");
  const formOf = (line) => page()?.querySelector(`form[data-line="${line}"]`);
  const language = document.documentElement.lang;

  function show(form, picked) {
    form.dataset.picked = String(picked);
    form.closest(".pick-line").querySelector("[data-shown]").textContent = picked.toLocaleString(language);
  }

  function tap(button) {
    if (button.dataset.take === "everything") {
      waiting.clear();
      for (const form of page().querySelectorAll("form[data-line]")) show(form, Number(form.dataset.wanted));
      waiting.set("everything", "1");
    } else {
      const form = button.form;
      const wanted = Number(form.dataset.wanted);
      const step = { less: -1, more: 1 }[button.dataset.take];
      const picked = step ? Number(form.dataset.picked) + step : Number(button.value);
      const most = "more" in form.dataset ? Infinity : wanted; // what came in may be more than was said
      const kept = Math.min(Math.max(picked, 0), most);
      show(form, kept);
      waiting.delete(form.dataset.line); // the newest last
      waiting.set(form.dataset.line, String(kept));
    }
    save(button.form.action, button.form.elements.csrfmiddlewaretoken.value);
  }

  function send(address, token, [what, picked]) {
    const body = new URLSearchParams(what === "everything" ? { everything: "1" } : { line: what, picked });
    const headers = { "HX-Request": "true", "HX-Current-URL": location.href, "X-CSRFToken": token };
    return fetch(address, { method: "POST", body, headers, keepalive: true }); // it outlives the page
  }

  async function save(address, token) {
    if (saving) return;
    saving = true;
    while (waiting.size) {
      const next = waiting.entries().next().value;
      waiting.delete(next[0]);
      let answer;
      let text = "";
      try {
        answer = await send(address, token, next);
        text = await answer.text();
      } catch {
        takeBack();
        document.dispatchEvent(new CustomEvent("htmx:sendError")); // said as any swap that failed
        break;
      }
      if (answer.headers.has("HX-Redirect")) {
        location.href = answer.headers.get("HX-Redirect");
        return;
      }
      if (!answer.ok) {
        takeBack();
        document.dispatchEvent(new CustomEvent("htmx:responseError", { detail: { xhr: { responseText: text } } }));
        break;
      }
      if (next[0] !== "everything" && formOf(next[0])) formOf(next[0]).dataset.saved = next[1];
      while (pressed) await new Promise((go) => setTimeout(go, 50));
      // Drawn when nothing waits: an older answer would undo what was tapped since.
      if (!waiting.size) htmx.swap("#pick", text, { swapStyle: "outerHTML" });
    }
    saving = false;
    if (thenReady) page().querySelector("form[data-after-saving]")?.requestSubmit();
    thenReady = false;
  }

  /* What could not be saved is not shown as if it were. */
  function takeBack() {
    waiting.clear();
    for (const form of page()?.querySelectorAll("form[data-line]") ?? []) show(form, Number(form.dataset.saved));
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("#pick button[data-take]");
    if (!button) return;
    event.preventDefault();
    tap(button);
  });
  document.addEventListener("submit", (event) => {
    if (!saving || !event.target.matches("[data-after-saving]")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    thenReady = true;
  }, true);
  document.addEventListener("pointerdown", () => { pressed = true; }, true);
  for (const kind of ["pointerup", "pointercancel"]) {
    document.addEventListener(kind, () => setTimeout(() => { pressed = false; }, 50), true); // its click comes after
  }
  window.addEventListener("pagehide", () => {
    const form = page()?.querySelector("form[data-line]");
    if (!form) return;
    for (const next of waiting) send(form.action, form.elements.csrfmiddlewaretoken.value, next);
    waiting.clear();
  });
})();
