// The composer in a real browser: nothing typed is lost, whatever device it was typed on, and all of it can be done by keyboard.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import PostalMime from 'postal-mime';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ingestMail } from '#channels/email/ingest.ts';
import { findOutboundMail } from '#db/messages.ts';
import { axeFaults } from '#test/support/axe.ts';
import { callApi, makeToken } from '#test/support/desk.ts';
import type { Json } from '#test/support/desk.ts';
import { eventually } from '#test/support/poll.ts';
import { PHONE, startWorkspace } from '#test/support/workspace.ts';
import type { Workspace } from '#test/support/workspace.ts';

let workspace: Workspace;
let annaId: string;
let benId: string;
beforeAll(async () => {
  workspace = await startWorkspace();
  annaId = await workspace.desk.addUser('Anna');
  benId = await workspace.desk.addUser('Ben');
  await workspace.desk.call('PATCH', '/api/v1/settings', { undoSendSeconds: 0 });
});
afterAll(async () => {
  expect(workspace.faults).toEqual([]);
  await workspace.stop();
});

/** A picture of one point. */
const PIXEL =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
/** The composer's part of a ticket. */
const WRITING = 'section:has(.tiptap)';
const words = (page: Page) => page.locator('.tiptap');
const open = (id: number, more: object = {}) =>
  workspace.open(`/tickets/${id}`, { userId: annaId, ...more });
const savedOnDesk = (page: Page) => page.getByText('Draft saved').waitFor();
/** Opens the composer by its key, once it is there. */
async function write(page: Page, key: 'r' | 'n' | 'w', text: string): Promise<void> {
  await words(page).waitFor();
  await page.keyboard.press(key);
  await page.keyboard.type(text);
}
/** The newest message of a ticket, when there is one of this kind. */
async function newest(id: number, kind: string): Promise<Json> {
  return await eventually(async () => {
    const { items } = await workspace.desk.call('GET', `/api/v1/tickets/${id}/timeline?order=desc`);
    const found = items.find(
      (one: Json) => one['kind'] === 'message' && one['message'].kind === kind,
    );
    expect(found).toBeDefined();
    return found['message'];
  });
}
async function mailOf(messageId: string) {
  const path = join(workspace.desk.outbox, `${messageId}.eml`);
  return await eventually(async () => await PostalMime.parse(await readFile(path)));
} /** Drops a file at a place of the page, as from another window. */
async function dropFile(page: Page, path: string, at: { x: number; y: number }): Promise<void> {
  const devtools = await page.context().newCDPSession(page);
  const data = { items: [], files: [path], dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
    await devtools.send('Input.dispatchDragEvent', { type, ...at, data });
}

/** Puts a picture into the text as a screenshot from the clipboard. */
async function pastePicture(page: Page): Promise<void> {
  await words(page).evaluate((element, pixel) => {
    const bytes = Uint8Array.from(atob(pixel), (letter) => letter.codePointAt(0) ?? 0);
    const clipboardData = new DataTransfer();
    clipboardData.items.add(new File([bytes], 'shot.png', { type: 'image/png' }));
    element.dispatchEvent(
      new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }),
    );
  }, PIXEL);
}

const hold = () => {
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  return { held, release: () => release() };
};

