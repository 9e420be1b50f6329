/* Scanners: codes from a keyboard wedge, one after the other, and what a scan sounds and feels like. */
"use strict";

(() => {
  const editable = (el) => el.matches?.("input:not([type=checkbox], [type=radio], [type=button], [type=submit], [type=file]), textarea, select, [contenteditable]");
  const scanBox = () => document.querySelector("[data-scan]");
  const SEPARATOR = "\x1d"; // between the parts of a GS1 code; a scanner types it as Ctrl+]

  /* --- a hardware scanner types fast and ends with Enter, wherever the focus is ------------------------
     Its speed is judged over the whole code: a browser that is busy for a moment may not cost it its head. */
  const PAUSE_MS = 500;
  const MEAN_GAP_MS = 60;
  const SHORTEST_SCAN = 4;
  const SAME_SCAN_MS = 400;
  let burst = "";
  let firstKey = 0;
  let lastKey = 0;
  let lastScan = { code: "", at: -SAME_SCAN_MS };
  let byKeys = true; // the last code came from a scanner or a keyboard, not from the camera

  document.addEventListener("keydown", (event) => {
    const separates = event.ctrlKey && event.key === "]";
    if (separates && event.target === scanBox()) {
      event.preventDefault();
      event.target.setRangeText(SEPARATOR, event.target.selectionStart, event.target.selectionEnd, "end");
      return;
    }
    if ((event.ctrlKey && !separates) || event.metaKey || event.altKey || editable(event.target)) return;
    if (event.timeStamp - lastKey > PAUSE_MS) burst = "";
    if (event.key === "Enter") {
      const scanned = burst.length >= SHORTEST_SCAN && lastKey - firstKey <= MEAN_GAP_MS * (burst.length - 1);
      if (scanned) {
        event.preventDefault(); // or the focused button would be pressed
        take(burst);
      }
      burst = "";
    } else if (event.key.length === 1) {
      if (!burst) firstKey = event.timeStamp;
      burst += separates ? SEPARATOR : event.key;
      lastKey = event.timeStamp;
    }
  });

  /* --- one code after the other --------------------------------------------------------------------------
     On a page with a scan box the answer replaces the last one; a code that comes while the server thinks waits its turn.
     On any other page the code is posted to the scan page: it may stand for a person, so it is in no address. */
  const waiting = [];
  let busy = false;

  function take(code, keys = true) {
    const now = performance.now();
    if (code === lastScan.code && now - lastScan.at < SAME_SCAN_MS) { // the scanner read it twice
      if (document.activeElement === scanBox()) scanBox().select(); // what comes next replaces it all the same
      return;
    }
    lastScan = { code, at: now };
    byKeys = keys;
    const box = scanBox() ?? document.querySelector("#scan-anywhere [name=code]") ?? document.querySelector("[data-search]");
    if (!box) return;
    if (box.form.hasAttribute("hx-post") && box === scanBox()) {
      box.value = code;
      box.select(); // what comes next replaces it
      waiting.push(code);
      next();
    } else {
      box.value = code;
      box.form.requestSubmit();
    }
  }
  document.addEventListener("toonbank:code", (event) => take(event.detail, false)); // the camera's

  async function next() {
    const form = scanBox()?.form;
    if (busy || !waiting.length || !form) return;
    busy = true;
    const code = waiting.shift();
    try {
      await htmx.ajax("POST", form.getAttribute("hx-post"), { source: form, target: form.getAttribute("hx-target"), swap: "innerHTML", values: { code } });
    } catch {
      feel("unknown"); // no connection: the message says so, the code is still in the box
      waiting.length = 0;
    }
    busy = false;
    next();
  }

  document.addEventListener("submit", (event) => {
    const box = event.target.querySelector("[data-scan]");
    if (!box || !event.target.hasAttribute("hx-post")) return;
    event.preventDefault();
    event.stopPropagation(); // htmx would drop the code before this one
    take(box.value.trim());
  }, true);

  /* --- after a scan: ready for the next one, heard and felt ----------------------------------------------- */
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.target.id !== "scanned") return;
    const box = scanBox();
    // After the camera the focus would raise the keyboard of a phone over the answer.
    if (box && byKeys && event.detail.requestConfig?.elt === box.form) {
      box.focus({ preventScroll: true });
      if (box.value === lastScan.code) box.select(); // the next one has not begun yet
    }
    feel(outcome());
  });
  document.addEventListener("htmx:beforeOnLoad", (event) => {
    if (event.detail.xhr.getResponseHeader("HX-Redirect") && event.target.querySelector("[data-scan]")) feel("found");
  });

  const outcome = () => document.querySelector("#scan-said [data-outcome]")?.dataset.outcome;

  /* Each note is [hertz, from second, for seconds]. High is good, low is not, two of anything is again. */
  const SOUNDS = {
    found: [[988, 0, 0.09]],
    again: [[988, 0, 0.06], [1319, 0.09, 0.09]],
    choice: [[659, 0, 0.09], [659, 0.14, 0.09]],
    unknown: [[196, 0, 0.16], [147, 0.18, 0.26]],
  };
  const BUZZES = { found: 40, again: [30, 40, 30], choice: [60, 60, 60], unknown: [160, 80, 160] };
  let speaker;

  function feel(word) {
    if (!SOUNDS[word] || isQuiet()) return;
    if (navigator.userActivation?.hasBeenActive !== false) navigator.vibrate?.(BUZZES[word]);
    speaker ??= new AudioContext();
    if (speaker.state === "suspended") speaker.resume(); // stays silent where the browser wants a touch first
    for (const [hertz, from, length] of SOUNDS[word]) {
      const tone = speaker.createOscillator();
      const volume = speaker.createGain();
      const start = speaker.currentTime + from;
      tone.frequency.value = hertz;
      tone.type = word === "unknown" ? "square" : "sine";
      volume.gain.setValueAtTime(0.12, start);
      volume.gain.exponentialRampToValueAtTime(0.001, start + length);
      tone.connect(volume).connect(speaker.destination);
      tone.start(start);
      tone.stop(start + length);
    }
  }

  /* --- sound on or off, kept for this person on this device -------------------------------------------------- */
  const switches = () => document.querySelectorAll("[data-sound]");
  const cookie = () => switches()[0]?.dataset.sound;
  const isQuiet = () => !cookie() || document.cookie.split("; ").includes(`${cookie()}=1`);

  function showSound() {
    for (const button of switches()) {
      button.hidden = false;
      button.setAttribute("aria-pressed", String(!isQuiet()));
    }
  }
  document.addEventListener("click", (event) => {
    if (!event.target.closest?.("[data-sound]")) return;
    const secure = location.protocol === "https:" ? "; secure" : "";
    document.cookie = `${cookie()}=1; path=/; samesite=lax${secure}; max-age=${isQuiet() ? 0 : 31536000}`;
    showSound();
    feel("found");
  });
  showSound();
  feel(outcome()); // an answer to a scan on another page
})();
