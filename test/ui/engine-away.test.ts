// What of the desk can be away while somebody works: Temporal, the API, the network. The workspace says so, keeps what is typed, goes
// on reading, and is right again by itself.
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTemporal } from '#scripts/dev-temporal.ts';
import type { RunningTemporal } from '#scripts/dev-temporal.ts';
import { eventually } from '#test/support/poll.ts';
import { startWorkspace } from '#test/support/workspace.ts';
import type { Workspace } from '#test/support/workspace.ts';

let folder: string;
let temporal: RunningTemporal;
let workspace: Workspace;
let annaId: string;

async function startEngine(port?: number): Promise<void> {
  temporal = await startTemporal({
    ...{ folder, file: 'temporal.db', say: () => undefined },
    ...(port === undefined ? {} : { port }),
  });
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-away-'));
  await startEngine();
  workspace = await startWorkspace({ undoSendSeconds: 0, temporal });
  annaId = await workspace.desk.addUser('Anna');
});
afterAll(async () => {
  expect(workspace.faults).toEqual([]);
  await workspace.stop();
  await temporal.stop();
  await rm(folder, { recursive: true, force: true });
});

const ticketOf = (id: number) => workspace.desk.call('GET', `/api/v1/tickets/${id}`);
const composer = (page: Page) => page.locator('.tiptap');
const banner = (page: Page, words: string) => page.getByRole('status').filter({ hasText: words });
const ENGINE = 'The workflow server does not answer';
const OFFLINE = 'No connection to the desk';

/** How many mails of a ticket have left. */
async function mailsOf(ticketId: number): Promise<number> {
  const files = await readdir(workspace.desk.outbox).catch((): string[] => []);
  const messages = await workspace.desk.sql<{ id: string }[]>`
    select id from messages where ticket_id = ${ticketId}`;
  return messages.filter(({ id }) => files.includes(`${id}.eml`)).length;
}

it('with Temporal killed an agent is told within seconds, reads on and keeps the half-typed reply, which leaves once when it is back', async () => {
  const other = await workspace.mail({ subject: 'Another one' });
  const id = await workspace.mail({ subject: 'Answered during an outage' });
  const page = await workspace.open(`/views/allOpen/tickets/${id}`, { userId: annaId });
  await page.getByTestId('timeline').getByText('Hello').waitFor();
  await composer(page).click();
  await page.keyboard.type('Half an ');
  process.kill(temporal.process.pid ?? 0, 'SIGKILL');
  await banner(page, ENGINE).waitFor();
  await page.keyboard.type('answer');

  await page.getByRole('button', { name: 'Another one' }).click();
  await page.getByRole('article', { name: 'Another one' }).waitFor();
  await page.getByRole('button', { name: 'Answered during an outage' }).click();
  await composer(page).getByText('Half an answer').click();
  await page.keyboard.press('Control+Enter');
  await page.locator('[data-sonner-toast][data-type=error]').waitFor();
  expect(await composer(page).textContent()).toBe('Half an answer');

  await startEngine(temporal.port);
  await eventually(async () => expect(await banner(page, ENGINE).count()).toBe(0), 40_000);
  expect(await composer(page).textContent()).toBe('Half an answer');
  await composer(page).click();
  await page.keyboard.press('Control+Enter');
  await eventually(async () => expect(await composer(page).textContent()).toBe(''), 30_000);
  await eventually(async () => expect((await ticketOf(id))['category']).toBe('waiting'));
  await eventually(async () => expect(await mailsOf(id)).toBe(1));
  expect((await ticketOf(other))['category']).toBe('new');
});

it('with the API ended an agent is told, and a ticket that changed meanwhile is right when it is back', async () => {
  const id = await workspace.mail({ subject: 'Changed while nobody listened' });
  const page = await workspace.open(`/views/allOpen/tickets/${id}`, { userId: annaId });
  await page.getByRole('button', { name: 'Priority: Normal' }).waitFor();
  await composer(page).click();
  await page.keyboard.type('Still here');
  await workspace.stopApi();
  await banner(page, OFFLINE).waitFor();
  await page.keyboard.press('Control+Enter');
  await page.locator('[data-sonner-toast][data-type=error]').waitFor();
  await workspace.desk.call('PATCH', `/api/v1/tickets/${id}`, { priority: 'urgent' });
  const late = await workspace.mail({ subject: 'Came meanwhile' });
  await workspace.startApi();
  await page.getByRole('button', { name: 'Priority: Urgent' }).waitFor();
  await page.getByRole('button', { name: 'Came meanwhile' }).waitFor();
  await eventually(async () => expect(await banner(page, OFFLINE).count()).toBe(0));
  expect(await composer(page).textContent()).toBe('Still here');
  expect((await ticketOf(late))['subject']).toBe('Came meanwhile');
});

it('can be installed, and opens without a network', async () => {
  const page = await workspace.open('/sign-in', { worker: true });
  const context = page.context();
  const devtools = await context.newCDPSession(page);
  const { errors } = await devtools.send('Page.getAppManifest');
  expect(errors).toEqual([]);
  const { installabilityErrors } = await devtools.send('Page.getInstallabilityErrors');
  // A window without history, as tests have it, is never asked.
  expect(installabilityErrors.map(({ errorId }) => errorId)).toEqual(['in-incognito']);
  await page.evaluate(async () => {
    const { active } = await navigator.serviceWorker.ready;
    while (active?.state !== 'activated') await new Promise((next) => setTimeout(next, 20));
  });
  await context.setOffline(true);
  await page.goto(`${workspace.url}/sign-in`);
  await page.getByRole('heading', { name: 'Sign in to Holdfast' }).waitFor();
});

it('with the network off an agent reads what is loaded and loses nothing, and catches up by itself', async () => {
  const id = await workspace.mail({ subject: 'In a tunnel' });
  const page = await workspace.open(`/views/allOpen/tickets/${id}`, { userId: annaId });
  await page.getByRole('button', { name: 'Priority: Normal' }).waitFor();
  await composer(page).click();
  await page.keyboard.type('From the tunnel');
  await page.context().setOffline(true);
  await page.keyboard.press('Control+Enter');
  await banner(page, OFFLINE).waitFor();
  await workspace.desk.call('PATCH', `/api/v1/tickets/${id}`, { priority: 'high' });
  await page.context().setOffline(false);
  await page.getByRole('button', { name: 'Priority: High' }).waitFor();
  await eventually(async () => expect(await banner(page, OFFLINE).count()).toBe(0));
  await composer(page).click();
  await page.keyboard.press('Control+Enter');
  await eventually(async () => expect((await ticketOf(id))['category']).toBe('waiting'));
  await eventually(async () => expect(await mailsOf(id)).toBe(1));
});
