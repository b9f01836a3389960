// An admin's walk through policies and calendars, in a real browser on the real stack.
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { axeFaults } from '#test/support/axe.ts';
import { eventually } from '#test/support/poll.ts';
import { DESKTOP, PHONE, startWorkspace } from '#test/support/workspace.ts';
import type { Workspace } from '#test/support/workspace.ts';

let workspace: Workspace;
beforeAll(async () => {
  workspace = await startWorkspace();
});
afterAll(async () => {
  await workspace.stop();
});

const call = (method: string, path: string, body?: unknown, expected?: number) =>
  workspace.desk.call(method, `/api/v1${path}`, body, expected);

/** A page of the admin. */
const open = (path: string, size = DESKTOP): Promise<Page> =>
  workspace.open(path, { userId: workspace.desk.adminId, size });

const policyOf = (tag: string, seconds: number, more: object = {}) => ({
  name: `Promise to ${tag}`,
  conditions: [{ field: 'tags', op: 'contains', value: tag }],
  goals: { firstReply: { seconds } },
  position: 0,
  ...more,
});
const newTicket = async (tag: string): Promise<number> => {
  const requester = { email: 'ann@customer.test' };
  const made = await call('POST', '/tickets', { subject: tag, body: 'Hi', requester, tags: [tag] });
  return made['id'];
};
const firstReplySeconds = async (id: number): Promise<number> => {
  const ticket = await call('GET', `/tickets/${id}`);
  const { dueAt } = ticket['sla'].goals.firstReply;
  return (Date.parse(dueAt) - Date.parse(ticket['createdAt'])) / 1_000;
};
const section = (page: Page, name: string) => page.getByRole('region', { name, exact: true });

