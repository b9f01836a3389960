// Lists that change under the eyes of whoever works in them: right in the end, and steady meanwhile.
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '#test/support/poll.ts';
import { startWorkspace } from '#test/support/workspace.ts';
import type { Workspace } from '#test/support/workspace.ts';

let workspace: Workspace;
let annaId: string;
beforeAll(async () => {
  workspace = await startWorkspace();
  annaId = await workspace.desk.addUser('Anna');
});
afterAll(async () => {
  expect(workspace.faults).toEqual([]);
  await workspace.stop();
});

const TICKETS = 45;
/** The oldest stay as they are, so that the row in use has some below it. */
const CHANGED = 28;
const ROUNDS = ['high', 'urgent', 'low', 'normal', 'high', 'urgent'];

/** Does something for each, a few at once. */
async function forEach(
  ids: readonly number[],
  work: (id: number) => Promise<unknown>,
): Promise<void> {
  const left = [...ids];
  const lane = async (): Promise<void> => {
    for (let id = left.pop(); id !== undefined; id = left.pop()) await work(id);
  };
  await Promise.all(Array.from({ length: 6 }, lane));
}

/** Where the row that is in use stands on the screen, and whether it has the focus. */
const placeOf = (page: Page, id: number) =>
  page.evaluate((wanted) => {
    const row = document.querySelector(`[data-ticket="${wanted}"]`);
    return {
      top: row?.getBoundingClientRect().top ?? null,
      focused: row?.contains(document.activeElement) ?? false,
    };
  }, id);

/** The tickets of the list as they stand on the screen. */
const shownIn = (page: Page) =>
  page.evaluate(() => {
    const topOf = (row: HTMLElement): number => row.getBoundingClientRect().top;
    return [...document.querySelectorAll<HTMLElement>('[data-ticket]')]
      .toSorted((one, other) => topOf(one) - topOf(other))
      .map((row) => Number(row.dataset['ticket']));
  });

it('two hundred changes leave order and counts right, and the row in use where it is, with its focus', async () => {
  const { desk } = workspace;
  const numbers = Array.from({ length: TICKETS }, (_, index) => index);
  // One sender of so many would be taken for a machine.
  await forEach(numbers, (index) =>
    workspace.mail({ subject: `Ticket ${index}`, from: `c${index}@customer.test` }),
  );
  const inOrder = async (): Promise<number[]> => {
    const { items } = await desk.call('GET', '/api/v1/tickets?view=allOpen&limit=100');
    expect(items.every(({ version }: { version: number }) => version > 0)).toBe(true);
    return items.map(({ id }: { id: number }) => id);
  };
  const first = await eventually(inOrder, 60_000);
  expect(first).toHaveLength(TICKETS);
  const page = await workspace.open('/views/allOpen', { userId: annaId });
  const list = page.getByTestId('ticket-list');
  await list.getByRole('listitem').nth(5).waitFor();
  const used = Number(await list.locator('[data-ticket]').nth(4).getAttribute('data-ticket'));
  await list.locator(`[data-ticket="${used}"] button`).focus();
  const before = await placeOf(page, used);
  const moved: unknown[] = [];
  let changing = true;
  const watched = (async () => {
    while (changing) {
      const now = await placeOf(page, used);
      if (now.top !== before.top || !now.focused) moved.push(now);
    }
  })();
  const changed = first.filter((id) => id !== used).slice(0, CHANGED);
  for (const priority of ROUNDS)
    await forEach(changed, (id) => desk.call('PATCH', `/api/v1/tickets/${id}`, { priority }));
  const closed = changed.filter((_, index) => index % 3 === 0);
  await forEach(changed, (id) =>
    desk.call(
      'PATCH',
      `/api/v1/tickets/${id}`,
      closed.includes(id) ? { status: 'closed' } : { priority: 'normal' },
    ),
  );
  const left = TICKETS - closed.length;
  await page
    .getByRole('navigation')
    .getByRole('link', { name: `All open ${left}` })
    .waitFor();
  await eventually(async () => {
    const wanted = await inOrder();
    const shown = await shownIn(page);
    const from = wanted.indexOf(shown[0] ?? 0);
    expect(shown).toEqual(wanted.slice(from, from + shown.length));
  });
  changing = false;
  await watched;
  expect(moved.slice(0, 3)).toEqual([]);
}, 180_000);