describe('a draft', () => {
  it('is on the desk as typed: another device goes on with it, the list marks it, and it goes with its message', async () => {
    const id = await workspace.mail({ subject: 'On two devices' });
    const laptop = await open(id);
    await write(laptop, 'r', 'Half a sent');
    await savedOnDesk(laptop);
    await laptop.getByRole('button', { name: 'Bcc' }).focus();
    await laptop.keyboard.press('Enter');
    await laptop.keyboard.type('boss@desk.example,');
    const tablet = await workspace.open('/views/allOpen', { userId: annaId });
    await tablet.getByText('You have a draft here').waitFor({ state: 'attached' });
    await eventually(async () => {
      await tablet.goto(`${workspace.url}/tickets/${id}`);
      await words(tablet).getByText('Half a sent').waitFor();
      await tablet.getByText('boss@desk.example').waitFor({ timeout: 1_000 });
    });
    await write(tablet, 'r', 'ence.');
    await tablet.keyboard.press('Control+Enter');
    const message = await newest(id, 'reply');
    expect(message).toMatchObject({ body: 'Half a sentence.', bcc: ['boss@desk.example'] });
    await mailOf(message['id']);
    expect((await findOutboundMail(workspace.desk.sql, message['id']))?.bcc).toEqual([
      'boss@desk.example',
    ]);
    await laptop.evaluate(() => globalThis.dispatchEvent(new Event('focus')));
    await eventually(async () => expect(await words(laptop).textContent()).toBe(''));
  });

  it('of two devices at once loses neither text, and says so', async () => {
    const id = await workspace.mail({ subject: 'Typed twice' });
    const [laptop, phone] = await Promise.all([open(id), open(id, { size: PHONE })]);
    await Promise.all([words(laptop).waitFor(), words(phone).waitFor()]);
    await write(laptop, 'r', 'From the laptop');
    await savedOnDesk(laptop);
    await write(phone, 'r', 'From the phone');
    const clash = phone.getByRole('alert').filter({ hasText: 'On another device' });
    await clash.getByText('From the laptop').waitFor();
    expect(await axeFaults(phone, WRITING)).toEqual([]);
    await clash.getByRole('button', { name: 'Both' }).focus();
    await phone.keyboard.press('Enter');
    await words(phone).getByText('From the laptop').waitFor();
    await words(phone).getByText('From the phone').waitFor();
    await savedOnDesk(phone);
    await laptop.evaluate(() => globalThis.dispatchEvent(new Event('focus')));
    await words(laptop).getByText('From the phone').waitFor();
  });

  it('keeps what is typed while its message is under way, and goes with it though one has left the ticket', async () => {
    const id = await workspace.mail({ subject: 'Typing on' });
    const page = await open(id);
    await words(page).waitFor();
    let { held, release } = hold();
    await page.route('**/replies', async (route) => {
      await held;
      await route.continue();
    });
    await write(page, 'r', 'The answer.');
    await page.keyboard.press('Control+Enter');
    await page.keyboard.type(' One more thing');
    release();
    await eventually(async () => expect(await words(page).textContent()).toBe('One more thing'));
    await savedOnDesk(page);
    expect(await newest(id, 'reply')).toMatchObject({ body: 'The answer.' });

    ({ held, release } = hold());
    await page.keyboard.press('Control+Enter');
    await page.getByRole('link', { name: 'All closed' }).click();
    await page.waitForURL('**/views/allClosed*');
    release();
    await eventually(async () =>
      expect(await newest(id, 'reply')).toMatchObject({ body: 'One more thing' }),
    );
    await page.goBack();
    await words(page).waitFor();
    await eventually(async () => expect(await words(page).textContent()).toBe(''));
  });

  it('sent without an answer, and again from a page opened anew, is one message', async () => {
    const id = await workspace.mail({ subject: 'Answered or not' });
    const page = await open(id);
    await words(page).waitFor();
    // The desk accepts it, and its answer is lost.
    await page.route('**/replies', async (route) => {
      await route.fetch();
      await route.abort();
    });
    // At once, before the desk has the draft: it would know that this one has been sent.
    await write(page, 'r', 'Only once, please');
    await page.keyboard.press('Control+Enter');
    await newest(id, 'reply');
    await page.getByText('cannot be reached').first().waitFor();
    await page.unrouteAll({ behavior: 'wait' });
    await page.reload();
    await words(page).getByText('Only once, please').waitFor();
    await page.keyboard.press('r');
    await page.keyboard.press('Control+Enter');
    await eventually(async () => expect(await words(page).textContent()).toBe(''));
    const { items } = await workspace.desk.call('GET', `/api/v1/tickets/${id}/timeline`);
    const replies = items.filter((one: Json) => one['message']?.kind === 'reply');
    expect(replies).toHaveLength(1);
  });

  it('is nobody else’s: who signs in next on this browser meets an empty composer', async () => {
    const id = await workspace.mail({ subject: 'Shared browser' });
    const page = await open(id);
    await page.route('**/draft', (route) =>
      route.request().method() === 'PUT' ? route.abort() : route.continue(),
    );
    await write(page, 'r', 'Only mine');
    await page.getByText('Kept on this device').waitFor();
    await page.unroute('**/draft');
    await workspace.signIn(page, benId);
    await page.goto(`${workspace.url}/tickets/${id}`);
    await words(page).waitFor();
    await eventually(() => expect(page.url()).toContain(`/tickets/${id}`));
    expect(await words(page).textContent()).toBe('');
    await workspace.signIn(page, annaId);
    await page.goto(`${workspace.url}/tickets/${id}`);
    await words(page).getByText('Only mine').waitFor();
  });

  it('is kept on this device while the desk cannot be reached, and follows by itself', async () => {
    const id = await workspace.mail({ subject: 'In a tunnel' });
    const page = await open(id);
    await words(page).waitFor();
    await page.context().setOffline(true);
    await write(page, 'n', 'Written in a tunnel');
    await page.getByText('Kept on this device').waitFor();
    await page.context().setOffline(false);
    await savedOnDesk(page);
    const other = await open(id);
    await words(other).getByText('Written in a tunnel').waitFor();
  });
});

