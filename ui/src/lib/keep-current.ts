// The workspace after an update of the desk: the service worker fetches what is new, and a page that is older than the files it asks for
// is loaded anew. Nothing typed is lost by that: it is kept as it is typed.

const LOOK_EVERY_MS = 60 * 60_000;
const RELOADED = 'holdfast.reloadedAt';
const ONCE_IN_MS = 60_000;

/** Keeps the page in step with the desk for as long as it is open. */
export function keepCurrent(): void {
  window.addEventListener('vite:preloadError', (event) => {
    // A part that does not come at all is told of as any fault; without this it would be loaded for ever.
    const last = Number(sessionStorage.getItem(RELOADED) ?? 0);
    if (!navigator.onLine || Date.now() - last < ONCE_IN_MS) return;
    event.preventDefault();
    sessionStorage.setItem(RELOADED, String(Date.now()));
    location.reload();
  });
  if (!('serviceWorker' in navigator)) return;
  void navigator.serviceWorker.register('/sw.js').then(
    (registration) => {
      // Browsers look by themselves when a page is loaded; a workspace stays open for days.
      setInterval(() => void registration.update().catch(() => undefined), LOOK_EVERY_MS);
    },
    () => undefined,
  );
}