it('a stream that died without a word is noticed, and all that was missed is fetched', async () => {
  const id = await workspace.mail({ subject: 'Asleep', from: 'night@customer.test' });
  const page = await workspace.open('/sign-in', { userId: annaId });
  await page.clock.install();
  let streams = 0;
  await page.route('**/api/v1/events*', async (route) => {
    streams += 1;
    // The first one stays silent for ever, as after a night with the lid closed.
    if (streams > 1) await route.continue();
  });
  await page.goto(`${workspace.url}/views/allOpen/tickets/${id}`);
  await page.getByRole('button', { name: 'Priority: Normal' }).waitFor();
  await workspace.desk.call('PATCH', `/api/v1/tickets/${id}`, { priority: 'urgent' });
  const late = await workspace.mail({ subject: 'Came in the night', from: 'owl@customer.test' });
  await page.clock.fastForward('10:00');
  await page.getByRole('button', { name: 'Priority: Urgent' }).waitFor();
  await page.locator(`[data-ticket="${late}"]`).waitFor();
  expect(streams).toBeGreaterThan(1);
});

/** Holds what a page asks for at an address until it is let go; `asked` comes true when it asks. */
async function hold(page: Page, address: string, answersFirst: boolean) {
  let letGo = (): void => undefined;
  const free = new Promise<void>((resolve) => (letGo = resolve));
  let isAsked = false;
  await page.route(
    address,
    async (route) => {
      // What was answered before the change comes after it.
      const response = answersFirst ? await route.fetch() : undefined;
      isAsked = true;
      await free;
      await (response === undefined ? route.continue() : route.fulfill({ response }));
    },
    { times: 1 },
  );
  return { letGo, asked: () => eventually(() => expect(isAsked).toBe(true)) };
}

it('what happens between the first answers and the first word of the stream is not missed', async () => {
  const page = await workspace.open('/sign-in', { userId: annaId });
  const stream = await hold(page, '**/api/v1/events*', false);
  await page.goto(`${workspace.url}/views/allOpen`);
  await page.getByTestId('ticket-list').getByRole('listitem').first().waitFor();
  await stream.asked();
  const id = await workspace.mail({ subject: 'In between', from: 'gap@customer.test' });
  await eventually(async () => {
    const { version } = await workspace.desk.call('GET', `/api/v1/tickets/${id}`);
    expect(version).toBeGreaterThan(0);
  });
  expect(await page.locator(`[data-ticket="${id}"]`).count()).toBe(0);
  stream.letGo();
  await page.locator(`[data-ticket="${id}"]`).waitFor();
});

it('what happens while a page is loaded for the first time is not missed', async () => {
  const id = await workspace.mail({ subject: 'Slow to load', from: 'slow@customer.test' });
  const page = await workspace.open('/views/allOpen', { userId: annaId });
  await page.locator(`[data-ticket="${id}"]`).waitFor();
  const first = await hold(page, `**/api/v1/tickets/${id}/timeline?*`, true);
  await page.locator(`[data-ticket="${id}"] button`).click();
  await first.asked();
  await page.getByRole('button', { name: 'Priority: Normal' }).waitFor();
  const before = await heardOf(page, id);
  await workspace.desk.call('POST', `/api/v1/tickets/${id}/notes`, { body: 'Just now.' });
  await eventually(async () => expect(await heardOf(page, id)).toBeGreaterThan(before));
  first.letGo();
  await page.getByTestId('timeline').getByText('Just now.').waitFor();
});

/** The context of a ticket is asked for at each of its changes: what was asked says that the page has heard. */
const heardOf = (page: Page, id: number): Promise<number> =>
  page.evaluate(
    (path) =>
      performance.getEntriesByType('resource').filter(({ name }) => name.includes(path)).length,
    `/api/v1/tickets/${id}/context`,
  );

const bellOf = (page: Page, unread: number) =>
  page
    .getByRole('navigation')
    .getByRole('button', { name: `Notifications, ${unread} unread`, exact: true });
const COUNT = '**/api/v1/notifications/unread-count';

it('a notice is counted that comes before the stream’s first word, and no older answer takes it back', async () => {
  const id = await workspace.mail({ subject: 'Mentioned', from: 'bell@customer.test' });
  const mention = () =>
    workspace.desk.call('POST', `/api/v1/tickets/${id}/notes`, {
      ...{ body: 'Anna, look', mentions: [annaId] },
    });
  const page = await workspace.open('/sign-in', { userId: annaId });
  const stream = await hold(page, '**/api/v1/events*', false);
  const counted = page.waitForResponse(COUNT);
  await page.goto(`${workspace.url}/views/allOpen`);
  await counted;
  await stream.asked();
  await mention();
  // The number asked for at the first word is answered before the next notice, and comes after it.
  const older = await hold(page, COUNT, true);
  stream.letGo();
  await older.asked();
  await mention();
  await bellOf(page, 2).waitFor();
  const newer = page.waitForResponse(COUNT);
  older.letGo();
  await newer;
  // Whatever an answer changes is on the screen two frames later.
  await page.evaluate(
    () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))),
  );
  expect(await bellOf(page, 2).count()).toBe(1);
});
