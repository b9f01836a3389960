// What stands around the messages of a ticket, in a real browser: cards as a team wants them, moving it, why its deadlines moved.
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { axeFaults } from '#test/support/axe.ts';
import type { Json } from '#test/support/desk.ts';
import { eventually } from '#test/support/poll.ts';
import { startWorkspace } from '#test/support/workspace.ts';
import type { Workspace } from '#test/support/workspace.ts';

let workspace: Workspace;
let adminId: string;
let benId: string;
let nightTeam: string;
beforeAll(async () => {
  workspace = await startWorkspace();
  adminId = workspace.desk.adminId;
  benId = await workspace.desk.addUser('Ben');
  const team = await call('POST', '/teams', {
    ...{ name: 'Night', strategy: 'manual', members: [{ userId: benId }] },
  });
  nightTeam = team['id'];
});
afterAll(async () => {
  expect(workspace.faults).toEqual([]);
  await workspace.stop();
});

const call = (method: string, path: string, body?: unknown, expected?: number): Promise<Json> =>
  workspace.desk.call(method, `/api/v1${path}`, body, expected);
const ticketOf = (id: number): Promise<Json> => call('GET', `/tickets/${id}`);
const sidebar = (page: Page) => page.getByRole('complementary', { name: 'Details' });
/** The cards beside a ticket, from top to bottom. */
const cards = (page: Page) => sidebar(page).getByRole('heading', { level: 3 }).allTextContents();
describe('the cards beside a ticket', () => {
  it('are ordered by keyboard by whoever may change the desk, and stay so; axe finds nothing while they are', async () => {
    const id = await workspace.mail({ subject: 'Cards for everybody' });
    const page = await workspace.open(`/tickets/${id}`, { userId: adminId });
    await sidebar(page).getByRole('button', { name: 'Customise' }).click();
    const handle = page.getByRole('button', {
      name: 'Move Requester: drag, or use the arrow keys',
    });
    await handle.focus();
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('ArrowUp');
    await page.getByRole('button', { name: 'Remove Company', exact: true }).click();
    expect(await axeFaults(page)).toEqual([]);
    await page.getByRole('button', { name: 'Save' }).click();
    const wanted = ['Requester', 'Properties', 'SLA', 'Other tickets'];
    await eventually(async () => expect((await cards(page)).slice(0, 4)).toEqual(wanted));
    await page.reload();
    await sidebar(page).getByRole('heading', { name: 'Requester' }).waitFor();
    expect((await cards(page)).slice(0, 4)).toEqual(wanted);
  });

  it('of a team are made by an admin, seen by its agents alone, and nothing they could change', async () => {
    const id = await workspace.mail({ subject: 'Cards for the night' });
    await call('PATCH', `/tickets/${id}`, { assigneeId: benId });
    const page = await workspace.open(`/tickets/${id}`, { userId: adminId });
    await sidebar(page).getByRole('button', { name: 'Customise' }).click();
    await page.getByLabel('For whom').selectOption({ label: 'Night' });
    await page.getByLabel('Title').fill('The order');
    await page.getByRole('button', { name: 'Choose properties' }).click();
    await page.keyboard.type('orderNumber');
    await page.getByRole('option', { name: 'Add “orderNumber”' }).click();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('The cards are saved').waitFor();
    const ben = await workspace.open(`/tickets/${id}`, { userId: benId });
    await sidebar(ben).getByRole('heading', { name: 'The order' }).waitFor();
    expect(await sidebar(ben).getByRole('button', { name: 'Customise' }).count()).toBe(0);
    expect(await sidebar(page).getByRole('heading', { name: 'The order' }).count()).toBe(0);
    // A field of the desk's own is changed where it stands.
    await sidebar(ben).getByRole('button', { name: 'Edit: orderNumber' }).click();
    await ben.keyboard.type('A-1183');
    await ben.keyboard.press('Enter');
    await eventually(async () =>
      expect((await ticketOf(id))['fields']).toEqual({ orderNumber: 'A-1183' }),
    );
    await sidebar(ben).getByText('A-1183').waitFor();
  });
});

