// Whom a reply goes to: each once, the requester first, the desk never.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { replyRecipients } from '#domain/reply-recipients.ts';

const own = ['support@desk.test', 'Sales@Desk.test'];
const reply = (copies: string[], requester: string | null = 'ann@customer.test') =>
  replyRecipients({ requester, copies, own });

describe('a reply', () => {
  it.for([
    ['names nobody twice, however it is written', ['Bob@x.test', 'bob@x.test'], ['bob@x.test']],
    ['has its requester once', ['ANN@customer.test', 'bob@x.test'], ['bob@x.test']],
    ['never goes to the desk', ['support@desk.test', 'sales@desk.test'], []],
    ['never goes to a ticket of the desk', ['support+t12-0123456789abcdef@desk.test'], []],
    ['keeps people with a plus in their address', ['bob+t12@x.test'], ['bob+t12@x.test']],
    ['goes to nobody who has no address', ['unknown@holdfast.invalid'], []],
  ] as const)('%s', ([, copies, cc]) => {
    expect(reply([...copies])).toEqual({ to: ['ann@customer.test'], cc: [...cc] });
  });

  it('to somebody without an address still has those in copy', () => {
    expect(reply(['bob@x.test'], null)).toEqual({ to: [], cc: ['bob@x.test'] });
  });

  it('never has more copies than a server takes, nor anybody twice', () => {
    fc.assert(
      fc.property(
        fc.array(fc.stringMatching(/^[a-cA-C]{1,2}@x\.test$/), { maxLength: 80 }),
        (copies) => {
          const { cc } = reply(copies, 'a@x.test');
          expect(cc.length).toBeLessThanOrEqual(40);
          expect(new Set(cc.map((one) => one.toLowerCase())).size).toBe(cc.length);
          expect(cc).not.toContain('a@x.test');
        },
      ),
    );
  });
});
