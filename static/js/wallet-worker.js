/* A card that opens without reception: from the network when there is one, else as it was last seen.
   Only the wallet page and its looks are kept. A card whose link was stopped is forgotten. */
const KEPT = "card-1";

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("message", (event) => {
  const addresses = (event.data.keep || []).filter((address) => new URL(address).origin === self.location.origin);
  event.waitUntil(caches.open(KEPT).then((kept) => Promise.all(addresses.map((address) => kept.add(address)))));
});

self.addEventListener("fetch", (event) => {
  if (event.request.method !== "GET") return;
  event.respondWith(
    fetch(event.request)
      .then(async (answer) => {
        const kept = await caches.open(KEPT);
        if (await kept.match(event.request)) {
          if (answer.ok) await kept.put(event.request, answer.clone());
          else if ([404, 410].includes(answer.status)) await kept.delete(event.request);
        }
        return answer;
      })
      .catch(async () => (await caches.match(event.request)) || Response.error()),
  );
});