describe('a page that is older than the desk', () => {
  /** A part of the workspace that an update has taken away; from the next load of the page on it is there under its new name, or not. */
  const takeAway = async (page: Page, part: string, of: { forGood: boolean }) => {
    const loads: string[] = [];
    await page.route(`**/assets/${part}-*.js`, (route) =>
      loads.length === 0 || of.forGood
        ? route.fulfill({ status: 404, body: 'No such file.' })
        : route.continue(),
    );
    page.on('domcontentloaded', () => loads.push(page.url()));
    return loads;
  };

  it.for(['page', 'dialog'])(
    'is loaded anew once when a %s of it is gone, and loses nothing typed',
    async (kind) => {
      const id = await workspace.mail({ subject: 'Typed before the update' });
      const page = await open(id);
      await write(page, 'r', 'Before the update');
      const isPage = kind === 'page';
      const loads = await takeAway(page, isPage ? 'summary' : 'merge-dialog', { forGood: false });
      await words(page).blur();
      if (isPage) {
        await page.getByRole('link', { name: 'Summary' }).click();
        await page.getByRole('heading', { name: 'Summary' }).waitFor();
        expect(loads).toHaveLength(1);
        await page.goto(`${workspace.url}/tickets/${id}`);
        await words(page).getByText('Before the update').waitFor();
        return;
      }
      await page.keyboard.press('m');
      await eventually(() => expect(loads).toHaveLength(1));
      await words(page).getByText('Before the update').waitFor();
      await page.keyboard.press('m');
      await page.getByRole('dialog').waitFor();
      expect(loads).toHaveLength(1);
    },
  );

  it('says so when the part is gone for good, and is not loaded for ever', async () => {
    const page = await open(await workspace.mail({ subject: 'Broken for good' }));
    await words(page).waitFor();
    const loads = await takeAway(page, 'merge-dialog', { forGood: true });
    await page.keyboard.press('m');
    await eventually(() => expect(loads).toHaveLength(1));
    await words(page).waitFor();
    await page.keyboard.press('m');
    await page.getByRole('button', { name: 'Try again' }).waitFor();
    expect(loads).toHaveLength(1);
  });
});

