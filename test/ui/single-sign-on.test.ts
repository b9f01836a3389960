// From the button of the sign-in page through a real OpenID Connect provider to the inbox, in a real browser.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startIdentityProvider } from '#test/support/identity-provider.ts';
import type { IdentityProvider } from '#test/support/identity-provider.ts';
import { startWorkspace } from '#test/support/workspace.ts';
import type { Workspace } from '#test/support/workspace.ts';

let workspace: Workspace;
let provider: IdentityProvider;
beforeAll(async () => {
  const [clientId, clientSecret] = ['holdfast', 'a secret of the tests'];
  workspace = await startWorkspace({
    accountsAt: async (url) => {
      const people = {
        ada: { email: 'ada@desk.test', email_verified: true },
        eve: { email: 'eve@other.test', email_verified: true },
      };
      const redirectUri = `${url}/api/auth/callback/sso`;
      const client = { id: clientId, secret: clientSecret, redirectUri };
      provider = await startIdentityProvider(people, client);
      const { issuer } = provider;
      return { publicUrl: url, sso: { issuer, clientId, clientSecret, trustsAddresses: false } };
    },
  });
  // A desk where somebody can sign in asks for no setup.
  await workspace.open('/', { userId: await workspace.desk.addUser('ada') });
});
afterAll(async () => {
  expect(workspace.faults).toEqual([]);
  await workspace.stop();
  await provider.stop();
});

it.for([
  ['ada', 'Assigned to me'],
  ['eve', 'this desk does not know you by that address'],
])('the organisation’s sign-in leads %s to: %s', async ([who = '', words = '']) => {
  const page = await workspace.open('/');
  await page.getByRole('button', { name: 'Sign in with your organisation' }).click();
  await page.locator('input[name=login]').fill(who);
  await page.locator('input[name=password]').fill('whatever they like');
  await page.getByRole('button', { name: /sign-in/i }).click();
  await page.getByRole('button', { name: /continue/i }).click();
  await page.waitForURL((url) => url.origin === workspace.url);
  await page.getByText(words).first().waitFor();
});
