// States that people meet: a desk with nothing in it, what one may not see or do, names that are far too long, writing from right to
// left, a page at twice its size; and every page there is, on the narrowest phone.
import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { axeFaults } from '#test/support/axe.ts';
import { PHONE, startWorkspace } from '#test/support/workspace.ts';
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

const call = (method: string, path: string, body?: unknown) =>
  workspace.desk.call(method, `/api/v1${path}`, body);
/** A word that no line breaks by itself. */
const WORD = 'Donaudampfschifffahrtsgesellschaftskapitänsmützenfabrikation';
const NOT_YOURS = 'This does not exist, or is not yours to see.';

/** What of a page is wider than its window. */
const tooWide = (page: Page) =>
  page.evaluate(() =>
    ['html', 'body', '#main', '#main > :not(.sr-only)'].filter((selector) => {
      const part = document.querySelector(selector);
      return part !== null && part.scrollWidth > part.clientWidth;
    }),
  );

describe('a desk with nothing in it', () => {
  it('says so in its lists, and shows noughts in its summary', async () => {
    const page = await workspace.open('/views/allOpen', { userId: annaId, size: PHONE });
    await page.getByText('Nothing waits here').waitFor();
    expect(await axeFaults(page)).toEqual([]);
    await page.goto(`${workspace.url}/summary`);
    await page.getByRole('link', { name: /^0 ?All open$/ }).waitFor();
  });
});

describe('what somebody may not', () => {
  it('see is the same page as what there never was', async () => {
    const { desk } = workspace;
    const userId = await desk.addUser('Owen', { ticketAccess: 'own' });
    const hidden = await workspace.mail({ subject: 'Of somebody else' });
    const page = await workspace.open(`/tickets/${hidden}`, { userId });
    await page.getByText(NOT_YOURS).waitFor();
    const seen = async (): Promise<string | undefined> =>
      // Its heading says the number that was asked for.
      (await page.getByRole('main').textContent())?.replace(/^Ticket \d+/, '');
    const refused = await seen();
    await page.goto(`${workspace.url}/tickets/999999`);
    await page.getByText(NOT_YOURS).waitFor();
    expect(await seen()).toBe(refused);
    await page.goto(`${workspace.url}/no/such/page`);
    await page.getByText(NOT_YOURS).waitFor();
  });

  it('do is not offered: with a read-only role there is no act on a ticket, and no key for one', async () => {
    const userId = await workspace.desk.addUser('Rita', { role: 'readOnly' });
    const id = await workspace.mail({ subject: 'Only to be read' });
    const page = await workspace.open(`/views/allOpen/tickets/${id}`, { userId });
    await page.getByTestId('timeline').getByText('Hello').waitFor();
    for (const key of ['r', 'i', 'e', 'c', 'x', 'm', 'h']) await page.keyboard.press(key);
    expect(await page.getByRole('dialog').count()).toBe(0);
    expect(await page.locator('.tiptap').count()).toBe(0);
    expect(await page.getByRole('button', { name: 'New ticket' }).count()).toBe(0);
    expect(await page.getByRole('checkbox').count()).toBe(0);
    expect(await page.getByRole('button', { name: 'Priority: Normal' }).isDisabled()).toBe(true);
    expect(await axeFaults(page)).toEqual([]);
    const article = page.getByRole('article', { name: 'Only to be read' });
    await article.getByRole('button', { name: 'More' }).click();
    const offered = await page.getByRole('menuitem').allTextContents();
    expect(offered).toHaveLength(3);
    const ticket = await call('GET', `/tickets/${id}`);
    expect(ticket).toMatchObject({ category: 'new', assigneeId: null });
  });
});

describe('writing of any kind', () => {
  it('far too long, or from right to left, stays within a phone', async () => {
    const long = await workspace.mail({
      ...{ from: `${WORD}${WORD} <long@customer.test>`, subject: `${WORD}${WORD}${WORD}` },
      text: `${WORD}${WORD}${WORD}${WORD}\n\nhttps://customer.test/${WORD}/${WORD}/${WORD}`,
    });
    const arabic = await workspace.mail({
      ...{ from: 'ليلى <layla@customer.test>', subject: 'الطابعة لا تعمل منذ التحديث الأخير' },
      text: 'مرحبا،\n\nالطابعة لا تعمل. هل يمكنكم المساعدة؟',
    });
    for (const size of [PHONE, { width: 640, height: 400 }]) {
      const page = await workspace.open(`/views/allOpen/tickets/${long}`, { userId: annaId, size });
      await page.getByTestId('timeline').getByText('https://').waitFor();
      expect(await tooWide(page)).toEqual([]);
      await page.goto(`${workspace.url}/views/allOpen/tickets/${arabic}`);
      const text = page.getByTestId('timeline').getByText('الطابعة');
      await text.waitFor();
      expect(await text.evaluate((one) => getComputedStyle(one).direction)).toBe('rtl');
      expect(await tooWide(page)).toEqual([]);
      await page.goto(`${workspace.url}/views/allOpen`);
      await page.locator(`[data-ticket="${long}"]`).waitFor();
      expect(await tooWide(page)).toEqual([]);
      await page.context().close();
    }
  });
});