describe('files dropped on the composer', () => {
  it('are in the words where a picture was dropped, and below them otherwise; all of it leaves', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'holdfast-drop-'));
    const [picture, list] = [join(folder, 'shot.png'), join(folder, 'list.txt')];
    await writeFile(picture, Buffer.from(PIXEL, 'base64'));
    await writeFile(list, 'One, two');
    const id = await workspace.mail({ subject: 'Drop it' });
    const page = await open(id);
    await write(page, 'r', 'Above');
    await page.keyboard.press('Enter');
    await page.keyboard.type('Below');
    const line = await words(page).getByText('Above').boundingBox();
    if (line === null) throw new Error('The words are not to be seen.');
    // At the end of the first line, while the cursor is at that of the second.
    await dropFile(page, picture, { x: line.x + line.width - 5, y: line.y + line.height / 2 });
    await words(page).getByRole('img', { name: 'shot.png' }).waitFor();
    const tabs = await page.getByRole('tab', { name: 'Forward' }).boundingBox();
    await dropFile(page, list, { x: (tabs?.x ?? 0) + 200, y: (tabs?.y ?? 0) + 5 });
    await page.getByRole('button', { name: 'Remove list.txt' }).waitFor();
    await page.keyboard.press('Control+Enter');
    const message = await newest(id, 'reply');
    expect(message['body']).toMatch(/^Above\[shot\.png\]\n+Below$/);
    const mail = await mailOf(message['id']);
    expect(mail.attachments.map(({ filename, disposition }) => [filename, disposition])).toEqual([
      ['shot.png', 'inline'],
      ['list.txt', 'attachment'],
    ]);
    await rm(folder, { recursive: true });
  });
});

describe('by keyboard alone', () => {
  it('a canned reply comes with the requester’s name, a picture stands in the words and leaves with them', async () => {
    await workspace.desk.call('POST', '/api/v1/canned-replies', {
      ...{ name: 'Greeting', shortcut: 'hi', visibility: 'everyone' },
      ...{ body: 'Hello {{requester.firstName|there}},', bodyHtml: null },
    });
    const id = await workspace.mail({ subject: 'Greet me', from: 'Ann Lee <ann@customer.test>' });
    const page = await open(id);
    await write(page, 'r', '/hi');
    await page.getByRole('option', { name: 'Greeting' }).waitFor();
    expect(await axeFaults(page, WRITING)).toEqual([]);
    await page.keyboard.press('Enter');
    await words(page).getByText('Hello Ann,').waitFor();
    await page.keyboard.type(' look: ');
    await pastePicture(page);
    await words(page).getByRole('img', { name: 'shot.png' }).waitFor();
    await page.keyboard.press('Control+Enter');
    const message = await newest(id, 'reply');
    expect(message['body']).toBe('Hello Ann, look: [shot.png]');
    const mail = await mailOf(message['id']);
    const [picture] = mail.attachments;
    expect(picture).toMatchObject({ disposition: 'inline', filename: 'shot.png' });
    expect(mail.html).toContain(`cid:${picture?.contentId?.slice(1, -1)}`);
    await page.getByTestId('timeline').getByRole('img', { name: 'shot.png' }).waitFor();
  });

  it('a colleague is named in a note and gets a notice; what is typed there never stands in a reply', async () => {
    const id = await workspace.mail({ subject: 'Ask Ben' });
    const page = await open(id);
    await write(page, 'n', '@be');
    await page.getByRole('option', { name: 'Ben' }).waitFor();
    await page.keyboard.press('Enter');
    await page.keyboard.type('can you look?');
    await savedOnDesk(page);
    await page.reload();
    await words(page).getByText('can you look?').waitFor();
    await page.getByRole('tab', { name: 'Reply' }).click();
    expect(await words(page).textContent()).toBe('');
    await page.getByRole('tab', { name: 'Note' }).click();
    await page.keyboard.press('Control+Enter');
    expect((await newest(id, 'note'))['body']).toBe('@Ben can you look?');
    const ben = await makeToken(workspace.desk.sql, benId, ['read']);
    await eventually(async () => {
      const path = '/api/v1/notifications';
      const { items } = await callApi(workspace.desk.app, ben, { method: 'GET', path });
      expect(items.map((one: Json) => one['ticketId'])).toContain(id);
    });
  });
});

