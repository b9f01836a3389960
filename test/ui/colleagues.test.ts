// Two agents at one desk: what they see of each other in a ticket, and what the bell tells them, in real browsers.
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { axeFaults } from '#test/support/axe.ts';
import { callApi, makeToken } from '#test/support/desk.ts';
import { eventually } from '#test/support/poll.ts';
import { PHONE, startWorkspace } from '#test/support/workspace.ts';
import type { Workspace } from '#test/support/workspace.ts';

let workspace: Workspace;
let annaId: string;
let benId: string;
let benKey: string;
beforeAll(async () => {
  workspace = await startWorkspace();
  annaId = await workspace.desk.addUser('Anna');
  benId = await workspace.desk.addUser('Ben');
  benKey = await makeToken(workspace.desk.sql, benId, ['read', 'write']);
});
// Each begins with a bell that is silent.
beforeEach(async () => {
  await workspace.desk.sql`update notifications set read_at = now() where read_at is null`;
});
afterAll(async () => {
  expect(workspace.faults).toEqual([]);
  await workspace.stop();
});

const byBen = (method: string, path: string, body: object) =>
  callApi(workspace.desk.app, benKey, { method, path: `/api/v1${path}`, body });
const mentionAnna = (id: number) =>
  byBen('POST', `/tickets/${id}/notes`, { body: 'Anna, have a look', mentions: [annaId] });
const composer = (page: Page) => page.locator('.tiptap');
const bell = (page: Page, unread: number) =>
  page.getByRole('navigation').getByRole('button', {
    name: unread === 0 ? 'Notifications' : `Notifications, ${unread} unread`,
    exact: true,
  });
/** Until the desk has no unread notice of Anna: a bell that has not counted yet shows none either. */
const allRead = () =>
  eventually(async () => {
    const rows = await workspace.desk.sql`
      select id from notifications where user_id = ${annaId} and read_at is null and bell`;
    expect(rows).toHaveLength(0);
  });
const notices = (page: Page) => page.getByRole('dialog', { name: 'Notifications' });
const others = (page: Page, words: string) =>
  page.getByRole('button', { name: words, exact: true });
/** As if the reader went to another tab, or came back. */
const hide = (page: Page, hidden: boolean) =>
  page.evaluate(
    (state) => {
      Object.defineProperty(document, 'visibilityState', { value: state, configurable: true });
      Object.defineProperty(document, 'hidden', { value: state === 'hidden', configurable: true });
      document.dispatchEvent(new Event('visibilitychange'));
    },
    hidden ? 'hidden' : 'visible',
  );

describe('two agents in one ticket', () => {
  it('see each other come, write, stop, look elsewhere, come back and go', async () => {
    const id = await workspace.mail({ subject: 'Looked at by two' });
    const anna = await workspace.open(`/views/allOpen/tickets/${id}`, { userId: annaId });
    const ben = await workspace.open(`/tickets/${id}`, { userId: benId });
    await others(anna, 'Ben is viewing').waitFor();
    await others(ben, 'Anna is viewing').waitFor();
    await composer(ben).click();
    await ben.keyboard.type('Dear Ann');
    await others(anna, 'Ben is writing').waitFor();
    const collision = anna.getByRole('status').getByText('Ben is writing on this ticket too.');
    await collision.waitFor();
    expect(await axeFaults(anna)).toEqual([]);
    await ben.keyboard.press('Control+a');
    await ben.keyboard.press('Delete');
    await others(anna, 'Ben is viewing').waitFor();
    await collision.waitFor({ state: 'detached' });
    await hide(ben, true);
    await anna.getByTestId('others').waitFor({ state: 'detached' });
    await hide(ben, false);
    await others(anna, 'Ben is viewing').waitFor();
    await ben.goto(`${workspace.url}/views/allClosed`);
    await anna.getByTestId('others').waitFor({ state: 'detached' });
    expect(
      (await workspace.desk.call('GET', `/api/v1/tickets/${id}/presence`))['people'],
    ).toMatchObject([{ name: 'Anna' }]);
    await Promise.all([anna.context().close(), ben.context().close()]);
  });

  it('are told of a reply that the other sent while they were writing, and keep their words', async () => {
    const id = await workspace.mail({ subject: 'Answered by two' });
    const anna = await workspace.open(`/tickets/${id}`, { userId: annaId });
    await anna.getByTestId('timeline').getByText('Hello').waitFor();
    await composer(anna).click();
    await anna.keyboard.type('I will');
    await eventually(async () =>
      expect(
        (await workspace.desk.call('GET', `/api/v1/tickets/${id}/presence`))['people'],
      ).toMatchObject([{ name: 'Anna', state: 'typing' }]),
    );
    await byBen('POST', `/tickets/${id}/replies`, { body: 'Already done' });
    const line = anna.getByRole('status').getByText('Ben has written since you began.');
    await line.waitFor();
    expect(await composer(anna).textContent()).toBe('I will');
    await anna.keyboard.type(' too');
    await anna.keyboard.press('Control+Enter');
    await anna.getByTestId('timeline').getByText('I will too').waitFor();
    await line.waitFor({ state: 'detached' });
    await anna.context().close();
  });
});

