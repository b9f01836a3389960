// The door of the workspace, in a real browser.
import { AxeBuilder } from '@axe-core/playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PHONE, startWorkspace } from '#test/support/workspace.ts';
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
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
    }
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
    expect(workspace.faults).toEqual([]);
  });

  it('is served under a policy that runs no script but its own files', async () => {
    const answer = await fetch(`${workspace.url}/sign-in`, { headers: { accept: 'text/html' } });
    expect(answer.headers.get('content-type')).toContain('text/html');
    const policy = answer.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'self'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/script-src[^;]*unsafe/);
    expect((await fetch(`${workspace.url}/nothing.js`)).status).toBe(404);
    expect((await fetch(`${workspace.url}/assets/..%2f..%2f..%2fpackage.json`)).status).toBe(404);
  });
});
