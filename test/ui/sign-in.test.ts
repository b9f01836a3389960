// The door of the workspace, in a real browser.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { axeFaults } from '#test/support/axe.ts';
import type { TestDesk } from '#test/support/desk.ts';
import { eventually } from '#test/support/poll.ts';
import { PASSWORD, PHONE, startWorkspace } from '#test/support/workspace.ts';
import type { Workspace } from '#test/support/workspace.ts';

let workspace: Workspace;
beforeAll(async () => {
  workspace = await startWorkspace();
});
afterAll(async () => {
  await workspace.stop();
});

describe('the sign-in page', () => {
  it('has no fault that axe finds, in light and in dark, and nothing wider than a small phone', async () => {
    const page = await workspace.open('/sign-in', { size: PHONE });
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    expect(await axeFaults(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
    expect(workspace.faults).toEqual([]);
  });

  it('says why the organisation’s sign-in did not lead in', async () => {
    const page = await workspace.open('/sign-in?error=account_not_linked');
    await page.getByText('this desk does not know you by that address').waitFor();
    expect(await page.getByRole('button', { name: 'Sign in with your organisation' }).count()).toBe(
      0,
    );
  });

  it('is served under a policy that runs no script but its own files', async () => {
    const answer = await fetch(`${workspace.url}/sign-in`, { headers: { accept: 'text/html' } });
    expect(answer.headers.get('content-type')).toContain('text/html');
    const policy = answer.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'self'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/script-src[^;]*unsafe/);
    expect((await fetch(`${workspace.url}/nothing.js`)).status).toBe(404);
    expect((await fetch(`${workspace.url}/assets/%E0%A4%A.js`)).status).toBe(404);
    expect((await fetch(`${workspace.url}/assets/..%2f..%2f..%2fpackage.json`)).status).toBe(404);
  });
});

describe('people', () => {
  it('set up a fresh desk, invite a colleague, who comes in by the mailed link; both sign out and in again', async () => {
    const { desk } = workspace;
    const first = await workspace.open('/');
    await first.waitForURL('**/setup');
    await first.getByLabel('Token of the start').fill(desk.deps.setupToken);
    await first.getByLabel('Name').fill('Olga');
    await first.getByLabel('Email').fill('olga@desk.test');
    await first.getByLabel('New password').fill(PASSWORD);
    await first.getByRole('button', { name: 'Begin' }).click();
    await first.getByRole('heading', { name: 'Assigned to me' }).waitFor();
    const id = await desk.addUser('pia');
    await desk.call('POST', `/api/v1/users/${id}/invite`, undefined, 200);
    const { pathname, search } = new URL(await mailedLink(desk));
    const second = await workspace.open(pathname + search);
    await second.getByLabel('New password').fill(PASSWORD);
    await second.getByRole('button', { name: 'Begin' }).click();
    await second.getByRole('heading', { name: 'Assigned to me' }).waitFor();
    await second.getByRole('button', { name: /pia/ }).click();
    await second.getByRole('menuitem', { name: 'Sign out' }).click();
    await second.waitForURL('**/sign-in');
    await second.getByLabel('Email').fill('pia@desk.test');
    await second.getByLabel('Password').fill('not the right one');
    await second.getByRole('button', { name: 'Sign in' }).click();
    await second.getByText('Email or password is not right.').waitFor();
    await second.getByLabel('Password').fill(PASSWORD);
    await second.getByRole('button', { name: 'Sign in' }).click();
    await second.getByRole('heading', { name: 'Assigned to me' }).waitFor();
  });

  it('are led to no other site after signing in', async () => {
    const page = await workspace.open('/sign-in?to=//evil.test/x');
    await page.getByLabel('Email').fill('olga@desk.test');
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'Assigned to me' }).waitFor();
    expect(new URL(page.url()).origin).toBe(workspace.url);
  });
});

async function mailedLink(desk: TestDesk): Promise<string> {
  let link: string | undefined;
  await eventually(async () => {
    for (const name of await readdir(desk.outbox)) {
      const mail = await readFile(join(desk.outbox, name), 'utf8');
      link = /http:\/\/\S+\/invite\?token=[\w-]+/.exec(
        mail.replaceAll('=\r\n', '').replaceAll('=3D', '='),
      )?.[0];
    }
    expect(link).toBeDefined();
  });
  return link ?? '';
}
