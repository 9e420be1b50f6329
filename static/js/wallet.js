/* Keeps the wallet page on the phone. Without a script, or where it may not, the page is simply loaded each time. */
const worker = document.currentScript.dataset.worker;

if ("serviceWorker" in navigator && window.isSecureContext) {
  navigator.serviceWorker
    .register(worker, { scope: worker.replace(/[^/]*$/, "") })
    .then(() => navigator.serviceWorker.ready)
    .then((registration) => {
      const looks = [...document.querySelectorAll("link[rel=stylesheet], link[rel=icon]")].map((link) => link.href);
      registration.active.postMessage({ keep: [location.href, ...looks] });
      document.querySelector("[data-kept]").hidden = false;
    })
    .catch(() => {});
}
