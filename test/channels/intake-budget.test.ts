// The book of what the mail server lets in at once.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createIntakeBudget } from '#channels/email/intake-budget.ts';

const limits = { maxBytes: 100, maxBytesInFlight: 250, maxPerAddress: 2 };

describe('connections', () => {
  it('of one address are limited, of another not, and of this machine never', () => {
    const budget = createIntakeBudget(limits);
    expect([1, 2, 3].map((id) => budget.connect(`a${id}`, '192.0.2.1'))).toEqual([
      true,
      true,
      false,
    ]);
    expect(budget.connect('b', '192.0.2.2')).toBe(true);
    budget.close('a1');
    expect(budget.connect('a4', '192.0.2.1')).toBe(true);
    for (const address of ['127.0.0.1', '::1', '::ffff:127.0.0.1']) {
      const all = Array.from({ length: 9 }, (_, id) => budget.connect(`${address}${id}`, address));
      expect(all).not.toContain(false);
    }
  });
});

describe('bytes', () => {
  it('of one mail always fit, however small the budget is', () => {
    const budget = createIntakeBudget({ ...limits, maxBytesInFlight: 1 });
    expect(budget.reserve('a', 100)).toBe(true);
    expect(budget.reserve('b', 1)).toBe(false);
    budget.release('a');
    expect(budget.reserve('b', 1)).toBe(true);
  });

  it('are never more than the budget, and all given back in the end', () => {
    const step = fc.record({
      id: fc.constantFrom('a', 'b', 'c', 'd'),
      what: fc.constantFrom('reserve', 'grow', 'release', 'close'),
      bytes: fc.nat(150),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const budget = createIntakeBudget(limits);
        const held = new Map<string, number>();
        for (const { id, what, bytes } of steps) {
          if (what === 'release' || what === 'close') {
            budget[what](id);
            held.delete(id);
          } else {
            const fits = budget[what as 'reserve' | 'grow'](id, bytes);
            if (what === 'reserve') held.delete(id);
            const now = what === 'reserve' ? Math.min(bytes, 100) : bytes;
            if (fits) held.set(id, Math.max(now, held.get(id) ?? 0));
          }
          const sum = [...held.values()].reduce((all, one) => all + one, 0);
          expect(sum).toBeLessThanOrEqual(250);
        }
        for (const id of held.keys()) budget.close(id);
        expect(budget.reserve('x', 100)).toBe(true);
        expect(budget.reserve('y', 100)).toBe(true);
        expect(budget.grow('z', 50)).toBe(true);
        expect(budget.grow('z', 51)).toBe(false);
      }),
    );
  });
});
