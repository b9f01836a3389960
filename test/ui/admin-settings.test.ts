// An admin's walk through routing, people, mail, pipelines, keys and the audit log, in a real browser on the real stack.
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ingestMail } from '#channels/email/ingest.ts';
import { axeFaults } from '#test/support/axe.ts';
import { eventually } from '#test/support/poll.ts';
import { DESKTOP, PHONE, startWorkspace } from '#test/support/workspace.ts';
import type { Workspace } from '#test/support/workspace.ts';

let workspace: Workspace;
let annaId: string;
beforeAll(async () => {
  workspace = await startWorkspace();
  annaId = await workspace.desk.addUser('Anna', { capacity: 5, skills: ['german'] });
});
afterAll(async () => {
  await workspace.stop();
});

const call = (method: string, path: string, body?: unknown, expected?: number) =>
  workspace.desk.call(method, `/api/v1${path}`, body, expected);
const open = (path: string, size = DESKTOP): Promise<Page> =>
  workspace.open(path, { userId: workspace.desk.adminId, size });
const section = (page: Page, name: string) => page.getByRole('region', { name, exact: true });

const newTeam = async (name: string): Promise<string> =>
  (await call('POST', '/teams', { name, members: [{ userId: annaId }] }))['id'];
const ruleOf = (name: string, word: string, teamId: string, position = 0) => ({
  ...{ name, position, assign: { teamId } },
  conditions: [{ field: 'subject', op: 'contains', value: word }],
});

