/* The camera as a scanner, where the browser can read bar codes itself. Elsewhere a photo goes to the server. */
"use strict";

(async () => {
  const button = document.querySelector("[data-camera]");
  const dialog = document.getElementById("camera");
  if (!button || !dialog || !("BarcodeDetector" in window) || !navigator.mediaDevices?.getUserMedia) return;
  const known = await BarcodeDetector.getSupportedFormats();
  const formats = ["ean_13", "ean_8", "upc_a", "itf", "code_128", "code_39", "qr_code", "data_matrix"].filter((name) => known.includes(name));
  if (!formats.includes("ean_13")) return;

  const LOOK_EVERY_MS = 120;
  const video = dialog.querySelector("video");
  const said = dialog.querySelector("[role=status]");
  const detector = new BarcodeDetector({ formats });
  let stream = null;

  button.hidden = false;
  for (const photo of document.querySelectorAll("[data-photo]")) photo.hidden = true;

  button.addEventListener("click", async () => {
    said.textContent = said.dataset.aim;
    dialog.showModal();
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: 1280 } }, audio: false });
    } catch {
      said.textContent = said.dataset.refused;
      return;
    }
    if (!dialog.open) return stop(); // closed while the browser asked
    video.srcObject = stream;
    await video.play();
    look();
  });

  async function look() {
    if (!stream) return;
    const codes = await detector.detect(video).catch(() => []);
    if (!stream) return;
    if (!codes.length) {
      setTimeout(look, LOOK_EVERY_MS);
      return;
    }
    dialog.close();
    document.dispatchEvent(new CustomEvent("toonbank:code", { detail: codes[0].rawValue }));
  }

  function stop() {
    for (const track of stream?.getTracks() ?? []) track.stop();
    stream = null;
    video.srcObject = null;
  }
  dialog.addEventListener("close", stop);
  window.addEventListener("pagehide", stop);
  document.addEventListener("visibilitychange", () => document.hidden && dialog.open && dialog.close());
})();
