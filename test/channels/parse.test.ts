// Reading a mail: what a hostile or odd one must not do, and what is understood of bounces and languages.
import { describe, expect, it } from 'vitest';
import { parseMail } from '#channels/email/parse.ts';
import type { ParsedMail } from '#channels/email/read-mail.ts';
import { bounceOf, missedRequester, referencedIds } from '#domain/mail.ts';

async function parse(headers: string[], body = 'Hello'): Promise<ParsedMail> {
  const all = ['From: ann@customer.test', 'To: support@desk.test', ...headers];
  return await parseMail(Buffer.from(`${all.join('\r\n')}\r\n\r\n${body}\r\n`), null);
}

async function msOf(work: Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await work;
  return performance.now() - startMs;
}

describe('a Message-ID', () => {
  it('that is too long for an index still threads, and is the same for the mail and for its answers', async () => {
    const long = `<${'ü'.repeat(1_500)}@customer.test>`;
    const mail = await parse([`Message-ID: ${long}`]);
    expect(Buffer.byteLength(mail.dedupeKey)).toBeLessThanOrEqual(998);
    const answer = await parse([`In-Reply-To: ${long}`, `References: <a@b> ${long}`]);
    expect(referencedIds(answer.facts)[0]).toBe(mail.dedupeKey);
    expect(answer.facts.references).toEqual(['<a@b>', mail.dedupeKey]);
    const other = await parse([`Message-ID: <${'ü'.repeat(1_500)}@other.test>`]);
    expect(other.dedupeKey).not.toBe(mail.dedupeKey);
  });
});

describe('a subject', () => {
  it('with encoded line breaks becomes one line, so that no answer carries a header of a stranger', async () => {
    const encoded = Buffer.from('Hi\r\nBcc: victim@other.test\0\tthere').toString('base64');
    const mail = await parse([`Subject: =?utf-8?B?${encoded}?=`]);
    expect(mail.facts.subject).toBe('Hi Bcc: victim@other.test there');
  });
});

describe('a bounce', () => {
  const report = (status: string, original: string): string =>
    [
      '--b\r\nContent-Type: text/plain\r\n\r\nIt failed.',
      `--b\r\nContent-Type: message/delivery-status\r\n\r\n${status}`,
      `--b\r\n${original}`,
      '--b--',
    ].join('\r\n\r\n');
  const type =
    'Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\nMIME-Version: 1.0';
  const status =
    'Reporting-MTA: dns; mx\r\n\r\nFinal-Recipient: rfc822; a@b\r\nAction: failed\r\nStatus: 5.1.1';

  it.each([
    [
      'headers',
      'Content-Type: text/rfc822-headers\r\n\r\nMessage-ID: <m1@desk.test>\r\nSubject: x',
    ],
    ['the whole mail', 'Content-Type: message/rfc822\r\n\r\nMessage-ID: <m1@desk.test>\r\n\r\nhi'],
    [
      'a folded id',
      'Content-Type: message/rfc822\r\n\r\nMessage-ID:\r\n  <m1@desk.test>\r\n\r\nhi',
    ],
    ['unicode', 'Content-Type: message/global-headers\r\n\r\nMessage-ID: <m1@desk.test>\r\n'],
  ])('names the mail it returns when it holds %s of it', async (_what, original) => {
    const { facts } = await parse([type], report(status, original));
    expect(bounceOf(facts)).toMatchObject({
      failed: [{ status: '5.1.1' }],
      originalMessageId: '<m1@desk.test>',
    });
  });

  it.each<[string, string[], string[], boolean]>([
    [
      'a copy that failed takes nothing back',
      ['b@cc.test;failed;5.1.1', 'a@to.test;delivered;2.0.0'],
      ['b@cc.test'],
      false,
    ],
    ['the requester failed', ['a@to.test;failed;5.1.1'], ['a@to.test'], true],
    ['a server that has given up after days', ['a@to.test;failed;4.4.7'], ['a@to.test'], true],
    ['a delay', ['a@to.test;delayed;4.4.1'], [], false],
    [
      'the second of two',
      ['b@cc.test;delayed;4.2.2', 'A@to.test;failed;5.1.1'],
      ['a@to.test'],
      true,
    ],
    [
      'where the requester forwards to',
      ['x@elsewhere.test;failed;5.2.2'],
      ['x@elsewhere.test'],
      true,
    ],
  ])('is read recipient by recipient: %s', async (_what, told, failed, permanent) => {
    const blocks = told.map((one) => {
      const [address, action, code] = one.split(';');
      return `Final-Recipient: rfc822; ${address}\r\nAction: ${action}\r\nStatus: ${code}`;
    });
    const { facts } = await parse(
      [type],
      report(
        ['Reporting-MTA: dns; mx', ...blocks].join('\r\n\r\n'),
        'Content-Type: message/rfc822\r\n\r\nx',
      ),
    );
    const bounce = bounceOf(facts);
    expect(bounce?.failed.map(({ address }) => address)).toEqual(failed);
    const sent = { to: ['a@to.test'], cc: ['b@cc.test'] };
    expect(missedRequester(bounce?.failed ?? [], sent)).toBe(permanent);
  });

  it('that only says that a mail arrived is none', async () => {
    const { facts } = await parse(
      [type],
      report(
        'Final-Recipient: rfc822; a@b\r\nAction: relayed\r\nStatus: 2.0.0',
        'Content-Type: message/rfc822\r\n\r\nx',
      ),
    );
    expect(bounceOf(facts)).toBeNull();
  });

  it('of a mailer daemon that knows no reports is read from its text', async () => {
    const source = [
      'From: MAILER-DAEMON@mx.test\r\nTo: support@desk.test\r\n',
      'Your mail could not be delivered: 550 5.1.1 no such user\r\n\r\nMessage-Id: <m1@desk.test>\r\n',
    ].join('\r\n');
    const { facts } = await parseMail(Buffer.from(source), '');
    expect(bounceOf(facts)).toMatchObject({
      failed: [{ status: '5.1.1' }],
      originalMessageId: '<m1@desk.test>',
    });
  });

  it.each(['Action', 'Status', 'Message-ID'])(
    'with a million spaces in %s takes no time',
    async (field) => {
      const line = `${field}: a${' '.repeat(1_000_000)}b`;
      const source = `From: MAILER-DAEMON@mx.test\r\nTo: support@desk.test\r\n\r\n${line}\r\n`;
      expect(await msOf(parseMail(Buffer.from(source), ''))).toBeLessThan(2_000);
    },
  );
});