describe('a message', () => {
  it('goes to nobody by a mistyped address, and takes several pasted at once', async () => {
    const id = await workspace.mail({ subject: 'To many' });
    const page = await open(id);
    await write(page, 'w', 'Please have a look.');
    const to = page.getByRole('combobox', { name: 'To' });
    await to.fill('Vera <vera@vendor.example>; not-an-address,');
    await page.getByText('vera@vendor.example').waitFor();
    await page.keyboard.press('Control+Enter');
    await page.getByText('Not sent: not-an-address is no address.').waitFor();
    await to.focus();
    await page.keyboard.press('Backspace');
    await page.keyboard.press('Control+Enter');
    expect((await newest(id, 'forward'))['to']).toEqual(['vera@vendor.example']);
  });
});

describe('a forward', () => {
  /** An older mail with a file, and what the customer wrote after it. */
  const twoMails = async (subject: string): Promise<number> => {
    const { desk } = workspace;
    const header = `<${subject.replaceAll(' ', '-')}@customer.test>`;
    const mail = async (lines: string[]): Promise<number> => {
      const { ticketId } = await ingestMail(desk.ingest, {
        ...{ channelId: desk.channel.id, envelope: null, receivedAt: new Date() },
        source: Buffer.from(
          ['From: Ann <ann@customer.test>', `Subject: ${subject}`, ...lines, ''].join('\r\n'),
        ),
      });
      return ticketId ?? 0;
    };
    const id = await mail([
      ...[
        `Message-ID: ${header}`,
        'MIME-Version: 1.0',
        'Content-Type: multipart/mixed; boundary=b',
      ],
      ...['', '--b', 'Content-Type: text/plain', '', 'The bill is attached.', '--b'],
      ...['Content-Type: text/plain; name=bill.txt', 'Content-Disposition: attachment', ''],
      ...['100 euros', '--b--'],
    ]);
    await mail([`Message-ID: <2${header.slice(1)}`, `In-Reply-To: ${header}`, '', 'Any news?']);
    return id;
  };
  const passesOn = (page: Page) => page.getByRole('combobox', { name: 'Message' });
  const shown = (page: Page) =>
    passesOn(page).evaluate((one) => (one as HTMLSelectElement).selectedOptions[0]?.textContent);

  it('passes on the message that was chosen in the timeline, with its files, by keyboard', async () => {
    const id = await twoMails('Two mails to forward');
    const page = await open(id, { size: PHONE });
    await words(page).waitFor();
    await page.keyboard.press('w');
    // Until one is chosen it is the newest that the customer wrote.
    await eventually(async () => expect(await shown(page)).toContain('Any news?'));
    await page.keyboard.type('Please pay this.');
    const bill = page.locator('section[data-kind=inbound]').filter({ hasText: 'The bill' });
    await bill.getByRole('button', { name: 'Forward this message' }).focus();
    await page.keyboard.press('Enter');
    await expect
      .poll(() => words(page).evaluate((one) => one === document.activeElement))
      .toBe(true);
    expect(await shown(page)).toMatch(/^Ann · .* · The bill is attached\.$/);
    await page.locator(WRITING).getByText('bill.txt').waitFor();
    expect(await axeFaults(page, WRITING)).toEqual([]);
    await savedOnDesk(page);
    const tablet = await open(id);
    await eventually(async () => expect(await shown(tablet)).toContain('The bill'));
    await tablet.context().close();
    await page.getByRole('combobox', { name: 'To' }).fill('books@vendor.example,');
    await page.keyboard.press('Control+Enter');
    const message = await newest(id, 'forward');
    const mail = await mailOf(message['id']);
    expect(mail.text).toMatch(/^Please pay this\.[\s\S]*Forwarded[\s\S]*The bill is attached\./);
    expect(mail.text).not.toContain('Any news?');
    expect(mail.attachments.map(({ filename }) => filename)).toEqual(['bill.txt']);
    // The next one begins as ever.
    await eventually(async () => expect(await shown(page)).toContain('Any news?'));
  });

  it('can be given another message in the composer; notes and messages taken back are not offered', async () => {
    const id = await twoMails('Choose again');
    await workspace.desk.call('POST', `/api/v1/tickets/${id}/notes`, { body: 'Keep this inside' });
    const sendAt = new Date(Date.now() + 3_600_000).toISOString();
    const path = `/api/v1/tickets/${id}/replies`;
    const back = await workspace.desk.call('POST', path, { body: 'Sent too soon', sendAt });
    await workspace.desk.call('DELETE', `/api/v1/messages/${back['id']}`);
    const page = await open(id);
    await write(page, 'w', 'Have a look.');
    const options = passesOn(page).getByRole('option');
    await eventually(async () =>
      expect((await options.allTextContents()).map((one) => one.split(' · ').at(-1))).toEqual([
        'Any news?',
        'The bill is attached.',
      ]),
    );
    const note = page.locator('section[data-kind=note]');
    expect(await note.getByRole('button', { name: 'Forward this message' }).count()).toBe(0);
    await passesOn(page).focus();
    await page.keyboard.press('ArrowDown');
    await page.locator(WRITING).getByText('bill.txt').waitFor();
    await page.getByRole('combobox', { name: 'To' }).fill('books@vendor.example,');
    await page.keyboard.press('Control+Enter');
    expect((await newest(id, 'forward'))['quoted']).toContain('The bill is attached.');
  });

  it('that was taken back has its message still', async () => {
    // A ticket hears of a setting a moment after it is saved; a new one is born with it.
    await workspace.desk.call('PATCH', '/api/v1/settings', { undoSendSeconds: 30 });
    const id = await twoMails('Taken back');
    const page = await open(id);
    const bill = page.locator('section[data-kind=inbound]').filter({ hasText: 'The bill' });
    await words(page).waitFor();
    await bill.getByRole('button', { name: 'Forward this message' }).click();
    await page.keyboard.type('Pay this');
    await page.getByRole('combobox', { name: 'To' }).fill('books@vendor.example,');
    await page.keyboard.press('Control+Enter');
    await page.getByTestId('timeline').getByRole('button', { name: 'Undo' }).click();
    await words(page).getByText('Pay this').waitFor();
    expect(await shown(page)).toContain('The bill');
    await workspace.desk.call('PATCH', '/api/v1/settings', { undoSendSeconds: 0 });
  });
});