describe('the bell', () => {
  it('counts a mention at once, opens its ticket by keyboard alone and has nothing unread then', async () => {
    const [one, two] = [
      await workspace.mail({ subject: 'Asked about' }),
      await workspace.mail({ subject: 'Asked as well' }),
    ];
    const anna = await workspace.open('/views/allOpen', { userId: annaId });
    await bell(anna, 0).waitFor();
    await mentionAnna(one);
    await bell(anna, 1).waitFor();
    expect(await anna.title()).toBe('(1) Holdfast');
    await anna.keyboard.press('g');
    await anna.keyboard.press('b');
    const first = notices(anna).getByRole('link', { name: /Asked about.*Ben mentioned you/ });
    await first.waitFor();
    await mentionAnna(two);
    await notices(anna)
      .getByRole('link', { name: /Asked as well/ })
      .waitFor();
    expect(await axeFaults(anna)).toEqual([]);
    // The focus is where it was, on what has moved to the second place.
    await anna.keyboard.press('ArrowUp');
    await anna.keyboard.press('e');
    await anna.locator('[aria-label="Notifications, 1 unread"]').first().waitFor();
    await anna.keyboard.press('ArrowDown');
    await anna.keyboard.press('Enter');
    await anna.waitForURL(`**/tickets/${one}`);
    await bell(anna, 0).waitFor();
    await mentionAnna(two);
    await bell(anna, 1).waitFor();
    await anna.goto(`${workspace.url}/views/allOpen/tickets/${two}`);
    await allRead();
    await bell(anna, 0).waitFor();
    await anna.context().close();
  });

  it('is at hand on a phone, all marked as read by one tap, in the dark as well', async () => {
    const id = await workspace.mail({ subject: 'For the phone' });
    await mentionAnna(id);
    const anna = await workspace.open('/views/allOpen', {
      ...{ userId: annaId, size: PHONE, dark: true },
    });
    await anna.getByRole('button', { name: 'Notifications, 1 unread' }).click();
    await notices(anna)
      .getByRole('link', { name: /For the phone/ })
      .waitFor();
    expect(await axeFaults(anna)).toEqual([]);
    expect(await anna.evaluate(() => document.documentElement.scrollWidth)).toBe(PHONE.width);
    await notices(anna).getByRole('button', { name: 'Mark all as read' }).click();
    await notices(anna).getByRole('button', { name: 'Unread' }).click();
    await notices(anna).getByText('All read').waitFor();
    await notices(anna).getByRole('button', { name: 'Close' }).click();
    await anna.getByRole('button', { name: 'Notifications', exact: true }).waitFor();
    await anna.context().close();
  });
});

