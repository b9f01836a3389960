// A thread of ten thousand messages in a real browser: it opens at its end, is read page by page, and never stands in the way of typing.
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '#test/support/poll.ts';
import { startWorkspace } from '#test/support/workspace.ts';
import type { Workspace } from '#test/support/workspace.ts';

const MESSAGES = 10_000;
/** No more cards than a few screens hold. */
const WINDOW = 60;

let workspace: Workspace;
let ticketId: number;
beforeAll(async () => {
  workspace = await startWorkspace();
  ticketId = await workspace.mail({ subject: 'A very long story', text: 'The last word' });
  const { sql } = workspace.desk;
  await sql`
    insert into messages (ticket_id, kind, state, author_contact_id, body, from_address, created_at)
    select t.id, 'inbound', 'received', t.requester_id,
      'Message ' || n || repeat(E'\nmore of it', n % 7), 'ann@customer.test',
      t.created_at - make_interval(secs => 60 * (${MESSAGES} + 1 - n))
    from tickets t, generate_series(1, ${MESSAGES}) n where t.id = ${ticketId}`;
});
afterAll(async () => {
  expect(workspace.faults).toEqual([]);
  await workspace.stop();
});

/** Numbers of the messages that stand in the page, from top to bottom. */
const shown = (page: Page): Promise<number[]> =>
  page.evaluate(() =>
    [...document.querySelectorAll('[data-testid=timeline] [data-kind]')]
      .map((card) => ({
        top: card.getBoundingClientRect().top,
        number: Number(/Message (\d+)/.exec(card.textContent ?? '')?.[1]),
      }))
      .toSorted((one, other) => one.top - other.top)
      .map(({ number }) => number)
      .filter((number) => !Number.isNaN(number)),
  );

/** Types a sentence; answers the longest task that stood in its way, in ms. */
async function longestWhileTyping(page: Page, words: string): Promise<number> {
  await page.evaluate(() => {
    const seen: number[] = [];
    const observer = new PerformanceObserver((list) =>
      seen.push(...list.getEntries().map(({ duration }) => duration)),
    );
    observer.observe({ type: 'longtask' });
    Object.assign(window, { longTasks: seen });
  });
  await page.locator('.tiptap').click();
  await page.keyboard.type(words, { delay: 15 });
  return await page.evaluate(() =>
    Math.max(0, ...(window as unknown as { longTasks: number[] }).longTasks),
  );
}

it('a thread of 10,000 messages opens at its end, keeps a window of them in the page, and typing works', async () => {
  const page = await workspace.open(`/tickets/${ticketId}`, { userId: workspace.desk.adminId });
  await page.getByTestId('timeline').getByText('The last word').waitFor();
  await eventually(async () => expect((await shown(page)).at(-1)).toBe(MESSAGES));
  await page.locator('.tiptap').waitFor();
  const longest = await longestWhileTyping(page, 'We have read all of it.');
  console.log(`longest task while typing, newest page loaded: ${Math.round(longest)} ms`);
  expect(await page.locator('.tiptap').textContent()).toBe('We have read all of it.');
  expect((await shown(page)).length).toBeLessThan(WINDOW);
  // Older ones come by themselves, in order, and what is read stays where it is.
  const wanted = MESSAGES - 1_000;
  await page.getByTestId('timeline').hover();
  await eventually(async () => {
    await page.mouse.wheel(0, -6_000);
    const numbers = await shown(page);
    expect(numbers.length).toBeLessThan(WINDOW);
    expect(numbers).toEqual(numbers.map((_, index) => (numbers[0] ?? 0) + index));
    expect(numbers[0]).toBeLessThan(wanted);
  }, 60_000);
  const again = await longestWhileTyping(page, ' Twice.');
  console.log(`longest task while typing, 1,000 messages loaded: ${Math.round(again)} ms`);
  expect(await page.locator('.tiptap').textContent()).toContain('Twice.');
  // What happens now costs one question, not one for every page, and moves nobody who reads further up.
  const before = await shown(page);
  let asked = 0;
  page.on('request', (request) => {
    if (request.url().includes('/timeline')) asked += 1;
  });
  const mentions = [await workspace.desk.addUser('Cleo')];
  await workspace.desk.call('POST', `/api/v1/tickets/${ticketId}/notes`, {
    ...{ body: 'Noted.', mentions },
  });
  await page.getByText(/^Named in notes: /).waitFor();
  expect(asked).toBeLessThan(4);
  expect(await shown(page)).toEqual(before);
  await page.getByRole('button', { name: 'Newest' }).click();
  await page.getByTestId('timeline').getByText('Noted.').waitFor();
});

it('what happens while older messages are being loaded is not missed', async () => {
  const page = await workspace.open(`/tickets/${ticketId}`, { userId: workspace.desk.adminId });
  await eventually(async () => expect((await shown(page)).at(-1)).toBe(MESSAGES));
  const held: (() => void)[] = [];
  // The newest page comes late, as from a busy desk; older ones come at once.
  await page.route(/\/timeline\?(?!.*cursor=)/, async (route) => {
    await new Promise<void>((resolve) => held.push(resolve));
    await route.continue();
  });
  await workspace.desk.call('POST', `/api/v1/tickets/${ticketId}/notes`, { body: 'Also noted.' });
  await eventually(() => expect(held.length).toBeGreaterThan(0));
  await page.getByTestId('timeline').hover();
  await eventually(async () => {
    await page.mouse.wheel(0, -6_000);
    const top = await page.getByTestId('timeline').evaluate((one) => one.scrollTop);
    expect(top).toBeLessThan(700);
  });
  await page.waitForTimeout(500);
  for (const release of held) release();
  await page.getByRole('button', { name: 'Newest' }).click();
  await page.getByTestId('timeline').getByText('Also noted.').waitFor();
});
