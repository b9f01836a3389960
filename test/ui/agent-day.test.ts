// The agent's day in a real browser against the whole desk.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { axeFaults } from '#test/support/axe.ts';
import { eventually } from '#test/support/poll.ts';
import { PHONE, startWorkspace } from '#test/support/workspace.ts';
import type { Workspace } from '#test/support/workspace.ts';

let workspace: Workspace;
let annaId: string;
beforeAll(async () => {
  workspace = await startWorkspace();
  annaId = await workspace.desk.addUser('Anna');
});
afterAll(async () => {
  expect(workspace.faults).toEqual([]);
  await workspace.stop();
});

const ticketOf = (id: number) => workspace.desk.call('GET', `/api/v1/tickets/${id}`);
const composer = (page: Page) => page.locator('.tiptap');
describe('an agent', () => {
  it('sees a new mail without reloading, answers it by keyboard alone, takes the reply back and sends it', async () => {
    const page = await workspace.open('/views/allOpen', { userId: annaId });
    await page.getByText('Nothing waits here').waitFor();
    const id = await workspace.mail({ subject: 'Printer on fire' });
    await page.getByRole('button', { name: 'Printer on fire' }).waitFor();
    await page.keyboard.press('j');
    await page.getByTestId('timeline').getByText('Hello').waitFor();
    await page.keyboard.press('i');
    await eventually(async () => expect((await ticketOf(id))['assigneeId']).toBe(annaId));
    await composer(page).waitFor();
    await page.keyboard.press('r');
    await page.keyboard.type('We are on our way.');
    await page.keyboard.press('Control+Enter');
    await page.locator('[data-sonner-toast]').getByRole('button', { name: 'Undo' }).click();
    await page.getByText('The reply was taken back').waitFor();
    expect(await composer(page).textContent()).toBe('We are on our way.');
    await composer(page).click();
    await page.keyboard.press('Control+Enter');
    await eventually(async () => expect((await ticketOf(id))['category']).toBe('waiting'));
    await page.getByTestId('timeline').getByText('We are on our way.').last().waitFor();
    await eventually(async () => expect(await composer(page).textContent()).toBe(''));
    const leaving = page.locator('[data-kind=reply]').filter({ hasText: 'leaves soon' });
    await eventually(async () => expect(await leaving.count()).toBe(1));
  });

  it('loses nothing typed when the page is loaded anew', async () => {
    const id = await workspace.mail({ subject: 'Half an answer' });
    const page = await workspace.open(`/tickets/${id}`, { userId: annaId });
    await composer(page).click();
    await page.keyboard.type('Half a sentence');
    await page.reload();
    await composer(page).getByText('Half a sentence').waitFor();
  });

  it('merges two tickets after a look at both, and undoes it', async () => {
    const loser = await workspace.mail({ subject: 'Same thing again' });
    const survivor = await workspace.mail({ subject: 'The first report' });
    const page = await workspace.open(`/tickets/${loser}`, { userId: annaId });
    await page.getByTestId('timeline').getByText('Hello').waitFor();
    await page.keyboard.press('m');
    await page.getByRole('dialog').getByRole('button', { name: 'The first report' }).click();
    await page.getByRole('button', { name: `Merge into #${survivor}` }).click();
    await page.waitForURL(`**/tickets/${survivor}`);
    expect((await ticketOf(loser))['mergedIntoId']).toBe(survivor);
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('The merge is undone').waitFor();
    expect((await ticketOf(loser))['mergedIntoId']).toBeNull();
  });

  it('sees what a colleague changes in another browser, and what the workflow refuses is put back', async () => {
    const id = await workspace.mail({ subject: 'Seen by two' });
    const [one, two] = await Promise.all([
      workspace.open(`/tickets/${id}`, { userId: annaId }),
      workspace.open(`/tickets/${id}`, { userId: await workspace.desk.addUser('Ben') }),
    ]);
    await two.getByTestId('timeline').getByText('Hello').waitFor();
    await one.getByRole('button', { name: 'Priority: Normal' }).click();
    await one.getByRole('option', { name: 'Urgent' }).click();
    await two.getByRole('button', { name: 'Priority: Urgent' }).waitFor();
  });

  it('keeps nothing on the page of a ticket that goes out of their sight', async () => {
    const { desk } = workspace;
    const [userId, elsewhere] = [await desk.addUser('Cleo'), await desk.addUser('Dora')];
    const user = await desk.call('GET', `/api/v1/users/${userId}`);
    const { name, email } = user;
    const body = { name, email, role: 'agent', ticketAccess: 'own' };
    await desk.call('PUT', `/api/v1/users/${userId}`, body);
    const id = await workspace.mail({ subject: 'Not yours for long' });
    await desk.call('PATCH', `/api/v1/tickets/${id}`, { assigneeId: userId });
    const page = await workspace.open(`/tickets/${id}`, { userId });
    await page.getByTestId('timeline').getByText('Hello').waitFor();
    await desk.call('PATCH', `/api/v1/tickets/${id}`, { assigneeId: elsewhere });
    await page.getByText('This does not exist, or is not yours to see.').waitFor();
    expect(await page.getByText('Not yours for long').count()).toBe(0);
  });

  it('changes many tickets at once', async () => {
    const ids = [
      await workspace.mail({ subject: 'Bulk one' }),
      await workspace.mail({ subject: 'Bulk two' }),
    ];
    const page = await workspace.open('/views/allOpen?q=bulk', { userId: annaId });
    for (const id of ids) await page.getByRole('checkbox', { name: `Choose ticket ${id}` }).check();
    await page.getByRole('toolbar').getByRole('button', { name: 'Priority' }).click();
    await page.getByRole('option', { name: 'High' }).click();
    for (const id of ids)
      await eventually(async () => expect((await ticketOf(id))['priority']).toBe('high'));
  });

  it('saves a view whose conditions were tried first, and finds it in the rail', async () => {
    await workspace.mail({ subject: 'For a view' });
    const page = await workspace.open('/views/allOpen', { userId: annaId });
    await page.getByRole('button', { name: 'New view' }).click();
    await page.getByLabel('Name').fill('All that is open');
    await page
      .getByRole('status')
      .filter({ hasText: /^Shows \d+/ })
      .waitFor();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { name: 'All that is open' }).waitFor();
    await page
      .getByRole('navigation')
      .getByRole('link', { name: /All that is open/ })
      .waitFor();
  });

  it('works with one hand on a phone: nothing is wider than the page', async () => {
    const id = await workspace.mail({
      subject: 'From the train, with a subject that is quite a bit longer than the screen is wide',
    });
    const page = await workspace.open('/views/allOpen', { userId: annaId, size: PHONE });
    await page.getByRole('button', { name: 'From the train' }).click();
    await composer(page).click();
    await page.keyboard.type('On it');
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await eventually(async () => expect((await ticketOf(id))['category']).toBe('waiting'));
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(PHONE.width);
    await page.getByRole('button', { name: 'Show details' }).click();
    await page.getByRole('heading', { name: 'Why it is here' }).waitFor();
    await page.getByRole('button', { name: 'Close', exact: true }).click();
    await page.getByRole('button', { name: 'Back' }).click();
    await page.getByRole('button', { name: 'Menu' }).click();
    await page.getByRole('link', { name: /^Unassigned/ }).click();
    await page.getByRole('heading', { name: 'Unassigned' }).waitFor();
  });
});