describe('a text that is cut', () => {
  it.each([199, 198])(
    'inside a character of two halves is still one that can be stored (%d)',
    async (length) => {
      const name = `${'a'.repeat(length)}😀😀.pdf`;
      const encoded = `=?utf-8?B?${Buffer.from(name).toString('base64')}?=`;
      const mail = await parse(
        [
          `Subject: =?utf-8?B?${Buffer.from(`${'s'.repeat(997)}😀`).toString('base64')}?=`,
          'Content-Type: multipart/mixed; boundary=b',
        ],
        `--b\r\nContent-Disposition: attachment; filename="${encoded}"\r\nContent-Type: a/b\r\n\r\nx\r\n--b--`,
      );
      expect(mail.attachments[0]?.name.isWellFormed()).toBe(true);
      expect(mail.attachments[0]?.name).toHaveLength(200);
      expect(mail.facts.subject.isWellFormed()).toBe(true);
    },
  );
});

describe('a hostile mail', () => {
  it('that takes long does not hold up another large one', async () => {
    const large = 'word '.repeat(50_000);
    // Both threads have loaded their code.
    await Promise.all([parse([], large), parse([], large)]);
    const read: string[] = [];
    await Promise.all([
      parse([], '> a\n'.repeat(250_000)).then(() => read.push('slow')),
      parse([], large).then(() => read.push('next')),
    ]);
    expect(read).toEqual(['next', 'slow']);
  });

  const big = 1_000_000;
  it.each<[string, string[], string]>([
    ['a million opened tags', ['Content-Type: text/html'], '<div>'.repeat(big / 5)],
    ['a million brackets', ['Content-Type: text/html'], '<'.repeat(big)],
    ['a million open comments', ['Content-Type: text/html'], '<!--'.repeat(big / 4)],
    ['a million entities', ['Content-Type: text/html'], '&lt;'.repeat(big / 4)],
    ['many links', ['Content-Type: text/html'], '<a href="https://x.test">y</a>'.repeat(30_000)],
    ['many quotes', [], '> '.repeat(big / 2)],
    ['many quoted lines', [], '> a\n'.repeat(big / 4)],
    ['a long word', [], 'a'.repeat(big)],
    ['many references', [`References: ${'<a@b> '.repeat(10_000)}`], 'x'],
    ['an unclosed reference', [`References: ${'<'.repeat(100_000)}`], 'x'],
    ['a long address', [`Cc: ${'a@b.test, '.repeat(5_000)}c@d.test`], 'x'],
    ['a long subject', [`Subject: ${'=?utf-8?Q?a?= '.repeat(10_000)}`], 'x'],
  ])('with %s neither stops the others nor takes for ever', async (_what, headers, body) => {
    let longestMs = 0;
    let lastMs = performance.now();
    const beat = setInterval(() => {
      longestMs = Math.max(longestMs, performance.now() - lastMs);
      lastMs = performance.now();
    }, 10);
    const takenMs = await msOf(parse(headers, body).catch(() => null));
    clearInterval(beat);
    expect(longestMs).toBeLessThan(1_500);
    expect(takenMs).toBeLessThan(30_000);
  });

  it('with thousands of parts keeps two hundred of them', async () => {
    const part = '--b\r\nContent-Disposition: attachment\r\n\r\nx\r\n';
    const type = 'Content-Type: multipart/mixed; boundary=b';
    const mail = await parse([type], `${part.repeat(10_000)}--b--`);
    expect(mail.attachments).toHaveLength(200);
  });

  it('that cannot be read does not spoil the next one', async () => {
    const parts = '--b\r\nContent-Disposition: attachment\r\n\r\nx\r\n'.repeat(100_000);
    const broken = parse(['Content-Type: multipart/mixed; boundary=b'], parts);
    const next = parse(['Subject: next'], 'long '.repeat(100_000));
    await expect(broken).rejects.toThrow(/header size/);
    expect((await next).facts.subject).toBe('next');
  });

  it('of two megabytes keeps its attachment byte for byte', async () => {
    const bytes = Buffer.from(Array.from({ length: 1_500_000 }, (_, index) => (index * 7) % 256));
    const base64 = (bytes.toString('base64').match(/.{1,76}/g) ?? []).join('\r\n');
    const mail = await parse(
      [
        'Content-Type: application/octet-stream; name=x.bin',
        'Content-Transfer-Encoding: base64',
        'Content-Disposition: attachment',
      ],
      base64,
    );
    expect(Buffer.from(mail.attachments[0]?.content ?? []).equals(bytes)).toBe(true);
  });
});

