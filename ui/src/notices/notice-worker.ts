// The service worker's part in notices: a click on one leads to its ticket, in a window of the desk that is open, else in a new one.
// It is built into a file that imports nothing, which sw.js takes in; the page's own types know nothing of a worker's.
import type { NoticeData, OpenNotice } from './outside.ts';

interface DeskWindow {
  url: string;
  focused: boolean;
  visibilityState: string;
  focus(): Promise<unknown>;
  navigate(url: string): Promise<unknown>;
  postMessage(message: unknown, transfer: Transferable[]): void;
}
interface NoticeClick extends Event {
  notification: Notification;
  waitUntil(done: Promise<unknown>): void;
}
interface NoticeWorker {
  clients: {
    matchAll(of: { type: 'window'; includeUncontrolled: true }): Promise<DeskWindow[]>;
    openWindow(url: string): Promise<unknown>;
  };
  addEventListener(type: 'notificationclick', act: (click: NoticeClick) => void): void;
}

/** How long a page has to answer: on a phone it may have slept. */
const PATIENCE_MS = 3_000;
const worker = self as unknown as NoticeWorker;

worker.addEventListener('notificationclick', (click) => {
  const { notification } = click;
  notification.close();
  click.waitUntil(lead((notification.data as NoticeData).address));
});

async function lead(address: string): Promise<void> {
  const all = await worker.clients.matchAll({ type: 'window', includeUncontrolled: true });
  const windows = all.filter(({ url }) => !new URL(url).pathname.startsWith('/api/'));
  const desk =
    windows.find(({ focused }) => focused) ??
    windows.find(({ visibilityState }) => visibilityState === 'visible') ??
    windows[0];
  if (desk === undefined) return void (await worker.clients.openWindow(address));
  // Brought to the front first: a page that sleeps would not answer. A browser that refuses still lets it be told.
  await desk.focus().catch(() => undefined);
  if (await takes(desk, address)) return;
  // Not within the desk, as before the door: it is loaded anew at the address, which asks to sign in.
  await desk.navigate(address).catch(() => worker.clients.openWindow(address));
}

/** Whether the page goes there by itself: without loading anew, so that nothing that stands in it is lost. */
function takes(desk: DeskWindow, address: string): Promise<boolean> {
  const { port1, port2 } = new MessageChannel();
  const message: OpenNotice = { openNotice: address };
  return new Promise((resolve) => {
    setTimeout(() => resolve(false), PATIENCE_MS);
    port1.onmessage = () => resolve(true);
    desk.postMessage(message, [port2]);
  });
}