describe('the daily pages', () => {
  it('have no fault that axe finds, in light and dark', async () => {
    const id = await workspace.mail({ subject: 'Looked at by axe' });
    const page = await workspace.open(`/views/allOpen/tickets/${id}`, { userId: annaId });
    await composer(page).waitFor();
    expect(await axeFaults(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Table' }).click();
    await page.getByRole('table').waitFor();
    expect(await axeFaults(page)).toEqual([]);
    await page.keyboard.press('Control+k');
    await page.getByRole('dialog').waitFor();
    expect(await axeFaults(page)).toEqual([]);
  });
});

describe('what a stranger sends', () => {
  it('runs nothing: HTML, subjects and names are shown, never executed, and pictures from elsewhere wait', async () => {
    let hits = 0;
    const tracker = createServer((_request, response) => {
      hits += 1;
      response.end();
    }).listen(0, '127.0.0.1');
    await once(tracker, 'listening');
    const pixel = `http://127.0.0.1:${(tracker.address() as AddressInfo).port}/pixel.png`;
    const evil = '<img src=x onerror="window.top.hacked=1"><script>window.top.hacked=1</script>';
    const id = await workspace.mail({
      from: '"<img src=x onerror=window.hacked=1>" <evil@customer.test>',
      subject: '<img src=x onerror=window.hacked=1>',
      html: `<p>Dear all</p>${evil}<img src="${pixel}"><a href="javascript:window.top.hacked=1">click</a>`,
    });
    const page = await workspace.open(`/tickets/${id}`, { userId: annaId });
    await page.getByRole('button', { name: 'Show as it was sent' }).click();
    const frame = page.frameLocator('iframe');
    await frame.getByText('Dear all').waitFor();
    await frame.getByText('click').click({ force: true });
    expect(await page.evaluate(() => 'hacked' in window)).toBe(false);
    expect(hits).toBe(0);
    expect(await frame.locator('script').count()).toBe(0);
    await page.getByRole('button', { name: 'Load them' }).click();
    await eventually(() => Promise.resolve(expect(hits).toBe(1)));
    tracker.close();
  });
});