/** Every address of ui/src/router.tsx, with something of a long name behind each id. */
async function addresses(): Promise<Record<string, string>> {
  const hours = { mon: [['09:00', '12:00']] };
  const teamId = (await call('POST', '/teams', { name: WORD, members: [{ userId: annaId }] }))[
    'id'
  ];
  const rule = { name: WORD, position: 0, assign: { teamId }, conditions: [] };
  const policy = { name: WORD, position: 0, conditions: [], goals: { close: { seconds: 3_600 } } };
  const made = {
    policyId: await call('POST', '/sla-policies', policy),
    calendarId: await call('POST', '/calendars', { name: WORD, timeZone: 'UTC', hours }),
    ruleId: await call('POST', '/routing-rules', rule),
    roleId: await call('POST', '/roles', { name: WORD, permissions: ['ticket.view'] }),
    replyId: await call('POST', '/canned-replies', { name: WORD, body: WORD }),
  };
  const settings = Object.fromEntries(
    ['/sla-policies', '/calendars', '/routing', '/routing/explain', '/teams', '/people', '/desk']
      .concat(['/mailboxes', '/incoming', '/pipelines', '/api-keys', '/audit-log'])
      .concat(['/roles', '/canned-replies', '/notifications'])
      .map((path) => [path, `/settings${path}`]),
  );
  const { items: pipelines } = await call('GET', '/pipelines');
  return {
    ...settings,
    ...{ '/': '/', '/settings': '/settings', '/account': '/account', '/summary': '/summary' },
    ...{ '/operations': '/operations', '/views/$viewId': '/views/allOpen' },
    '/tickets/$ticketId': `/tickets/${await workspace.mail({ subject: WORD })}`,
    '/sla-policies/$policyId': `/settings/sla-policies/${made.policyId['id']}`,
    '/calendars/$calendarId': `/settings/calendars/${made.calendarId['id']}`,
    '/routing/$ruleId': `/settings/routing/${made.ruleId['id']}`,
    '/roles/$roleId': `/settings/roles/${made.roleId['id']}`,
    '/canned-replies/$replyId': `/settings/canned-replies/${made.replyId['id']}`,
    '/teams/$teamId': `/settings/teams/${teamId}`,
    '/people/$userId': `/settings/people/${await workspace.desk.addUser(WORD)}`,
    '/mailboxes/$channelId': `/settings/mailboxes/${workspace.desk.channel.id}`,
    '/pipelines/$pipelineId': `/settings/pipelines/${pipelines[0].id}`,
    ...{ '/sign-in': '/sign-in', '/setup': '/setup?token=x', '/invite': '/invite?token=x' },
    ...{ '/forgot-password': '/forgot-password', '/reset-password': '/reset-password?token=x' },
  };
}

/** Their own tests look at them with axe, in light and dark, and with more on them than is here. */
const LOOKED_AT = new Set([
  ...['/', '/settings', '/views/$viewId', '/tickets/$ticketId', '/summary', '/operations'],
  ...['/routing', '/routing/$ruleId', '/routing/explain', '/teams', '/teams/$teamId', '/people'],
  ...['/people/$userId', '/mailboxes', '/mailboxes/$channelId', '/incoming', '/pipelines'],
  ...['/pipelines/$pipelineId', '/desk', '/api-keys', '/audit-log', '/roles', '/roles/$roleId'],
  ...['/sla-policies', '/sla-policies/$policyId', '/calendars', '/calendars/$calendarId'],
  ...['/canned-replies', '/canned-replies/$replyId', '/sign-in', '/notifications'],
]);

/** Pages before the door, for nobody who is signed in. */
const DOORS = new Set(['/sign-in', '/setup', '/invite', '/forgot-password', '/reset-password']);

it('every page there is fits the narrowest phone, and axe finds no fault in it, in light and dark', async () => {
  const router = await readFile(new URL('../../ui/src/router.tsx', import.meta.url), 'utf8');
  const paths = new Set([...router.matchAll(/path: '([^']+)'/g)].map(([, path]) => path ?? ''));
  const known = await addresses();
  expect([...paths].toSorted()).toEqual(Object.keys(known).toSorted());
  const inside = await workspace.open('/', { userId: workspace.desk.adminId, size: PHONE });
  const outside = await workspace.open('/sign-in', { size: PHONE });
  const faults: string[] = [];
  let dark = false;
  for (const [path, address] of Object.entries(known)) {
    const page = DOORS.has(path) ? outside : inside;
    // Half of the pages in each: the others have their own tests, which look at both.
    dark = !dark;
    await page.emulateMedia({ colorScheme: dark ? 'dark' : 'light' });
    await page.goto(workspace.url + address);
    const headed = page.getByRole('heading').first().waitFor();
    const found = await headed.then(
      (): string[] => [],
      () => ['has no heading'],
    );
    await page.getByRole('status', { name: 'Loading' }).first().waitFor({ state: 'detached' });
    found.push(...(await tooWide(page)).map((one) => `is wider than the window: ${one}`));
    if (!LOOKED_AT.has(path)) found.push(...(await axeFaults(page)));
    faults.push(...found.map((one) => `${path} ${one}`));
  }
  expect(faults).toEqual([]);
}, 240_000);
