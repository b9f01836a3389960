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
