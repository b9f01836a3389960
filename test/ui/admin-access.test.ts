// An admin's walk through roles, the test of a mailbox, a policy tried before its first save, and drafts, in a real browser.
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';
import { SMTPServer } from 'smtp-server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PERMISSION_NAMES } from '#domain/permissions.ts';
import { axeFaults } from '#test/support/axe.ts';
import { eventually } from '#test/support/poll.ts';
import { DESKTOP, PHONE, startWorkspace } from '#test/support/workspace.ts';
import type { Workspace } from '#test/support/workspace.ts';

let workspace: Workspace;
beforeAll(async () => {
  workspace = await startWorkspace();
});
afterAll(async () => {
  expect(workspace.faults).toEqual([]);
  await workspace.stop();
});

const call = (method: string, path: string, body?: unknown, expected?: number) =>
  workspace.desk.call(method, `/api/v1${path}`, body, expected);
const open = (path: string, size = DESKTOP): Promise<Page> =>
  workspace.open(path, { userId: workspace.desk.adminId, size });

describe('a role of the desk’s own', () => {
  it('is made from a copy, given to somebody, holds for them, and goes only when nobody has it', async () => {
    const userId = await workspace.desk.addUser('Rita');
    const page = await open('/settings/roles');
    await page.getByRole('link', { name: /^Reads only/ }).click();
    expect(await page.getByLabel('See contacts and companies').isDisabled()).toBe(true);
    await page.getByRole('link', { name: 'Make a copy' }).click();
    // A permission without a group could never be given.
    await page.getByLabel('Name', { exact: true }).waitFor();
    const ticks = page.getByRole('region', { name: 'What they may do' }).getByRole('checkbox');
    expect(await ticks.count()).toBe(PERMISSION_NAMES.length);
    await page.getByLabel('Name', { exact: true }).fill('Front desk');
    await page.getByLabel('Write internal notes').check();
    await page.getByRole('button', { name: 'None of “API keys”' }).click();
    expect(await page.getByLabel('Change roles').isDisabled()).toBe(true);
    await page.getByLabel('See tickets and what belongs to them').uncheck();
    await page.getByRole('alert').filter({ hasText: 'nobody can use' }).waitFor();
    await page.getByLabel('See tickets and what belongs to them').check();
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('“Front desk” is saved').waitFor();
    const [role] = (await call('GET', '/roles'))['items'];
    expect(role.permissions).toContain('ticket.note');
    expect(role.permissions).not.toContain('key.own');

    await page.goto(`${workspace.url}/settings/people/${userId}`);
    await page.getByLabel('Role', { exact: true }).selectOption('Front desk');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('“Rita” is saved').waitFor();
    await page.goto(`${workspace.url}/settings/roles`);
    await page.getByRole('link', { name: /Front desk.*1 person has it/ }).click();
    await page.getByRole('link', { name: 'Rita' }).waitFor();
    expect(await axeFaults(page)).toEqual([]);
    await page.getByRole('button', { name: 'Delete' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await dialog.getByText('Somebody has this role.').waitFor();
    const rita = await workspace.open('/settings/roles', { userId });
    await rita.getByText('only admins can change it').waitFor();
    expect(await rita.getByRole('link', { name: 'New role' }).count()).toBe(0);
  });
});

describe('a mailbox', () => {
  it('is tried before it is saved, and says in the server’s words what is wrong', async () => {
    const server = new SMTPServer({
      ...{ disabledCommands: ['STARTTLS'], allowInsecureAuth: true },
      onAuth: ({ password }, _session, callback) =>
        password === 'right' ? callback(null, { user: 'u' }) : callback(new Error('not with that')),
    });
    await new Promise<void>((resolve) => server.server.listen(0, '127.0.0.1', resolve));
    const { port } = server.server.address() as AddressInfo;
    const page = await open('/settings/mailboxes/new');
    await page.getByText('there is nothing to test').waitFor();
    await page.getByLabel('Send by an SMTP server of its own').check();
    await page.getByLabel('Server', { exact: true }).fill('127.0.0.1');
    await page.getByLabel('Port').fill(String(port));
    await page.getByLabel('Encrypted from the start (TLS)').uncheck();
    await page.getByLabel('User').fill('u');
    await page.getByLabel('Password').fill('wrong');
    await page.getByRole('button', { name: 'Test the connection' }).click();
    const result = page.locator('[data-tried=smtp]');
    await result.getByText('does not accept this user and password').waitFor();
    await result.getByText(/not with that/).waitFor();
    expect(await axeFaults(page)).toEqual([]);
    await page.getByLabel('Password').fill('right');
    await page.getByText('Something was changed after this test.').waitFor();
    await page.getByRole('button', { name: 'Test the connection' }).click();
    await result.getByText('Mail can be sent').waitFor();
    await result.getByText('Not encrypted').waitFor();
    expect(await page.evaluate(() => Object.values(sessionStorage).join())).not.toContain('right');
    expect((await call('GET', '/channels'))['items']).toHaveLength(1);
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });
});

describe('a new SLA policy', () => {
  it('is tried on past tickets before its first save', async () => {
    const requester = { email: 'ann@customer.test' };
    await call('POST', '/tickets', { subject: 'Tried', body: 'Hi', requester });
    const page = await open('/settings/sla-policies/new');
    await page.getByLabel('Name').fill('Never saved');
    await page.getByRole('button', { name: 'Try it' }).click();
    await page
      .getByTestId('trial-result')
      .getByText(/1 of them concerned/)
      .waitFor();
    const { items } = await call('GET', '/sla-policies');
    expect(items.map((one: { name: string }) => one.name)).not.toContain('Never saved');
  });
});

describe('changes that are not saved', () => {
  it.for([
    ['a team', '/settings/teams/new', 'Name'],
    ['the desk', '/settings/desk', 'Mail reopens a closed ticket for (days)'],
    ['a policy', '/settings/sla-policies/new', 'Name'],
  ])('of %s outlive a reload, and leaving them is asked about', async ([, path, label]) => {
    const page = await open(path ?? '');
    const field = page.getByLabel(label ?? '', { exact: true });
    await field.fill('33');
    await page.reload();
    await page.getByText('These are your changes from before.').waitFor();
    expect(await field.inputValue()).toBe('33');
    const elsewhere = page.getByRole('navigation', { name: 'Settings' }).getByText('Audit log');
    await elsewhere.click();
    const dialog = page.getByRole('dialog', { name: 'These changes are not saved' });
    await dialog.getByRole('button', { name: 'Stay here' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(new URL(page.url()).pathname).toBe(path);
    await elsewhere.click();
    await dialog.getByRole('button', { name: 'Keep the draft' }).click();
    await page.getByRole('heading', { level: 1, name: 'Audit log' }).waitFor();
    await page.goBack();
    await page.getByText('These are your changes from before.').waitFor();
    await elsewhere.click();
    await dialog.getByRole('button', { name: 'Drop changes' }).click();
    await page.getByRole('heading', { level: 1, name: 'Audit log' }).waitFor();
    await page.goBack();
    await eventually(async () => expect(await field.inputValue()).not.toBe('33'));
    expect(await page.getByText('These are your changes from before.').count()).toBe(0);
  });
});

describe('the pages of roles', () => {
  it('have no fault that axe finds and nothing wider than a small phone', async () => {
    const page = await open('/settings/roles', PHONE);
    for (const path of ['roles', 'roles/lead', 'roles/new', 'mailboxes/new']) {
      await page.goto(`${workspace.url}/settings/${path}`);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.getByRole('status', { name: 'Loading' }).waitFor({ state: 'detached' });
      expect([path, await axeFaults(page)]).toEqual([path, []]);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      expect([path, wide]).toEqual([path, PHONE.width]);
    }
  });
});
