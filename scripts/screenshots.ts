// Pictures of the main pages for the README: signs in to a running demo desk (its data folder is the argument), gives it a few tickets
// when it has none, and writes docs/images/*.png. Look at them before they are committed.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { launchWholeBrowser } from '#test/support/browser.ts';

interface Demo {
  url: string;
  adminEmail: string;
  adminPassword: string;
  adminApiKey: string;
}

const IMAGES = fileURLToPath(new URL('../docs/images/', import.meta.url));
const PEOPLE = ['Ann Larsen', 'Bo Nakamura', 'Chiara Rossi', 'Dev Patel', 'Élodie Martin'];
const SUBJECTS = [
  ...['Printer on fire after the update', 'Cannot sign in since Monday', 'Refund for order 1183'],
  ...['Invoice 2291 shows the wrong address', 'API returns 500 for /orders', 'How do I export?'],
];
const PAGES = [
  { name: 'workspace', path: '/views/allOpen/tickets/1', size: { width: 1440, height: 860 } },
  { name: 'summary', path: '/summary', size: { width: 1440, height: 860 } },
  { name: 'sla-policies', path: '/settings/sla-policies', size: { width: 1440, height: 860 } },
  { name: 'operations', path: '/operations', size: { width: 1440, height: 860 } },
  { name: 'phone', path: '/views/allOpen/tickets/1', size: { width: 390, height: 844 } },
];

async function main(): Promise<void> {
  const folder = process.argv[2] ?? '.holdfast';
  const demo = JSON.parse(await readFile(join(folder, 'demo.json'), 'utf8')) as Demo;
  await seed(demo);
  const browser = await launchWholeBrowser();
  for (const { name, path, size } of PAGES) {
    const page = await signedIn(browser, demo, size);
    await page.goto(demo.url + path);
    await page.waitForTimeout(1_500);
    await page.screenshot({ path: join(IMAGES, `${name}.png`) });
    await page.context().close();
  }
  await browser.close();
}

async function signedIn(
  browser: Browser,
  demo: Demo,
  viewport: { width: number; height: number },
): Promise<Page> {
  const context = await browser.newContext({ viewport, serviceWorkers: 'block' });
  const page = await context.newPage();
  await page.request.post(`${demo.url}/api/auth/sign-in/email`, {
    data: { email: demo.adminEmail, password: demo.adminPassword },
    headers: { origin: demo.url },
  });
  return page;
}

async function seed(demo: Demo): Promise<void> {
  const call = async (method: string, path: string, body?: object) => {
    const answer = await fetch(`${demo.url}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${demo.adminApiKey}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return (await answer.json()) as { items?: unknown[] };
  };
  const { items = [] } = await call('GET', '/tickets?limit=1');
  if (items.length > 0) return;
  for (const [index, subject] of [...SUBJECTS, ...SUBJECTS].entries()) {
    const name = PEOPLE[index % PEOPLE.length] ?? '';
    await call('POST', '/tickets', {
      ...{ subject, priority: ['normal', 'high', 'urgent', 'low'][index % 4] },
      body: `Hello,\n\ncould you look at this, please?\n\nThanks, ${name}`,
      requester: {
        name,
        email: `${name
          .split(' ')[0]
          ?.toLowerCase()
          .normalize('NFD')
          .replaceAll(/[^a-z]/g, '')}@customer.example`,
      },
    });
  }
  await call('POST', '/tickets/1/replies', { body: 'We are on it, and will write again today.' });
  await call('POST', '/tickets/1/notes', { body: 'The same printer as last month.' });
}

await main();
