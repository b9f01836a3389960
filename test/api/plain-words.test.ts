// What is wrong with a request is told in words people know, by field; nothing of the validator's own language reaches them.
import { z } from '@hono/zod-openapi';
import { beforeAll, describe, expect, it } from 'vitest';
import { ConditionSchema } from '#api/schemas.ts';
import { faultsOf, speakPlainly } from '#api/plain-words.ts';
import { policyShape } from '#domain/sla-policy-schema.ts';

beforeAll(speakPlainly);

const told = (schema: z.ZodType, value: unknown): string[] => {
  const { error } = schema.safeParse(value);
  return faultsOf(error?.issues ?? []).map(({ pointer, message }) => `${pointer} ${message}`);
};
const thing = z.strictObject({ name: z.string() });
const place = z.union([z.strictObject({ userId: z.uuid() }), z.strictObject({ teamId: z.uuid() })]);
const policy = z.strictObject(policyShape);
const goals = { close: { seconds: 60 } };

describe('a fault', () => {
  // Without the schema in its name: printing one takes gigabytes.
  it.for<[z.ZodType, unknown, string[]]>([
    [thing, {}, ['/name is missing']],
    [thing, { name: 7 }, ['/name must be text']],
    [thing, { name: null }, ['/name must be text']],
    [thing, [], ['/ must be an object']],
    [thing, { name: 'a', b: 1, c: 2 }, ['/b is not known here', '/c is not known here']],
    [z.string().min(1), '', ['/ must not be empty']],
    [z.string().min(3), 'ab', ['/ must have at least 3 characters']],
    [z.string().max(2_000), 'x'.repeat(2_001), ['/ must have at most 2,000 characters']],
    [z.array(z.string()).max(1), ['a', 'b'], ['/ must have at most 1 item']],
    [z.array(z.string()).length(2), ['a'], ['/ must have exactly 2 items']],
    [z.number().int(), 1.5, ['/ must be a whole number']],
    [z.number(), Number.NaN, ['/ must be a number']],
    [z.number().min(0), -1, ['/ must be at least 0']],
    [z.number().positive(), 0, ['/ must be more than 0']],
    [z.number().max(9), 10, ['/ must be at most 9']],
    [z.number().multipleOf(5), 3, ['/ must be a multiple of 5']],
    [z.boolean(), 'yes', ['/ must be true or false']],
    [z.enum(['a', 'b']), 'c', ['/ must be one of "a", "b"']],
    [z.enum(['a', 'b']), undefined, ['/ is missing; it must be one of "a", "b"']],
    [z.literal('a'), 'b', ['/ must be "a"']],
    [z.uuid(), 'x', ['/ must be a UUID']],
    [z.email(), 'x', ['/ must be an email address']],
    [z.url(), 'x', ['/ must be a web address']],
    [z.iso.datetime(), 'x', ['/ must be an instant like 2026-03-02T09:00:00Z']],
    [z.string().regex(/^a+$/), 'b', ['/ must have the form /^a+$/']],
    [
      z.record(z.string().max(2), z.number()),
      { abc: 1 },
      ['/abc the name must have at most 2 characters'],
    ],
    [z.array(z.number()), [1, 'x'], ['/1 must be a number']],
    [place, { teamId: 'x' }, ['/teamId must be a UUID']],
    [place, 'x', ['/ must be an object']],
    [
      z.strictObject({ to: place }),
      { to: { groupId: 'x' } },
      ['/to/userId is missing', '/to/groupId is not known here'],
    ],
    [z.union([z.string(), z.number()]), [], ['/ must be text or must be a number']],
    [z.string().refine(() => false, 'has words of its own'), 'x', ['/ has words of its own']],
    [
      policy,
      {
        goals,
        escalations: [{ goal: 'close', when: 'overdue', actions: [{ type: 'addTag', tag: '' }] }],
      },
      ['/escalations/0/actions/0/tag must not be empty'],
    ],
    [
      policy,
      {
        goals,
        escalations: [{ goal: 'close', when: 'late', actions: [{ type: 'raisePriority' }] }],
      },
      ['/escalations/0/when must be one of "dueSoon", "overdue" or must be an object'],
    ],
  ])('is told plainly (%#)', ([schema, value, words]) => {
    expect(told(schema, value)).toEqual(words);
  });

  it('of a condition on a field there is not says which there are', () => {
    const [fault = ''] = told(ConditionSchema, { field: 'colour', op: 'is', value: 'red' });
    expect(fault).toContain('/field is no field of a ticket; there are channel, mailbox, subject');
  });
});