describe('the language of a mail', () => {
  it.each([
    ['en', 'Hello, my printer has stopped working since this morning, could you have a look?'],
    ['de', 'Guten Tag, mein Drucker funktioniert seit heute Morgen nicht mehr. Was kann ich tun?'],
    ['fr', 'Bonjour, mon imprimante ne marche plus depuis ce matin, pouvez-vous regarder ?'],
    ['es', 'Hola, mi impresora no funciona desde esta mañana, ¿podrían revisarla por favor?'],
    ['it', 'Buongiorno, la mia stampante non funziona da questa mattina, potete controllare?'],
    ['pt', 'Olá, a minha impressora não funciona desde esta manhã, podem verificar por favor?'],
    ['nl', 'Hallo, mijn printer werkt niet meer sinds vanochtend, kunt u ernaar kijken?'],
    ['pl', 'Dzień dobry, moja drukarka nie działa od rana, czy mogą Państwo to sprawdzić?'],
    ['ru', 'Здравствуйте, мой принтер не работает с сегодняшнего утра, посмотрите пожалуйста.'],
    ['ja', 'こんにちは、今朝からプリンターが動きません。ご確認いただけますか。'],
    ['zh', '您好，我的打印机从今天早上开始就不能用了，请帮忙看一下。'],
    ['ko', '안녕하세요, 오늘 아침부터 프린터가 작동하지 않습니다. 확인 부탁드립니다.'],
    ['ar', 'مرحبا، طابعتي لا تعمل منذ هذا الصباح، هل يمكنكم التحقق من ذلك من فضلكم؟'],
  ])('%s is recognised', async (language, body) => {
    const headers = ['Content-Type: text/plain; charset=utf-8', 'Subject: Ticket'];
    expect(await parse(headers, body)).toMatchObject({ language });
  });

  it.each([
    '',
    'ok',
    'Thanks!',
    'asdf qwer zxcv uiop',
    'https://example.com/a/very/long/path/that/says/nothing?of=the&language=of&the=mail',
    '{"error":"E_FAIL","code":1234,"message":"x"} {"error":"E_FAIL","code":1234}',
    '1234 5678 9012 3456 7890 1234 5678',
    '> On Monday somebody wrote a long English sentence that is not the sender’s own.\n> And so on.',
  ])('%s says nothing', async (body) => {
    expect(await parse([], body)).toMatchObject({ language: null });
  });

  it('is that of the new words, not of what they quote', async () => {
    const body =
      'Vielen Dank für die schnelle Antwort, leider funktioniert der Drucker immer noch nicht.\n\n' +
      'On Mon, 3 Mar 2025 at 10:00, Support <support@desk.test> wrote:\n' +
      '> Please switch the printer off and on again, and tell us what the display says.\n'.repeat(
        20,
      );
    expect(await parse(['Content-Type: text/plain; charset=utf-8'], body)).toMatchObject({
      language: 'de',
    });
  });
});
