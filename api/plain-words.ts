// What is wrong with a request, in sentences people read behind a field's name, and by JSON pointer. The one place that knows the
// validator's own words; every schema without words of its own speaks through it.
import { z } from '@hono/zod-openapi';

/** A field and what is wrong with it. */
export interface FieldFault {
  pointer: string;
  message: string;
}

const TYPES: Record<string, string> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
  null: 'null',
};
const FORMATS: Record<string, string> = {
  uuid: 'must be a UUID',
  email: 'must be an email address',
  url: 'must be a web address',
  datetime: 'must be an instant like 2026-03-02T09:00:00Z',
  date: 'must be a date like 2026-03-02',
};

type RawIssue = Parameters<NonNullable<z.core.$ZodConfig['localeError']>>[0];

/** Makes every schema speak like this; a schema's own words go first. */
export function speakPlainly(): void {
  z.config({ localeError: plainWords });
}

/** One sentence without its subject, which is the field. */
export function plainWords(issue: RawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined
        ? 'is missing'
        : `must be ${TYPES[issue.expected] ?? issue.expected}`;
    case 'invalid_value': {
      const values = issue.values.map((value) => JSON.stringify(value));
      const list = values.length === 1 ? values.join('') : `one of ${values.join(', ')}`;
      return issue.input === undefined ? `is missing; it must be ${list}` : `must be ${list}`;
    }
    case 'too_small':
      return tooSmall(issue);
    case 'too_big':
      return tooBig(issue);
    case 'invalid_format':
      return FORMATS[issue.format] ?? `must have the form ${issue.pattern ?? issue.format}`;
    case 'not_multiple_of':
      return `must be a multiple of ${issue.divisor}`;
    case 'unrecognized_keys':
      return 'is not known here';
    case 'invalid_key':
      return 'is no name that is allowed here';
    case 'invalid_union':
      return issue.input === undefined
        ? 'is missing'
        : 'has none of the forms that are allowed here';
    case 'invalid_element':
    case 'custom':
      return 'is not allowed here';
  }
}

type Sized<Code> = Extract<RawIssue, { code: Code }>;
const UNITS: Record<string, string> = {
  string: 'character',
  array: 'item',
  map: 'item',
  set: 'item',
};

function tooSmall({ origin, minimum, inclusive, exact }: Sized<'too_small'>): string {
  const unit = UNITS[origin];
  if (unit === undefined)
    return `must be ${inclusive === false ? 'more than' : 'at least'} ${minimum}`;
  if (exact !== true && Number(minimum) === 1) return 'must not be empty';
  return `must have ${exact === true ? 'exactly' : 'at least'} ${counted(Number(minimum), unit)}`;
}

function tooBig({ origin, maximum, inclusive, exact }: Sized<'too_big'>): string {
  const unit = UNITS[origin];
  if (unit === undefined)
    return `must be ${inclusive === false ? 'less than' : 'at most'} ${maximum}`;
  return `must have ${exact === true ? 'exactly' : 'at most'} ${counted(Number(maximum), unit)}`;
}

const counted = (count: number, unit: string): string =>
  `${count.toLocaleString('en')} ${unit}${count === 1 ? '' : 's'}`;

/** Each fault by its field: of unknown fields one for each, of alternatives those of the one that was meant. */
export function faultsOf(
  issues: readonly z.core.$ZodIssue[],
  at: readonly PropertyKey[] = [],
): FieldFault[] {
  return issues.flatMap((issue) => {
    const path = [...at, ...issue.path];
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => faultAt([...path, key], issue.message));
    }
    if (issue.code === 'invalid_key') {
      const [inner] = issue.issues;
      return [faultAt(path, inner === undefined ? issue.message : `the name ${inner.message}`)];
    }
    if (issue.code === 'invalid_union' && issue.errors.length > 0) {
      return faultsOfUnion(issue.errors, path);
    }
    return [faultAt(path, issue.message)];
  });
}

function faultsOfUnion(
  branches: readonly (readonly z.core.$ZodIssue[])[],
  path: readonly PropertyKey[],
): FieldFault[] {
  const inside = branches.filter((issues) => !issues.some(isAnotherKind));
  const [meant] = inside.toSorted(
    (one, other) => misfits(one) - misfits(other) || one.length - other.length,
  );
  if (meant !== undefined) return faultsOf(meant, path);
  const words = new Set(
    branches.flatMap((issues) => faultsOf(issues).map(({ message }) => message)),
  );
  return [faultAt(path, [...words].join(' or '))];
}

/** The value is of another kind than the alternative altogether. */
function isAnotherKind({ code, path }: z.core.$ZodIssue): boolean {
  return path.length === 0 && code !== 'unrecognized_keys' && code !== 'custom';
}

/** How much speaks against an alternative having been meant: another `type`, fields that it does not have or that are missing. */
function misfits(issues: readonly z.core.$ZodIssue[]): number {
  return issues.filter(({ code, path }) => path.length <= 1 && code !== 'custom').length;
}

function faultAt(path: readonly PropertyKey[], message: string): FieldFault {
  return { pointer: `/${path.map(String).join('/')}`, message };
}