describe('the pages of SLA policies', () => {
  it('let an admin try a stricter policy, save it, watch it reach open tickets, and take it back', async () => {
    const { id } = await call('POST', '/sla-policies', policyOf('gold', 7_200));
    const ticketId = await newTicket('gold');
    const page = await open('/settings/sla-policies');
    await page.getByRole('link', { name: /Promise to gold/ }).click();
    await page.getByLabel('First reply: within').fill('1h 30m');

    await page.getByRole('button', { name: 'Try it' }).click();
    const result = page.getByTestId('trial-result');
    await result.getByText(/1 of them concerned/).waitFor();
    expect(await firstReplySeconds(ticketId)).toBe(7_200);

    await page.getByRole('radio', { name: /New and open tickets/ }).check();
    await page.getByLabel('Why').fill('Promised to gold customers');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await section(page, 'Rollout to open tickets').getByText('Finished').waitFor();
    await section(page, 'Rollout to open tickets').getByText('1 of 1 tickets').waitFor();
    const link = await page
      .getByRole('link', { name: 'Workflow in Temporal' })
      .getAttribute('href');
    expect(link).toContain(`/workflows/policy-rollout-${id}`);
    expect(await firstReplySeconds(ticketId)).toBe(5_400);

    const ticketPage = await open(`/tickets/${ticketId}`);
    await ticketPage.getByText('Promise to gold, version 2').first().waitFor();

    const versions = section(page, 'Versions');
    await versions.getByText('Promised to gold customers').waitFor();
    await versions.getByText('First reply: 1h 30m').waitFor();
    await versions.getByRole('button', { name: 'Restore' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Why').fill('Too strict');
    expect(await axeFaults(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Restore' }).click();
    await versions.getByText('Too strict').waitFor();
    await eventually(async () => expect(await firstReplySeconds(ticketId)).toBe(7_200));
    await ticketPage.getByText('Promise to gold, version 3').first().waitFor();
    expect(workspace.faults).toEqual([]);
  });

  it('keep what was typed when somebody else saved meanwhile, and say who, why and what', async () => {
    const { id } = await call('POST', '/sla-policies', policyOf('both', 7_200));
    const page = await open(`/settings/sla-policies/${id}`);
    await page.getByLabel('First reply: within').fill('3h');
    await call(
      'PUT',
      `/sla-policies/${id}`,
      { ...policyOf('both', 3_600), reason: 'Quicker' },
      200,
    );
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    const alert = page.getByRole('alert').filter({ hasText: 'saved version 2 meanwhile' });
    await alert.getByText('Version 2: Quicker').waitFor();
    await alert.getByText('First reply: 1h', { exact: true }).waitFor();
    expect(await page.getByLabel('First reply: within').inputValue()).toBe('3h');
    await alert.getByRole('button', { name: 'Save mine over it' }).click();
    await eventually(async () => {
      const now = await call('GET', `/sla-policies/${id}`);
      expect(now['goals'].firstReply.seconds).toBe(10_800);
    });
  });

  it('hold a rollout, let it go on and call it off, and say that it was', async () => {
    const { id } = await call('POST', '/sla-policies', policyOf('held', 7_200));
    const ticketId = await newTicket('held');
    await workspace.desk.stopWorkers();
    const stricter = policyOf('held', 3_600, { appliesTo: 'newAndOpenTickets' });
    await call('PUT', `/sla-policies/${id}`, stricter, 200);
    const page = await open(`/settings/sla-policies/${id}`);
    const rollout = section(page, 'Rollout to open tickets');
    await rollout.getByRole('button', { name: 'Pause' }).click();
    await rollout.getByText('Paused').waitFor();
    await rollout.getByRole('button', { name: 'Resume' }).click();
    await rollout.getByText('Looking for tickets').waitFor();
    await rollout.getByRole('button', { name: 'Pause' }).click();
    await rollout.getByText('Paused').waitFor();
    await workspace.desk.startWorkers();
    await rollout.getByRole('button', { name: 'Resume' }).click();
    await rollout.getByText('Finished').waitFor();
    expect(await firstReplySeconds(ticketId)).toBe(3_600);
    await workspace.desk.stopWorkers();
    await call('PUT', `/sla-policies/${id}`, { ...stricter, name: 'Held again' }, 200);
    await page.reload();
    await rollout.getByRole('button', { name: 'Cancel' }).click();
    await rollout.getByText('Cancelled').waitFor();
    await rollout.getByText(/take it up at their next wake/).waitFor();
    await workspace.desk.startWorkers();
  });

  it('keep a draft while its author looks at another page, and put policies in order by keys', async () => {
    const { id } = await call('POST', '/sla-policies', policyOf('last', 7_200, { position: 90 }));
    const page = await open(`/settings/sla-policies/${id}`);
    await page.getByLabel('First reply: within').fill('5h');
    await page.getByRole('navigation', { name: 'Settings' }).getByText('SLA policies').click();
    await page.getByRole('button', { name: 'Keep the draft' }).click();
    const handle = page.getByRole('button', { name: /Move Promise to last/ });
    await handle.focus();
    const rows = page.getByRole('main').getByRole('listitem');
    for (let left = (await rows.count()) - 1; left > 0; left -= 1)
      await page.keyboard.press('ArrowUp');
    await page.getByRole('button', { name: 'Save the order' }).click();
    await eventually(async () => {
      const { items } = await call('GET', '/sla-policies');
      expect(items[0].id).toBe(id);
    });
    await page.getByRole('link', { name: /Promise to last/ }).click();
    await page.getByText('These are your changes from before.').waitFor();
    expect(await page.getByLabel('First reply: within').inputValue()).toBe('5h');
  });
});

const ICS = [
  ...['BEGIN:VCALENDAR', 'VERSION:2.0', 'BEGIN:VEVENT', 'UID:1', 'SUMMARY:Founding day'],
  ...[`DTSTART;VALUE=DATE:${new Date().getFullYear() + 1}0704`, 'END:VEVENT', 'END:VCALENDAR', ''],
].join('\r\n');

describe('the pages of calendars', () => {
  it('show what a calendar makes of a ticket before it is saved, and import holidays after a look', async () => {
    const day = [['09:00', '17:00']];
    const week = { mon: day, tue: day, wed: day, thu: day, fri: day };
    const made = { name: 'Office', timeZone: 'Europe/Berlin', hours: week };
    const { id } = await call('POST', '/calendars', made);
    const page = await open(`/settings/calendars/${id}`);
    const trial = section(page, 'Try a ticket');
    // A Friday afternoon: an hour is left, the other three are Monday's.
    await trial.getByLabel('A ticket comes').fill('2027-06-04T16:00');
    await trial.getByText(/It is due Monday.*12:00 PM/).waitFor();
    await page.getByLabel('Monday').fill('10-12, 13-17');
    await trial.getByText(/It is due Monday.*02:00 PM/).waitFor();

    await page
      .getByLabel('Import holidays')
      .setInputFiles({ name: 'h.ics', mimeType: 'text/calendar', buffer: Buffer.from(ICS) });
    const dialog = page.getByRole('dialog');
    await dialog.getByText('Founding day').waitFor();
    await dialog.getByRole('button', { name: 'Add 1 holiday' }).click();
    expect((await call('GET', `/calendars/${id}`))['holidays'] ?? []).toEqual([]);
    expect(await page.getByLabel('Why').inputValue()).toBe('Imported 1 holiday.');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await section(page, 'Versions').getByText('Imported 1 holiday.').waitFor();
    const saved = await call('GET', `/calendars/${id}`);
    expect(saved['holidays']).toEqual([`${new Date().getFullYear() + 1}-07-04`]);
    expect(saved['hours'].mon).toEqual([
      ['10:00', '12:00'],
      ['13:00', '17:00'],
    ]);
    expect(workspace.faults).toEqual([]);
  });
});

describe('every page of both', () => {
  it('has no fault that axe finds, in light and in dark, and nothing wider than a small phone', async () => {
    const ladder = [
      {
        goal: 'firstReply',
        when: { afterSeconds: 600 },
        hours: 'always',
        repeat: { everySeconds: 60, times: 2 },
        actions: [{ type: 'postNote', body: 'Late' }],
      },
    ];
    const policy = await call(
      'POST',
      '/sla-policies',
      policyOf('axe', 60, { escalations: ladder }),
    );
    const hours = { mon: [['09:00', '17:00']] };
    const calendar = await call('POST', '/calendars', { name: 'Mondays', timeZone: 'UTC', hours });
    const paths = ['sla-policies', `sla-policies/${policy['id']}`, 'sla-policies/new'];
    const page = await open('/settings', PHONE);
    for (const path of [...paths, 'calendars', `calendars/${calendar['id']}`, 'calendars/new']) {
      await page.goto(`${workspace.url}/settings/${path}`);
      await page.getByRole('heading', { level: 1 }).waitFor();
      for (const summary of await page.locator('summary').all()) await summary.click();
      expect([path, await axeFaults(page)]).toEqual([path, []]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
    }
    expect(workspace.faults).toEqual([]);
  }, 240_000);
});