describe('the settings of notices', () => {
  it('keep a topic away that was switched off, and go back when the desk refuses', async () => {
    const anna = await workspace.open('/account', { userId: annaId });
    const tick = (way: string) =>
      anna.getByRole('checkbox', { name: `Somebody mentions me: ${way}` });
    await anna.route('**/notification-settings', (route) =>
      route.request().method() === 'PUT'
        ? route.fulfill({ status: 500, json: { detail: 'Not now.', code: 'internal' } })
        : route.fallback(),
    );
    await tick('Bell').click();
    await anna.getByText('Not now.').waitFor();
    await eventually(async () => expect(await tick('Bell').isChecked()).toBe(true));
    await anna.unroute('**/notification-settings');
    // One at the heels of the other: neither takes the other back.
    for (const way of ['Bell', 'Browser']) await tick(way).click();
    await eventually(async () => {
      const [row] = await workspace.desk.sql`
        select bell, browser, email from notification_settings where user_id = ${annaId} and topic = 'mentioned'`;
      expect(row).toEqual({ bell: false, browser: false, email: false });
    });
    expect(await axeFaults(anna)).toEqual([]);
    const [mentioned, given] = [
      await workspace.mail({ subject: 'Not to be told of' }),
      await workspace.mail({ subject: 'To be told of' }),
    ];
    await mentionAnna(mentioned);
    await byBen('PATCH', `/tickets/${given}`, { assigneeId: annaId });
    await bell(anna, 1).click();
    await notices(anna)
      .getByRole('link', { name: /To be told of/ })
      .waitFor();
    expect(await notices(anna).getByText('Not to be told of').count()).toBe(0);
    await anna.keyboard.press('Escape');
    await anna.getByRole('button', { name: 'Somebody mentions me: as everybody has it' }).click();
    await eventually(async () => expect(await tick('Bell').isChecked()).toBe(true));
    await anna.context().close();
  });

  it('let the browser tell of it when it was asked for here, while nobody looks, and its click opens the ticket', async () => {
    const anna = await workspace.open('/account', { userId: annaId });
    await anna.addInitScript(() => {
      const shown: { title: string; body: string; click: () => void }[] = [];
      class Recorded {
        static permission = 'default';
        static requestPermission(): Promise<string> {
          Recorded.permission = 'granted';
          return Promise.resolve('granted');
        }
        private readonly entry: (typeof shown)[number];
        constructor(title: string, { body = '' }: { body?: string } = {}) {
          this.entry = { title, body, click: () => undefined };
          shown.push(this.entry);
        }
        addEventListener(_type: string, click: () => void): void {
          this.entry.click = click;
        }
        close(): void {}
      }
      Object.assign(window, { Notification: Recorded, shown });
    });
    await anna.reload();
    await anna.getByRole('switch', { name: 'Show notifications of the browser' }).click();
    await anna
      .getByRole('switch', { name: 'Show notifications of the browser', checked: true })
      .waitFor();
    const [seen, missed] = [
      await workspace.mail({ subject: 'While she looks' }),
      await workspace.mail({ subject: 'While she is away' }),
    ];
    await mentionAnna(seen);
    await bell(anna, 1).waitFor();
    await hide(anna, true);
    await mentionAnna(missed);
    const shown = () =>
      anna.evaluate(() =>
        (window as unknown as { shown: { title: string; body: string }[] }).shown.map(
          ({ title, body }) => `${title}: ${body}`,
        ),
      );
    await eventually(async () => expect(await shown()).toHaveLength(1));
    expect(await shown()).toEqual([`#${missed} While she is away: Ben mentioned you in a note`]);
    await hide(anna, false);
    await anna.evaluate(() =>
      (window as unknown as { shown: { click: () => void }[] }).shown[0]?.click(),
    );
    await anna.waitForURL(`**/tickets/${missed}`);
    await bell(anna, 1).waitFor();
    await anna.context().close();
  });

  it('is shown by the service worker where there is one, as phones need it: once for all tabs, and a click opens its ticket', async () => {
    const anna = await workspace.open('/account', { userId: annaId, worker: true });
    // By locks one tab keeps the other away; without them the notice itself has to be the same one.
    await anna.context().addInitScript(() => {
      Reflect.deleteProperty(Navigator.prototype, 'locks');
      const { prototype } = ServiceWorkerRegistration;
      const show = Reflect.get(prototype, 'showNotification');
      prototype.showNotification = async function told(...notice) {
        await show.apply(this, notice);
        document.documentElement.dataset['told'] = 'yes';
      };
    });
    await anna.reload();
    await anna.getByRole('switch', { name: 'Show notifications of the browser' }).click();
    await anna.evaluate(async () => await navigator.serviceWorker.ready);
    const other = await anna.context().newPage();
    await other.goto(`${workspace.url}/views/allOpen`);
    for (const tab of [anna, other]) {
      await bell(tab, 0).waitFor({ state: 'attached' });
      await hide(tab, true);
    }
    const id = await workspace.mail({ subject: 'While she is on the move' });
    await mentionAnna(id);
    const shown = () =>
      anna.evaluate(async () => {
        const registration = await navigator.serviceWorker.ready;
        const all = await registration.getNotifications();
        return all.map(({ title, body, data }) => ({ title, body, data: data as unknown }));
      });
    for (const tab of [anna, other])
      await tab.locator('html[data-told]').waitFor({ state: 'attached' });
    expect(await shown()).toEqual([
      {
        title: `#${id} While she is on the move`,
        body: 'Ben mentioned you in a note',
        data: { address: `/tickets/${id}` },
      },
    ]);
    await other.close();
    const loads: string[] = [];
    anna.on('request', (one) => one.isNavigationRequest() && loads.push(one.url()));
    await clickNotice(anna);
    await anna.waitForURL(`**/tickets/${id}`);
    expect(loads).toEqual([]);
    expect(await shown()).toEqual([]);
  });

  it('opens the desk anew at its ticket when no page of the desk is left', async () => {
    const anna = await workspace.open('/account', { userId: annaId, worker: true });
    await anna.getByRole('switch', { name: 'Show notifications of the browser' }).click();
    await anna.evaluate(async () => await navigator.serviceWorker.ready);
    await bell(anna, 0).waitFor();
    await hide(anna, true);
    const id = await workspace.mail({ subject: 'After she has closed it' });
    await mentionAnna(id);
    await bell(anna, 1).waitFor();
    const [worker] = anna.context().serviceWorkers();
    await eventually(async () =>
      expect(
        await worker?.evaluate(async () => {
          const { registration } = self as unknown as { registration: ServiceWorkerRegistration };
          return (await registration.getNotifications()).length;
        }),
      ).toBe(1),
    );
    await anna.goto('about:blank');
    expect(await clickNotice(anna)).toEqual([`/tickets/${id}`]);
  });
});

/** What a click on the one notice does in the service worker; answers the addresses it would open: a browser opens none for a test's click. */
async function clickNotice(page: Page): Promise<string[]> {
  const [worker] = page.context().serviceWorkers();
  if (worker === undefined) throw new Error('There is no service worker.');
  return await worker.evaluate(async () => {
    const scope = self as unknown as {
      registration: ServiceWorkerRegistration;
      clients: { openWindow: (url: string) => Promise<null> };
      NotificationEvent: new (type: string, of: { notification?: Notification }) => Event;
    };
    const opened: string[] = [];
    scope.clients.openWindow = (url) => {
      opened.push(url);
      return Promise.resolve(null);
    };
    const [notification] = await scope.registration.getNotifications();
    const click = new scope.NotificationEvent('notificationclick', {
      ...(notification === undefined ? {} : { notification }),
    });
    const done: Promise<unknown>[] = [];
    Object.assign(click, { waitUntil: (one: Promise<unknown>) => done.push(one) });
    self.dispatchEvent(click);
    await Promise.all(done);
    return opened;
  });
}