describe('routing rules', () => {
  it('are made in a form, tried on past tickets before they are saved, and then route', async () => {
    await newTeam('Printers');
    const requester = { email: 'ann@customer.test' };
    await call('POST', '/tickets', { subject: 'Printer jams', body: 'Hi', requester });
    const page = await open('/settings/routing');
    await page.getByRole('button', { name: 'New rule' }).click();
    await page.getByLabel('Name').fill('Printers');
    await page.getByRole('button', { name: 'Add condition' }).click();
    await page.getByLabel('Field', { exact: true }).selectOption('subject');
    await page.getByLabel('Comparison').selectOption('contains');
    await page.getByLabel('Value').fill('printer');
    await page.getByLabel('Team', { exact: true }).selectOption({ label: 'Printers' });
    await page.getByRole('button', { name: 'Add step' }).click();
    await page.getByRole('button', { name: 'Try on past tickets' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText(/^1 of the last \d+ tickets would go elsewhere/).waitFor();
    await dialog.getByText('Printer jams').waitFor();
    expect(await axeFaults(page)).toEqual([]);
    expect((await call('GET', '/routing-rules'))['items']).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByRole('link', { name: /Printers/ }).waitFor();
    const { items } = await call('GET', '/routing-rules');
    expect(items).toMatchObject([{ name: 'Printers', fallback: [{ afterSeconds: 900 }] }]);
    const made = await call('POST', '/tickets', { subject: 'A printer', body: 'Hi', requester });
    await eventually(async () => {
      const ticket = await call('GET', `/tickets/${made['id']}`);
      expect(ticket['assigneeId']).toBe(annaId);
    });
    expect(workspace.faults).toEqual([]);
  });

  it('are put in order and out of use by keyboard, and nothing holds before it is saved', async () => {
    const teamId = await newTeam('Order');
    await call('POST', '/routing-rules', ruleOf('First rule', 'first', teamId, 40));
    await call('POST', '/routing-rules', ruleOf('Second rule', 'second', teamId, 41));
    const page = await open('/settings/routing');
    const order = async () =>
      (await call('GET', '/routing-rules'))['items'].map((one: { name: string }) => one.name);
    const before = await order();
    await page.getByRole('button', { name: 'Move Second rule: arrow keys, or drag' }).focus();
    await page.keyboard.press('ArrowUp');
    await page.getByText(/Second rule is now number \d+ of/).waitFor({ state: 'attached' });
    const toggle = page.getByRole('switch', { name: 'First rule is in use' });
    await toggle.focus();
    await page.keyboard.press('Space');
    await page.getByText('2 changes are not saved').waitFor();
    expect(await order()).toEqual(before);
    const save = page.getByRole('button', { name: 'Save', exact: true });
    await save.focus();
    await page.keyboard.press('Enter');
    await page.getByText('The rules are saved').waitFor();
    expect(await order()).toEqual(before.toReversed().toSorted(bySecondFirst(before)));
    const { items } = await call('GET', '/routing-rules');
    expect(items.find((one: { name: string }) => one.name === 'First rule').enabled).toBe(false);
  });

  it('are explained for a real ticket and an imagined one: each rule with what failed, each person with what stands against them', async () => {
    const teamId = await newTeam('Refunds');
    const awayId = await workspace.desk.addUser('Zoe', { availability: 'away' });
    const members = [{ userId: annaId }, { userId: awayId }];
    await call('PUT', `/teams/${teamId}`, { name: 'Refunds', members }, 200);
    await call('POST', '/routing-rules', ruleOf('Refund rule', 'refund', teamId, 60));
    const requester = { email: 'ann@customer.test' };
    const { id } = await call('POST', '/tickets', { subject: 'My refund', body: 'Hi', requester });
    const page = await open('/settings/routing');
    await page.getByRole('link', { name: 'Explain' }).click();
    await page.getByLabel('Ticket number').fill(String(id));
    await page.getByRole('button', { name: 'Explain' }).click();
    await page.getByText('Goes to Anna').waitFor();
    const rules = section(page, 'Rules, in order');
    await rules.getByText('does not hold: Subject contains second').waitFor();
    await rules.getByText('takes it').waitFor();
    await section(page, 'Who could get it').getByText('is away').waitFor();
    expect(await axeFaults(page)).toEqual([]);
    await page.getByRole('button', { name: 'An imagined ticket' }).click();
    await page.getByLabel('Subject').fill('Nothing of the kind');
    await page.getByRole('button', { name: 'Explain', exact: true }).click();
    await page.getByText('No rule takes this ticket').waitFor();
  });

  it('keep what was typed when somebody else saved the rule meanwhile, and say who and what', async () => {
    const teamId = await newTeam('Both');
    const { id } = await call('POST', '/routing-rules', ruleOf('Shared', 'shared', teamId, 80));
    const page = await open(`/settings/routing/${id}`);
    await page.getByLabel('Name').fill('Shared, by me');
    await call('PUT', `/routing-rules/${id}`, ruleOf('Shared, by them', 'x', teamId, 80), 200);
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    const alert = page.getByRole('alert').filter({ hasText: 'admin saved this meanwhile' });
    await alert.getByText('Shared, by them').waitFor();
    expect(await page.getByLabel('Name').inputValue()).toBe('Shared, by me');
    await alert.getByRole('button', { name: 'Save mine over it' }).click();
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await eventually(async () => {
      expect((await call('GET', `/routing-rules/${id}`))['name']).toBe('Shared, by me');
    });
  });
});

/** The order before, with the second rule above the first. */
const bySecondFirst =
  (before: string[]) =>
  (one: string, other: string): number => {
    const place = (name: string): number =>
      name === 'Second rule' ? before.indexOf('First rule') - 0.5 : before.indexOf(name);
    return place(one) - place(other);
  };

describe('incoming mail', () => {
  it('that was held back is seen as plain text and taken in after all', async () => {
    await call('PATCH', '/settings', { messagesPerSenderPerHour: 1 }, 200);
    for (const subject of ['One', 'Two']) {
      const source = [
        ...['From: eve@customer.test', 'To: support@desk.test', `Subject: ${subject}`],
        ...[`Message-ID: <held-${subject}@customer.test>`, 'Content-Type: text/html', ''],
        '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>',
      ];
      await ingestMail(workspace.desk.ingest, {
        ...{ channelId: workspace.desk.channel.id, envelope: null, receivedAt: new Date() },
        source: Buffer.from(source.join('\r\n')),
      });
    }
    await call('PATCH', '/settings', { messagesPerSenderPerHour: 1_000 }, 200);
    const page = await open('/settings/incoming');
    await page.getByLabel('What became of it').selectOption('quarantined');
    const row = page.locator('[data-outcome=quarantined]');
    await row.getByText('Its sender sent too many messages in an hour.').waitFor();
    await row.getByRole('button', { name: 'Source' }).click();
    const source = page.getByTestId('source');
    await source.getByText('<script>window.hacked=1</script>').waitFor();
    expect(await page.evaluate(() => 'hacked' in window)).toBe(false);
    expect(await axeFaults(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await row.getByRole('button', { name: 'Take it in' }).click();
    await page.getByText(/It is ticket \d+ now/).waitFor();
    await row.waitFor({ state: 'detached' });
    const { items } = await call('GET', '/inbound?outcome=quarantined');
    expect(items).toEqual([]);
  });
});

describe('API keys', () => {
  it('are shown once, work until they are revoked, and are never shown again', async () => {
    const page = await open('/settings/api-keys');
    await page.getByRole('button', { name: 'New key' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name', { exact: true }).fill('Shop');
    await dialog.getByRole('button', { name: 'Make the key' }).click();
    const token = (await page.getByTestId('token').textContent()) ?? '';
    expect(token).toMatch(/^hf_/);
    expect(await axeFaults(page)).toEqual([]);
    const tryIt = async (): Promise<number> => {
      const headers = { authorization: `Bearer ${token}` };
      return (await fetch(`${workspace.url}/api/v1/tickets`, { headers })).status;
    };
    expect(await tryIt()).toBe(200);
    await dialog.getByRole('button', { name: 'I have copied it' }).click();
    await page.reload();
    const row = page.getByRole('listitem').filter({ hasText: 'Shop' });
    await row.waitFor();
    expect(await page.content()).not.toContain(token);
    await row.getByRole('button', { name: 'Revoke' }).click();
    await dialog.getByRole('button', { name: 'Revoke' }).click();
    await page.getByText('The key is revoked').waitFor();
    expect(await tryIt()).toBe(401);
  });
});

describe('people', () => {
  it('are set away after a look at what it would do, and their skills and hours are kept', async () => {
    const teamId = await newTeam('Alone');
    const userId = await workspace.desk.addUser('Mia');
    const members = [{ userId, main: true, lead: false }];
    await call('PUT', `/teams/${teamId}`, { name: 'Alone', members }, 200);
    const requester = { email: 'ann@customer.test' };
    await call('POST', '/tickets', {
      ...{ subject: 'Held by Mia', body: 'Hi', requester, teamId, assigneeId: userId },
    });
    const page = await open(`/settings/people/${userId}`);
    const skills = section(page, 'Skills');
    await skills.getByRole('combobox', { name: 'Skills: Skill' }).fill('french');
    await page.keyboard.press('Enter');
    await skills.getByLabel('Level of french').selectOption('3');
    await page.getByLabel('In all').fill('7');
    await page.getByLabel('Works by weekly hours of their own').check();
    await page.getByRole('group', { name: 'What this would do' }).waitFor();
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('“Mia” is saved').waitFor();
    const saved = await call('GET', `/users/${userId}`);
    expect(saved).toMatchObject({ capacity: 7, skillLevels: { french: 3 } });
    expect(saved['workingHours'].hours.mon).toEqual([['09:00', '17:00']]);
    await call('PUT', `/users/${userId}`, { ...contentOf(saved), workingHours: null }, 200);
    // Not before: by night those hours alone would have sent the ticket back.
    await call('PATCH', '/settings', { awayReassign: { enabled: true, afterSeconds: 0 } }, 200);
    await page.reload();
    await page.getByRole('button', { name: 'Set away…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText(/1 open ticket goes back to its team’s queue/).waitFor();
    await dialog.getByText('Nobody is left in Alone who could take a ticket.').waitFor();
    expect(await axeFaults(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Set away' }).click();
    await eventually(async () =>
      expect((await call('GET', `/users/${userId}`))['availability']).toBe('away'),
    );
  });
});

describe('a person with a role of the desk’s own', () => {
  it('keeps it, and which tickets they see, when something else of them is saved', async () => {
    const permissions = ['ticket.view', 'ticket.note'];
    const { id: roleId } = await call('POST', '/roles', { name: 'Helpers', permissions });
    const who = { name: 'Rob', email: 'rob@desk.test', roleId, ticketAccess: 'team' };
    const { id } = await call('POST', '/users', who);
    const page = await open(`/settings/people/${id}`);
    await page.getByText('Helpers').waitFor({ state: 'attached' });
    await page.getByLabel('In all').fill('3');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('“Rob” is saved').waitFor();
    const saved = await call('GET', `/users/${id}`);
    expect(saved).toMatchObject({ capacity: 3, role: 'custom', roleId, ticketAccess: 'team' });
  });
});

/** A user without what the desk says of them. */
function contentOf(user: Record<string, unknown>): object {
  const { id: _id, version: _version, effectiveAvailability: _now, ...rest } = user;
  const { reason: _reason, until: _until, ...content } = rest;
  return content;
}

describe('the audit log', () => {
  it('shows what an admin changed in the settings, from what to what', async () => {
    const page = await open('/settings/desk');
    await page.getByLabel('Mail reopens a closed ticket for (days)').fill('21');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('The settings are saved').waitFor();
    await page.getByRole('navigation', { name: 'Settings' }).getByText('Audit log').click();
    await page.getByLabel('What', { exact: true }).selectOption('settings');
    const row = page.getByRole('listitem').filter({ hasText: 'Settings of the desk' }).first();
    await row.locator('summary').click();
    await row.getByText(/21/).first().waitFor();
    expect((await call('GET', '/settings'))['reopenWindowDays']).toBe(21);
  });
});

describe('pipelines', () => {
  it('let no status go that tickets are in before it is said where they go', async () => {
    const statuses = [
      { id: 'new', name: 'Fresh', category: 'new' },
      { id: 'looking', name: 'Looking', category: 'open' },
      { id: 'closed', name: 'Done', category: 'closed' },
    ];
    const { id } = await call('POST', '/pipelines', { name: 'Returns', position: 5, statuses });
    const requester = { email: 'ann@customer.test' };
    const ticket = await call('POST', '/tickets', {
      ...{ subject: 'In a status', body: 'Hi', requester, pipelineId: id, status: 'looking' },
    });
    const page = await open(`/settings/pipelines/${id}`);
    await page.getByRole('button', { name: 'Remove Looking' }).click();
    const save = page.getByRole('button', { name: 'Save', exact: true });
    await save.click();
    await page.getByText(/1 in "looking"/).waitFor();
    await page.getByLabel('Tickets in Looking go to').selectOption('new');
    await page.getByLabel('From Fresh to Done').check();
    await save.click();
    await page.getByText('“Returns” is saved').waitFor();
    expect((await call('GET', `/pipelines/${id}`))['moves']).toEqual({
      allowedTo: { new: ['closed'] },
    });
    await eventually(async () =>
      expect((await call('GET', `/tickets/${ticket['id']}`))['status']).toBe('new'),
    );
  });
});

describe('every page of the settings', () => {
  it('has no fault that axe finds, in light and in dark, and nothing wider than a small phone', async () => {
    const teamId = await newTeam('Looked at');
    const { id: ruleId } = await call('POST', '/routing-rules', {
      ...ruleOf('Looked at', 'looked', teamId, 90),
      ...{ requiredSkills: ['german'], preferredSkills: ['german'] },
      fallback: [{ afterSeconds: 900, to: 'team' }],
    });
    const imap = { host: 'imap.customer.test', port: 993, secure: true, user: 'u', password: 'p' };
    const { id: channelId } = await call('POST', '/channels', {
      ...{ name: 'Sales', address: 'sales@desk.test', enabled: false },
      settings: { imap, smtp: { host: 'smtp.customer.test', port: 465 } },
    });
    const pipelineId = (await call('GET', '/pipelines'))['items'][0].id;
    const paths = [
      ...['', '/routing', `/routing/${ruleId}`, '/routing/explain', '/teams', `/teams/${teamId}`],
      ...['/people', `/people/${annaId}`, '/people/new', '/mailboxes', `/mailboxes/${channelId}`],
      ...['/incoming', '/pipelines', `/pipelines/${pipelineId}`, '/desk', '/api-keys'],
      '/audit-log',
    ];
    const page = await open('/settings', PHONE);
    for (const path of paths) {
      await page.goto(`${workspace.url}/settings${path}`);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.getByRole('status', { name: 'Loading' }).waitFor({ state: 'detached' });
      expect([path, await axeFaults(page)]).toEqual([path, []]);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      expect([path, wide]).toEqual([path, PHONE.width]);
    }
    expect(workspace.faults).toEqual([]);
  }, 240_000);

  it('is looked at by agents too, who are told that they cannot change it', async () => {
    const page = await workspace.open('/settings/routing', { userId: annaId });
    await page.getByText('only admins can change it').waitFor();
    expect(await page.getByRole('button', { name: 'New rule' }).count()).toBe(0);
    expect(
      await page
        .getByRole('switch', { name: /is in use/ })
        .first()
        .isDisabled(),
    ).toBe(true);
  });
});

describe('what people are told of until they choose', () => {
  it('is changed by an admin by keyboard, holds at once for who never chose, and leaves the choice of others alone', async () => {
    const topic = 'A customer writes';
    const tick = (page: Page, way: string) =>
      page.getByRole('checkbox', { name: `${topic}: ${way}` });
    const benId = await workspace.desk.addUser('Ben');
    const anna = await workspace.open('/account', { userId: annaId });
    await tick(anna, 'Mail').check();
    await eventually(async () => {
      const rows = await workspace.desk.sql`
        select email from notification_settings where user_id = ${annaId}`;
      expect([...rows]).toEqual([{ email: true }]);
    });
    const page = await open('/settings', PHONE);
    await page.getByRole('link', { name: /^Notifications/ }).focus();
    await page.keyboard.press('Enter');
    await page.waitForURL('**/settings/notifications');
    await tick(page, 'Bell').focus();
    await page.keyboard.press('Space');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Space');
    expect(await axeFaults(page)).toEqual([]);
    await eventually(async () => {
      const rows = await workspace.desk.sql`
        select bell, browser from notification_settings where user_id is null and topic = 'customerReplied'`;
      expect([...rows]).toEqual([{ bell: false, browser: true }]);
    });
    const ben = await workspace.open('/account', { userId: benId });
    await tick(ben, 'Bell').waitFor();
    expect(await tick(ben, 'Bell').isChecked()).toBe(false);
    await anna.reload();
    await tick(anna, 'Bell').waitFor();
    expect(await tick(anna, 'Bell').isChecked()).toBe(true);
    expect(await tick(anna, 'Mail').isChecked()).toBe(true);
    // What one has chosen goes back to what everybody has now, not to what they had.
    await anna.getByRole('button', { name: `${topic}: as everybody has it` }).click();
    await eventually(async () => expect(await tick(anna, 'Bell').isChecked()).toBe(false));
    // Who may not change it is not offered it, and by its address can only read it.
    await ben.goto(`${workspace.url}/settings`);
    await ben
      .getByRole('main')
      .getByRole('link', { name: /^Pipelines/ })
      .first()
      .waitFor();
    expect(await ben.getByRole('link', { name: /^Notifications/ }).count()).toBe(0);
    await ben.goto(`${workspace.url}/settings/notifications`);
    await tick(ben, 'Bell').waitFor();
    expect(await tick(ben, 'Bell').isDisabled()).toBe(true);
  });
});