describe('what is written once', () => {
  it('a canned reply is made with a look at how it reads, by keyboard, and offered at once', async () => {
    const id = await workspace.mail({ subject: 'Preview me', from: 'Zoe Zed <zoe@customer.test>' });
    const page = await workspace.open('/settings/canned-replies/new', { userId: annaId });
    await page.getByLabel('Name').fill('Thanks');
    await page.getByLabel('Shortcut').fill('ty');
    await page.getByLabel('Ticket number').fill(String(id));
    await words(page).focus();
    await page.keyboard.type('Thank you, {{requester.firstName}} of {{company.name}}!');
    const preview = page.getByRole('region', { name: 'Preview' });
    await preview.getByText('Thank you, Zoe of !').waitFor();
    await preview.getByText('Nothing is known for: company.name').waitFor();
    await page.keyboard.type(' {{requester.nome}}');
    await preview.getByText('There is no placeholder {{requester.nome}}.').waitFor();
    for (let n = 0; n < ' {{requester.nome}}'.length; n += 1)
      await page.keyboard.press('Backspace');
    await page.getByRole('button', { name: 'Save' }).focus();
    await page.keyboard.press('Enter');
    await page.getByText('“Thanks” is saved').waitFor();
    await page.goto(`${workspace.url}/tickets/${id}`);
    await write(page, 'r', '/ty');
    await page.getByRole('option', { name: 'Thanks' }).waitFor();
    await page.keyboard.press('Enter');
    await words(page).getByText('Thank you, Zoe of !').waitFor();
    await page.getByText('Nothing is known for company.name').waitFor();
  });

  it('the canned reply that fits what the requester wrote is offered first, with the words that speak for it', async () => {
    for (const [name, body] of [
      ['Aardvark care', 'How to feed an aardvark.'],
      ['Refund', 'Your refund arrives within ten days.'],
    ]) {
      await workspace.desk.call('POST', '/api/v1/canned-replies', {
        ...{ name, body, visibility: 'everyone' },
      });
    }
    const text = 'The parcel came broken. I would like to be refunded, please, as soon as you can.';
    const page = await open(await workspace.mail({ subject: 'Broken', text }));
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await page.reload();
    await write(page, 'r', 'Hello ');
    await savedOnDesk(page);
    const first = page.getByRole('option').first();
    // Nothing is asked for those who only read or write.
    expect(asked.filter((url) => /\/api\/.*(canned|recommended)-replies/.test(url))).toEqual([]);
    await page.getByRole('button', { name: 'Canned replies' }).click();
    await first.getByText('Refund', { exact: true }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('listbox').waitFor({ state: 'hidden' });
    await page.keyboard.press('r');
    await expect
      .poll(() => words(page).evaluate((one) => one === document.activeElement))
      .toBe(true);
    await page.keyboard.type('/');
    await first.getByText('Refund', { exact: true }).waitFor();
    await first.getByText('fits: refunded').waitFor();
    await page.keyboard.press('Enter');
    await words(page).getByText('Your refund arrives').waitFor();
  });

  it('a signature is shown below the reply as it leaves, and can be left out', async () => {
    const account = await workspace.open('/account', { userId: benId });
    await words(account).focus();
    await account.keyboard.type('Yours, {{agent.name}}');
    const section = account.locator('section').filter({ has: words(account) });
    await section.getByRole('button', { name: 'Save' }).click();
    await account.getByText('Saved').waitFor();
    const id = await workspace.mail({ subject: 'Signed' });
    const page = await workspace.open(`/tickets/${id}`, { userId: benId });
    await page.getByRole('note', { name: 'Signature' }).getByText('Yours, Ben').waitFor();
    await write(page, 'r', 'With it.');
    await page.keyboard.press('Control+Enter');
    expect((await newest(id, 'reply'))['body']).toBe('With it.\n\n-- \nYours, Ben');
    await eventually(async () => expect(await words(page).textContent()).toBe(''));
    await page.getByRole('button', { name: 'Leave the signature out' }).click();
    await write(page, 'r', 'Without it.');
    await page.keyboard.press('Control+Enter');
    await eventually(async () => expect((await newest(id, 'reply'))['body']).toBe('Without it.'));
  });

  it('leaves at any time that is chosen by one’s own clock', async () => {
    const id = await workspace.mail({ subject: 'Not yet' });
    const page = await open(id);
    await write(page, 'r', 'Later.');
    await page.getByRole('button', { name: 'Send later' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('menuitem', { name: 'Date and time…' }).click();
    const when = page.getByRole('dialog').getByLabel('Date and time…');
    await when.fill('2035-01-02T09:30');
    await page.keyboard.press('Enter');
    const { sendAt } = await newest(id, 'reply');
    const local = await page.evaluate(() => new Date('2035-01-02T09:30').toISOString());
    expect(Date.parse(sendAt)).toBe(Date.parse(local));
  });

  it('has pages without a fault that axe finds, in light and dark, and nothing wider than a small phone', async () => {
    const { items } = await workspace.desk.call('GET', '/api/v1/canned-replies');
    const greeting = items.find((one: Json) => one['name'] === 'Greeting');
    const paths = ['/settings/canned-replies', `/settings/canned-replies/${greeting['id']}`];
    const page = await workspace.open('/settings', { userId: annaId, size: PHONE });
    for (const path of paths) {
      await page.goto(workspace.url + path);
      await page.getByText('Greeting').first().waitFor();
      expect(await axeFaults(page)).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(PHONE.width);
    }
  });
});
