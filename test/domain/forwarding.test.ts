// What somebody outside gets to see of a message that is passed on.
import { describe, expect, it } from 'vitest';
import { forwardedHtml, forwardedText } from '#domain/forwarding.ts';
import type { Original } from '#domain/forwarding.ts';

const original: Original = {
  ...{ from: 'ann@customer.test', fromName: 'Ann <3', to: ['support@desk.test'], cc: [] },
  ...{ subject: 'Fire & smoke', text: 'It burns\n> a lot', html: null },
  atMs: Date.UTC(2026, 10, 24, 9, 30),
};

describe('a forward', () => {
  it('has the words first, then whose message it was, when and what, then all of it', () => {
    expect(forwardedText('Can you help?\n', original)).toBe(
      [
        'Can you help?',
        '',
        '---------- Forwarded message ----------',
        'From: Ann <3 <ann@customer.test>',
        'Date: Tue, 24 Nov 2026 09:30:00 GMT',
        'Subject: Fire & smoke',
        'To: support@desk.test',
        '',
        'It burns\n> a lot',
      ].join('\n'),
    );
  });

  it('says what it knows of a sender without an address', () => {
    expect(forwardedText('x', { ...original, from: null })).toContain('From: Ann <3\n');
    expect(forwardedText('x', { ...original, from: null, fromName: null })).toContain(
      'From: unknown\n',
    );
  });

  it('stays plain text when both parts are', () => {
    expect(forwardedHtml({ text: 'x', html: null }, original)).toBeNull();
  });

  it('lets no text become markup', () => {
    const html = forwardedHtml({ text: 'x', html: '<p>Look</p>' }, original) ?? '';
    expect(html).toContain('<p>Look</p>');
    expect(html).toContain('Ann &lt;3 &lt;ann@customer.test&gt;');
    expect(html).toContain('Fire &amp; smoke');
    expect(html).toContain('It burns<br>&gt; a lot');
    const words = forwardedHtml({ text: 'a <b', html: null }, { ...original, html: '<i>hi</i>' });
    expect(words).toContain('a &lt;b');
    expect(words).toContain('<blockquote><i>hi</i></blockquote>');
  });
});
