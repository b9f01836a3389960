// The operator's page and the summary in a real browser.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { axeFaults } from '#test/support/axe.ts';
import { PHONE, startWorkspace } from '#test/support/workspace.ts';
import type { Workspace } from '#test/support/workspace.ts';

let workspace: Workspace;
let adminId: string;
beforeAll(async () => {
  workspace = await startWorkspace();
  adminId = workspace.desk.adminId;
});
afterAll(async () => {
  expect(workspace.faults).toEqual([]);
  await workspace.stop();
});

async function isWellMade(path: string, landmark: string): Promise<void> {
  const page = await workspace.open(path, { userId: adminId, size: PHONE });
  await page.getByText(landmark).first().waitFor();
  expect(await axeFaults(page)).toEqual([]);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(PHONE.width);
}

describe('the summary', () => {
  it('opens, behind each number, just the tickets it counted', async () => {
    for (let n = 0; n < 3; n += 1) await workspace.mail({ subject: `Counted ${n}` });
    const page = await workspace.open('/summary', { userId: adminId });
    const tile = page.getByRole('link', { name: /^\d+ ?All open$/ });
    await tile.waitFor();
    const count = Number(/^\d+/.exec((await tile.textContent()) ?? '')?.[0]);
    expect(count).toBe(3);
    await tile.click();
    await page.getByTestId('ticket-list').getByRole('listitem').nth(2).waitFor();
    expect(await page.getByTestId('ticket-list').getByRole('listitem').count()).toBe(count);
  });

  it('has no fault that axe finds, in light and dark, and nothing wider than a small phone', async () => {
    await isWellMade('/summary', 'SLA goals');
  });
});

describe("the operator's page", () => {
  it('says how each part is, and leads into the Temporal UI', async () => {
    const page = await workspace.open('/operations', { userId: adminId });
    const queues = page.getByRole('region', { name: 'Task queues and workers' });
    await queues.waitFor();
    expect(await queues.getByRole('link', { name: 'tickets' }).getAttribute('href')).toContain(
      'http',
    );
    await page
      .getByRole('region', { name: 'Postgres' })
      .getByRole('img', { name: 'In order' })
      .waitFor();
  });

  it('has no fault that axe finds, in light and dark, and nothing wider than a small phone', async () => {
    await isWellMade('/operations', 'Reconciler');
  });
});

describe('in German', () => {
  it("the operator's page says why a part needs a look", async () => {
    const page = await workspace.open('/operations', { userId: adminId, language: 'de' });
    await page.getByRole('region', { name: 'Abgleich' }).getByText('noch nie gelaufen').waitFor();
  });

  it('a link of an invitation that was cut short is said to lead nowhere', async () => {
    const page = await workspace.open('/invite?token=short', { language: 'de' });
    await page.getByRole('alert').getByText('Das gibt es nicht').waitFor();
    expect(await page.getByText('token').count()).toBe(0);
  });

  it('what the desk refuses is said in the reader’s words, beside what only the desk knows of it', async () => {
    const { desk } = workspace;
    const role = { name: 'Empfang', permissions: ['ticket.view'] };
    const { id: roleId } = await desk.call('POST', '/api/v1/roles', role);
    await desk.call('POST', '/api/v1/users', { name: 'Rolf', email: 'rolf@desk.test', roleId });
    const page = await workspace.open(`/settings/roles/${roleId}`, {
      ...{ userId: adminId, language: 'de' },
    });
    await page.getByRole('button', { name: 'Löschen' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Löschen' }).click();
    const words = 'Das wird noch gebraucht. (Somebody has this role.)';
    await page.getByRole('dialog').getByText(words).waitFor();
  });

  it('a condition with several values stays within its card, beside the versions', async () => {
    const { id } = await workspace.desk.call('POST', '/api/v1/sla-policies', {
      ...{ name: 'Wide', position: 0, goals: { close: { seconds: 3_600 } } },
      conditions: [{ field: 'priority', op: 'in', value: ['urgent', 'high', 'normal'] }],
    });
    const page = await workspace.open(`/settings/sla-policies/${id}`, {
      ...{ userId: adminId, language: 'de', size: { width: 1280, height: 900 } },
    });
    const value = page.getByRole('button', { name: /Dringend, Hoch, Normal|Werte/ }).first();
    const remove = page.getByRole('button', { name: 'Bedingung 1 entfernen' });
    await value.waitFor();
    const [own, beside] = [await value.boundingBox(), await remove.boundingBox()];
    expect((own?.x ?? 0) + (own?.width ?? 0)).toBeLessThanOrEqual(beside?.x ?? 0);
  });
});
