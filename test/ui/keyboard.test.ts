// Every page of the settings and the summary without a mouse: whatever can be operated is reached by Tab, is seen while it has the
// focus, and works with Enter, Space and arrows.
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DESKTOP, startWorkspace } from '#test/support/workspace.ts';
import type { Workspace } from '#test/support/workspace.ts';

const MOST_STEPS = 250;
let workspace: Workspace;
let teamId: string;
beforeAll(async () => {
  workspace = await startWorkspace();
  const { adminId } = workspace.desk;
  const members = [{ userId: adminId }];
  teamId = (await call('POST', '/teams', { name: 'First', members }))['id'];
});
afterAll(async () => {
  expect(workspace.faults).toEqual([]);
  await workspace.stop();
});

const call = (method: string, path: string, body?: unknown) =>
  workspace.desk.call(method, `/api/v1${path}`, body);
const open = (path: string): Promise<Page> =>
  workspace.open(path, { userId: workspace.desk.adminId, size: DESKTOP, whole: true });

interface Step {
  /** How it is called, for a failure that says something. */
  what: string;
  /** In sight, with a ring around it. */
  seen: boolean;
}

/** Where the focus is now; null when it has gone once round. Marks the element as reached, and as the one it is in. */
const look = (page: Page): Promise<Step | null> =>
  page.evaluate(() => {
    const one = document.activeElement;
    if (one === null || one === document.body) return null;
    // A date has parts of its own that Tab goes through.
    if (one.getAttribute('data-reached') === 'before') return null;
    for (const left of document.querySelectorAll('[data-reached=now]'))
      if (left !== one) left.setAttribute('data-reached', 'before');
    one.setAttribute('data-reached', 'now');
    const { top, bottom, width } = one.getBoundingClientRect();
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(one);
    const ringed = (outlineStyle !== 'none' && outlineWidth !== '0px') || boxShadow !== 'none';
    const inSight = width > 0 && bottom > 0 && top < window.innerHeight;
    return { what: one.outerHTML.slice(0, 160), seen: ringed && inSight };
  });

/** Goes through the whole page by Tab; answers where the focus was not seen, and what was never reached. */
async function walk(page: Page): Promise<{ unseen: string[]; unreached: string[] }> {
  const unseen: string[] = [];
  for (let count = 0; count < MOST_STEPS; count += 1) {
    await page.keyboard.press('Tab');
    const step = await look(page);
    if (step === null) break;
    if (!step.seen) unseen.push(step.what);
  }
  const unreached = await page.evaluate(() => {
    const wanted = 'a[href], button, input, select, textarea, summary, [role=switch], [tabindex]';
    return [...document.querySelectorAll<HTMLElement>(wanted)]
      .filter((one) => one.tabIndex >= 0 && !one.matches(':disabled, [data-reached]'))
      .filter((one) => one.checkVisibility() && one.getBoundingClientRect().width > 1)
      .filter((one) => !(one instanceof HTMLInputElement && one.type === 'radio'))
      .map((one) => one.outerHTML.slice(0, 160));
  });
  return { unseen, unreached };
}

/** Presses Tab until something of a role and name has the focus. */
async function tabTo(page: Page, role: 'textbox' | 'button' | 'link', name: string): Promise<void> {
  const target = page.getByRole(role, { name, exact: true });
  await target.waitFor();
  for (let count = 0; count < MOST_STEPS; count += 1) {
    await page.keyboard.press('Tab');
    if (await target.evaluate((one) => one === document.activeElement)) return;
  }
  throw new Error(`Tab does not reach ${role} ${name}.`);
}

describe('without a mouse', () => {
  it('all of every page is reached, and the focus is always seen', async () => {
    const page = await open('/settings');
    const paths = [
      ...['/summary', '/settings', '/settings/routing', '/settings/routing/explain'],
      ...['/settings/teams', `/settings/teams/${teamId}`, '/settings/people'],
      ...[`/settings/people/${workspace.desk.adminId}`, '/settings/roles', '/settings/roles/new'],
      ...['/settings/mailboxes', '/settings/mailboxes/new', '/settings/incoming'],
      ...['/settings/sla-policies', '/settings/sla-policies/new', '/settings/calendars'],
      ...['/settings/calendars/new', '/settings/pipelines', '/settings/pipelines/new'],
      ...['/settings/desk', '/settings/api-keys', '/settings/audit-log'],
    ];
    for (const path of paths) {
      await page.goto(workspace.url + path);
      await page.getByRole('heading', { level: 1 }).first().waitFor();
      await page.getByRole('link', { name: /^Unassigned/ }).waitFor();
      await page.getByRole('status', { name: 'Loading' }).first().waitFor({ state: 'detached' });
      expect({ path, ...(await walk(page)) }).toEqual({ path, unseen: [], unreached: [] });
    }
  }, 240_000);

  it('a team is opened, renamed and saved, and what was begun elsewhere is left by keys too', async () => {
    const page = await open('/settings');
    await tabTo(page, 'link', 'Teams');
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: /^First/ }).focus();
    await page.keyboard.press('Enter');
    await tabTo(page, 'textbox', 'Name');
    await page.keyboard.press('ControlOrMeta+a');
    await page.keyboard.type('Renamed');
    await tabTo(page, 'button', 'Save');
    await page.keyboard.press('Enter');
    await page.getByText('“Renamed” is saved').waitFor();
    expect((await call('GET', `/teams/${teamId}`))['name']).toBe('Renamed');
    await tabTo(page, 'textbox', 'Name');
    await page.keyboard.type(' once more');
    await tabTo(page, 'link', 'People');
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'These changes are not saved' });
    await dialog.waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await tabTo(page, 'link', 'People');
    await page.keyboard.press('Space');
    await page.keyboard.press('Enter');
    await tabTo(page, 'button', 'Keep the draft');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/settings/people');
  });
});
