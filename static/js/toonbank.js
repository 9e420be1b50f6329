/* Toonbank's own script: focus, dialogs, messages. Every page works without it. */
"use strict";

(() => {
  const editable = (el) => el.matches?.("input:not([type=checkbox], [type=radio], [type=button], [type=submit]), textarea, select, [contenteditable]");
  const scanBox = () => document.querySelector("[data-scan]");
  const searchBox = () => document.querySelector("[data-search]");

  /* --- one key to the search box ------------------------------------------------------------------- */
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || !("singleKeys" in document.body.dataset)) return;
    if (event.ctrlKey || event.metaKey || event.altKey || editable(event.target)) return;
    const box = scanBox() ?? searchBox();
    if (!box) return;
    event.preventDefault();
    if (!box.checkVisibility()) {
      document.querySelector(".search-link")?.click(); // a narrow store bar has a page for it
      return;
    }
    box.focus();
    box.select();
  });

  /* --- messages ------------------------------------------------------------------------------------------ */
  const READING_MS = 10000;
  const fade = (flash) => {
    const go = () => (flash.matches(":hover, :focus-within") ? setTimeout(go, 2000) : flash.remove());
    setTimeout(go, READING_MS);
  };
  const fadeNew = () => {
    for (const flash of document.querySelectorAll(".flash[role=status]:not([data-fading])")) {
      flash.dataset.fading = "1";
      fade(flash);
    }
  };
  fadeNew();
  document.addEventListener("htmx:afterSettle", fadeNew);
  document.addEventListener("htmx:oobAfterSwap", (event) => {
    // A message that came with a swap: about a job that ended, for instance.
    for (const flash of event.detail.target.querySelectorAll(".flash[role=status]:not([data-fading])")) {
      flash.dataset.fading = "";
      fade(flash);
    }
  });

  function alertFlash(text) {
    const flash = document.getElementById("alert-template").content.firstElementChild.cloneNode(true);
    flash.querySelector("span").textContent = text;
    document.getElementById("flashes").append(flash);
  }

  document.addEventListener("htmx:sendError", () => alertFlash(document.body.dataset.offline));
  document.addEventListener("htmx:timeout", () => alertFlash(document.body.dataset.offline));
  // A form that comes back with what is wrong in it, or with what somebody else saved, is an answer and no failure.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr } = event.detail;
    if (![400, 409, 422].includes(xhr.status) || xhr.responseText.includes("data-error")) return;
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  });
  document.addEventListener("htmx:responseError", (event) => {
    // Error pages carry their explanation; a swap shows it where the person is.
    const page = new DOMParser().parseFromString(event.detail.xhr.responseText, "text/html");
    const said = [...page.querySelectorAll("[data-error] :is(h1, p)")].map((el) => el.textContent.trim()).filter(Boolean);
    alertFlash(said.map((text) => (/[.?!]$/.test(text) ? text : text + ".")).join(" ") || document.body.dataset.failed);
  });

  /* --- dialogs ----------------------------------------------------------------------------------------------- */
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target?.id === "dialog") event.detail.target.showModal(); // no target when history is restored
  });

  /* --- writing down: Ctrl or Cmd with Enter sends ---------------------------------------------------------- */
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || !event.target.matches?.("[data-send]")) return;
    event.preventDefault();
    event.target.form.requestSubmit();
  });

  /* --- a clock that runs: the conversation one is in ------------------------------------------------------- */
  const clocks = [...document.querySelectorAll("time[data-runs]")];
  if (clocks.length) {
    const opened = Date.now();
    const two = (n) => String(n).padStart(2, "0");
    setInterval(() => {
      for (const clock of clocks) {
        const seconds = Number(clock.dataset.runs) + Math.floor((Date.now() - opened) / 1000);
        const minutes = Math.floor(seconds / 60), hours = Math.floor(minutes / 60);
        clock.textContent = hours ? `${hours}:${two(minutes % 60)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
      }
    }, 1000);
  }

  /* --- clicks -------------------------------------------------------------------------------------------------- */
  document.addEventListener("click", (event) => {
    event.target.closest?.("[data-close-flash]")?.closest(".flash").remove();
    event.target.closest?.("[data-close-dialog]")?.closest("dialog").close();
    if (event.target.closest?.("[data-print]")) window.print();
    if (event.target.matches?.("dialog")) event.target.close(); // beside it
    for (const menu of document.querySelectorAll("details[data-menu][open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = event.target.closest?.("details[data-menu][open]");
    if (!menu) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });

  /* --- rows that are picked: how many, the whole page, from here to there with shift ------------------------------ */
  const boxes = (list) => [...list.querySelectorAll("td.pick input")];
  let lastPicked = null;

  function count(list) {
    const all = list.querySelector(".bulk-bar [name=all]");
    const picked = boxes(list).filter((box) => box.checked).length;
    const said = list.querySelector("[data-picked]");
    if (said) said.textContent = all?.checked ? all.dataset.total : picked;
    const page = list.querySelector("[data-pick-page]");
    page.checked = picked > 0 && picked === boxes(list).length;
    page.indeterminate = picked > 0 && !page.checked;
  }

  document.addEventListener("click", (event) => {
    const list = event.target.closest?.(".list-rows");
    if (!list || !event.target.matches("input[type=checkbox]")) return;
    const rows = boxes(list);
    if (event.target.matches("[data-pick-page]")) for (const box of rows) box.checked = event.target.checked;
    const at = rows.indexOf(event.target);
    if (at >= 0) {
      const from = event.shiftKey ? rows.indexOf(lastPicked) : -1;
      if (from >= 0) for (const box of rows.slice(Math.min(at, from), Math.max(at, from) + 1)) box.checked = event.target.checked;
      lastPicked = event.target;
    }
    count(list);
  });
  document.addEventListener("reset", (event) => {
    if (event.target.id === "bulk") setTimeout(() => count(event.target.closest(".list-rows")));
  });

  /* --- what was typed and not saved is not lost by leaving ---------------------------------------------------------- */
  document.addEventListener("input", (event) => {
    const form = event.target.closest?.("form.form[method=post], form.in-place");
    if (form) form.dataset.unsaved = "1";
  });
  document.addEventListener("submit", (event) => delete event.target.dataset.unsaved);
  /* Nor by a session that ended meanwhile: the form waits in this tab until its page is back from signing in. */
  const KEPT = "kept-form";
  const isKept = (field) => field.name && !field.disabled && !/^(hidden|password|file|submit|button|reset)$/.test(field.type);
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("form.form[method=post]") || document.querySelector(".entrance")) return;
    const fields = [...event.target.elements].filter(isKept).map((field) => [field.name, /^(checkbox|radio)$/.test(field.type) ? field.checked : field.value, field.value]);
    sessionStorage.setItem(KEPT, JSON.stringify({ at: location.pathname + location.search, fields }));
  });
  if (!document.querySelector(".entrance")) {
    const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
    sessionStorage.removeItem(KEPT);
    const form = document.querySelector("form.form[method=post]");
    if (kept && form && kept.at === location.pathname + location.search && document.referrer.includes("/account/")) {
      for (const [name, value, own] of kept.fields) {
        const field = [...form.elements].find((each) => each.name === name && (typeof value !== "boolean" || each.value === own));
        if (!field) continue;
        if (typeof value === "boolean") field.checked = value;
        else field.value = value;
      }
      form.dataset.unsaved = "1";
      alertFlash(document.body.dataset.restored);
    }
  }
  window.addEventListener("beforeunload", (event) => {
    if (document.querySelector("form[data-unsaved]")) event.preventDefault(); // the browser asks
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") event.target.closest?.(".in-place")?.querySelector("[data-cancel]").click();
  });

  /* --- steppers count here, at the speed of a thumb; without script the server counts ------------------------------- */
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("button[data-step]");
    if (!button) return;
    event.preventDefault();
    const field = button.closest(".stepper").querySelector("input");
    const most = field.max === "" ? Infinity : Number(field.max);
    const next = (Number(field.value.replace(",", ".")) || 0) + Number(button.dataset.step);
    field.value = String(Math.min(Math.max(next, 0), most));
    field.dispatchEvent(new Event("change", { bubbles: true }));
  });

  /* --- a button that works says so, and works once ---------------------------------------------------------------- */
  document.addEventListener("submit", (event) => {
    const menu = event.target.querySelector("details[data-menu][open]");
    if (menu) menu.open = false;
    if (event.target.method !== "post" || event.target.hasAttribute("hx-post") || "download" in event.target.dataset) return;
    if (event.target.dataset.sent) {
      event.preventDefault();
      return;
    }
    event.target.dataset.sent = "1";
    event.submitter?.setAttribute("aria-busy", "true");
  });
  window.addEventListener("pageshow", () => {
    // Back from the next page, straight out of memory: the form may be sent again.
    for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
    for (const button of document.querySelectorAll("[aria-busy=true]")) button.removeAttribute("aria-busy");
  });

  /* --- focus goes with the content: htmx keeps it where an id survives, the rest is for us -------------------------- */
  const WANTS_FOCUS = "[data-focus], .in-place :is(input:not([type=hidden]), select, textarea), [data-fact] a[hx-get]";
  document.addEventListener("htmx:afterSettle", (event) => {
    if (document.activeElement && document.activeElement !== document.body) return;
    const target = event.detail.elt;
    const place = target?.matches?.(WANTS_FOCUS) ? target : target?.querySelector?.(WANTS_FOCUS);
    place?.focus({ preventScroll: true });
  });
})();