describe('a ticket', () => {
  it('is moved by keyboard after a look at what becomes of its SLA, and moved back with whoever had it', async () => {
    await call('POST', '/sla-policies', {
      ...{ name: 'By night', position: 0, calendarId: null, pauseStatuses: [], escalations: [] },
      conditions: [{ field: 'teamId', op: 'is', value: nightTeam }],
      ...{ goals: { firstReply: { seconds: 3_600 } }, appliesTo: 'newTickets' },
    });
    const id = await workspace.mail({ subject: 'On the wrong desk' });
    await call('PATCH', `/tickets/${id}`, { assigneeId: adminId });
    const page = await workspace.open(`/tickets/${id}`, { userId: benId });
    await page.getByTestId('timeline').getByText('Hello').waitFor();
    await page.keyboard.press('v');
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Team').selectOption({ label: 'Night' });
    await dialog.getByText('admin does not come along').waitFor();
    await dialog.getByText('By night').waitFor();
    expect(await axeFaults(page)).toEqual([]);
    // The desk's events may say that it has moved before the move itself is answered.
    await page.route(`**/tickets/${id}/move`, async (route) => {
      const response = await route.fetch();
      if (!route.request().postData()?.includes(nightTeam))
        return await route.fulfill({ response });
      await page.getByText('because Team is Night').first().waitFor({ state: 'attached' });
      await route.fulfill({ response });
    });
    await dialog.getByRole('button', { name: 'Move' }).click();
    await eventually(async () =>
      expect(await ticketOf(id)).toMatchObject({
        ...{ teamId: nightTeam, assigneeId: null, sla: { policyName: 'By night' } },
      }),
    );
    await sidebar(page).getByText('because Team is Night').waitFor();
    await page.locator('[data-sonner-toast]').getByRole('button', { name: 'Undo' }).click();
    await page.getByText('The move is undone').waitFor();
    expect(await ticketOf(id)).toMatchObject({ teamId: null, assigneeId: adminId });
  });

  it('is followed, put aside until a reply, and woken by keys; the palette knows them', async () => {
    const id = await workspace.mail({ subject: 'Kept in view' });
    const page = await workspace.open(`/tickets/${id}`, { userId: benId });
    await page.getByTestId('timeline').getByText('Hello').waitFor();
    await page.keyboard.press('f');
    await eventually(async () => expect((await ticketOf(id))['followers']).toEqual([benId]));
    await page.getByRole('button', { name: 'Stop following' }).waitFor();
    await sidebar(page).getByText('Ben').waitFor();
    await page.keyboard.press('u');
    await eventually(async () => expect((await ticketOf(id))['snoozedUntilReply']).toBe(true));
    await page.getByTestId('wait-line').getByText('until the customer replies').waitFor();
    await page.keyboard.press('Control+k');
    await page.getByRole('option', { name: 'Wake now' }).click();
    await eventually(async () => expect((await ticketOf(id))['snoozedUntilReply']).toBe(false));
    await page.keyboard.press('!');
    await eventually(async () => expect((await ticketOf(id))['spam']).toBe(true));
  });

  it('says which save moved which deadline, from when to when, by whom and why', async () => {
    const policy = (seconds: number) => ({
      ...{ name: 'Gold', position: 1, calendarId: null, pauseStatuses: [], escalations: [] },
      conditions: [{ field: 'subject', op: 'contains', value: 'golden' }],
      ...{ goals: { firstReply: { seconds } }, appliesTo: 'newAndOpenTickets' },
    });
    const { id: policyId } = await call('POST', '/sla-policies', policy(7_200));
    const id = await workspace.mail({ subject: 'A golden question' });
    const page = await workspace.open(`/tickets/${id}`, { userId: benId });
    const goals = page.getByTestId('sla-goals');
    await goals.getByText(/^due in 1h 5\dm$/).waitFor();
    await call('PUT', `/sla-policies/${policyId}`, { ...policy(3_600), reason: 'Promised.' });
    const told = page.getByTestId('timeline').locator('[data-event=rulesAdopted]').last();
    await told.getByText('saved by admin: “Promised.”').waitFor();
    expect(await told.textContent()).toMatch(/First reply: .+ → .+/);
    await goals.getByText(/^due in 5\dm$/).waitFor();
    await told.getByRole('link', { name: 'Policy Gold, version 2' }).click();
    await page.waitForURL(`**/settings/sla-policies/${policyId}?version=2`);
    // The version in force stands marked among the others, and has the focus.
    const line = page.locator('li[aria-current=true]');
    await line.getByText('Version 2', { exact: true }).waitFor();
    await eventually(async () =>
      expect(await line.evaluate((one) => one === document.activeElement)).toBe(true),
    );
  });

  it('tells a German reader in German why it is here, in its card, its timeline and the explanation of the rules', async () => {
    await call('POST', '/routing-rules', {
      ...{ name: 'Nachts', position: 0, assign: { teamId: nightTeam } },
      conditions: [{ field: 'subject', op: 'contains', value: 'nocturnal' }],
    });
    const id = await workspace.mail({ subject: 'A nocturnal question' });
    const stored = 'Rule "Nachts" matched (subject contains); nobody of the team is free.';
    await eventually(async () => expect((await ticketOf(id))['routing']?.reason).toBe(stored));
    const page = await workspace.open(`/tickets/${id}`, { userId: adminId, language: 'de' });
    const said = 'Regel „Nachts“ trifft zu (Betreff enthält …); niemand im Team ist frei.';
    const card = page.locator('section').filter({
      has: page.getByRole('heading', { name: 'Warum es hier ist' }),
    });
    await card.getByText(said, { exact: true }).waitFor();
    await page.getByTestId('timeline').getByText(said).waitFor();
    expect(await page.getByText('matched').count()).toBe(0);
    await page.goto(`${workspace.url}/settings/routing/explain`);
    await page.getByLabel('Ticketnummer').fill(String(id));
    await page.getByRole('button', { name: 'Erklären' }).click();
    await page.getByText('denn: das Team verteilt von Hand').waitFor();
  });

  it('leads to the version of the policy that it is under, compared with the one in force since', async () => {
    const policy = (seconds: number) => ({
      ...{ name: 'Silver', position: 2, calendarId: null, pauseStatuses: [], escalations: [] },
      conditions: [{ field: 'subject', op: 'contains', value: 'silvery' }],
      ...{ goals: { firstReply: { seconds } }, appliesTo: 'newTickets' },
    });
    const { id: policyId } = await call('POST', '/sla-policies', policy(7_200));
    const id = await workspace.mail({ subject: 'A silvery question' });
    await eventually(async () => expect((await ticketOf(id))['sla'].policyVersion).toBe(1));
    await call('PUT', `/sla-policies/${policyId}`, policy(3_600));
    const page = await workspace.open(`/tickets/${id}`, { userId: adminId });
    await sidebar(page).getByRole('link', { name: 'Silver, version 1' }).click();
    await page.waitForURL(`**/settings/sla-policies/${policyId}?version=1`);
    const compared = page.getByRole('dialog', { name: 'Compare versions' });
    await eventually(async () => expect(await compared.textContent()).toMatch(/ 2h.* 1h/));
    expect(await compared.getByLabel('From').inputValue()).toBe('1');
    expect(await axeFaults(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.locator('li[aria-current=true]').getByText('Version 1', { exact: true }).waitFor();
    await compared.waitFor({ state: 'detached' });
  });

  it('fits at 200 % zoom and in Arabic, and axe finds nothing there', async () => {
    const words = 'الطابعة تحترق بعد التحديث الأخير ولا أعرف ماذا أفعل '.repeat(4);
    const id = await workspace.mail({ subject: words, text: words.repeat(6) });
    const page = await workspace.open(`/tickets/${id}`, {
      ...{ userId: benId, size: { width: 640, height: 400 }, zoom: 2 },
    });
    const message = page.getByTestId('timeline').getByText('الطابعة').first();
    await message.waitFor();
    const wide = () => page.evaluate(() => document.documentElement.scrollWidth);
    expect(await wide()).toBe(640);
    expect(await message.evaluate((one) => getComputedStyle(one).direction)).toBe('rtl');
    await page.getByRole('button', { name: 'Show details' }).click();
    await sidebar(page).getByRole('heading', { name: 'Why it is here' }).waitFor();
    expect(await wide()).toBe(640);
    expect(await axeFaults(page)).toEqual([]);
  });
});
