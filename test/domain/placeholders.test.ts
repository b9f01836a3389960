// What is filled into texts that agents use again and again: values as they are in text, harmless in HTML, and nothing misspelt.
import { describe, expect, it } from 'vitest';
import { withInlineImages } from '#domain/inline-images.ts';
import {
  fillPlaceholders,
  namesOf,
  PLACEHOLDERS,
  unknownPlaceholders,
} from '#domain/placeholders.ts';
import type { PlaceholderValues } from '#domain/placeholders.ts';
import { signed } from '#domain/signature.ts';

const nothing = Object.fromEntries(PLACEHOLDERS.map((one) => [one, null])) as PlaceholderValues;
const values = (some: Partial<PlaceholderValues>): PlaceholderValues => ({ ...nothing, ...some });

describe('a placeholder', () => {
  it.for([
    ['Hi {{requester.firstName}}!', 'Hi Ann!', []],
    ['Hi {{ requester.firstName | there }}!', 'Hi Ann!', []],
    ['{{company.name|your company}}', 'your company', []],
    ['{{company.name|}}', '', []],
    ['{{company.name}}', '', ['company.name']],
    ['{{company.name}} {{company.name}} {{team.name}}', '  ', ['company.name', 'team.name']],
    ['{ {requester.firstName} }', '{ {requester.firstName} }', []],
  ] as const)('in %j becomes %j', ([text, wanted, missing]) => {
    const filled = fillPlaceholders(text, values({ 'requester.firstName': 'Ann' }), 'text');
    expect(filled).toEqual({ text: wanted, missing });
  });

  it('cannot bring markup or further placeholders in', () => {
    const evil = '<img src=x onerror=alert(1)>"&{{agent.name}}';
    const all = values({ 'requester.name': evil, 'agent.name': 'Bob' });
    expect(fillPlaceholders('<a title="{{requester.name}}">', all, 'html').text).toBe(
      '<a title="&lt;img src=x onerror=alert(1)&gt;&quot;&amp;{{agent.name}}">',
    );
    expect(fillPlaceholders('{{requester.name}}', all, 'text').text).toBe(evil);
  });

  it('that is none is named, once', () => {
    expect(unknownPlaceholders('{{agent.name}} {{agent.nmae|x}} {{ agent.nmae }} {{}}')).toEqual([
      'agent.nmae',
      '',
    ]);
    expect(unknownPlaceholders(PLACEHOLDERS.map((one) => `{{${one}|x}}`).join(''))).toEqual([]);
  });
});

describe('a name', () => {
  it.for([
    ['Ann', 'Ann', null],
    ['Ann Marie Lee', 'Ann', 'Lee'],
    ['Lee, Ann Marie', 'Ann', 'Lee'],
    ['  ', null, null],
    [null, null, null],
  ] as const)('%j is %j and %j', ([name, first, last]) => {
    expect(namesOf(name)).toEqual({ first, last });
  });
});

describe('a picture in the words', () => {
  const id = '0199c3a2-0000-7000-8000-00000000abcd';
  it.for([
    [`/api/v1/attachments/${id}`, true],
    [`https://desk.test/api/v1/attachments/${id.toUpperCase()}`, true],
    [`https://elsewhere.test/pixel.png?x=/api/v1/attachments/${id}0`, false],
    [`cid:${id}@holdfast`, false],
    ['cid:pic@customer.test', false],
  ] as const)('by %s goes along: %s', ([source, along]) => {
    const shown = withInlineImages(`<p><img alt="x" src="${source}" /></p>`, []);
    expect(shown.attachmentIds).toEqual(along ? [id] : []);
    expect(shown.html).toContain(along ? `src="cid:${id}@holdfast"` : source);
  });
  it('by cid goes along when it is named', () => {
    expect(withInlineImages(`<img src="cid:${id}">`, [id]).attachmentIds).toEqual([id]);
  });
});

describe('a signature', () => {
  it('stands below both forms of the words, and an empty one nowhere', () => {
    const words = { body: 'Hello\n', html: '<p>Hello</p>' };
    expect(signed(words, { text: 'Bob <b>', html: null })).toEqual({
      body: 'Hello\n\n-- \nBob <b>',
      html: '<p>Hello</p>\n<div>-- <br><div>Bob &lt;b&gt;</div></div>',
    });
    expect(signed(words, { text: ' ', html: null })).toEqual(words);
  });
});
