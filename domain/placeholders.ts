// Placeholders in texts that agents use again and again: {{requester.firstName|there}}. A closed list, so that a misspelt one is
// refused when it is saved and never reaches a customer. Pure.
import { escapeHtml } from './html-text.ts';

/** What a text may ask for. */
export const PLACEHOLDERS = [
  'requester.name',
  'requester.firstName',
  'requester.lastName',
  'requester.email',
  'company.name',
  'ticket.id',
  'ticket.subject',
  'ticket.status',
  'ticket.priority',
  'agent.name',
  'agent.firstName',
  'agent.email',
  'team.name',
  'desk.name',
  'desk.email',
] as const;
export type Placeholder = (typeof PLACEHOLDERS)[number];

/** What is known of each; null or blank is nothing. */
export type PlaceholderValues = Record<Placeholder, string | null>;

/** A text with its placeholders filled in, and those that had neither a value nor a fallback. */
export interface Rendered {
  text: string;
  missing: Placeholder[];
}

const PATTERN = /\{\{([^{}|]*)(?:\|([^{}]*))?\}\}/g;

const isPlaceholder = (name: string): name is Placeholder =>
  (PLACEHOLDERS as readonly string[]).includes(name);

/** The names in a text that are none, once each in their order. */
export function unknownPlaceholders(text: string): string[] {
  const names = [...text.matchAll(PATTERN)].map(([, name = '']) => name.trim());
  return [...new Set(names.filter((name) => !isPlaceholder(name)))];
}

/** Fills a text in. In HTML values are escaped; a fallback is part of the text and stays as it was written. */
export function fillPlaceholders(
  text: string,
  values: PlaceholderValues,
  as: 'text' | 'html',
): Rendered {
  const missing = new Set<Placeholder>();
  const filled = text.replaceAll(PATTERN, (whole, asked: string, fallback: string | undefined) => {
    const name = asked.trim();
    if (!isPlaceholder(name)) return whole;
    const value = values[name]?.trim() ?? '';
    if (value !== '') return as === 'html' ? escapeHtml(value) : value;
    if (fallback === undefined) missing.add(name);
    return fallback?.trim() ?? '';
  });
  return { text: filled, missing: [...missing] };
}

/** First and last name of somebody's name as they write it; "Doe, Jane" is Jane. */
export function namesOf(name: string | null): { first: string | null; last: string | null } {
  const whole = name?.trim() ?? '';
  if (whole === '') return { first: null, last: null };
  const [before = '', after = ''] = whole.split(',', 2).map((part) => part.trim());
  if (after !== '') return { first: after.split(/\s+/)[0] ?? null, last: before };
  const words = whole.split(/\s+/);
  return { first: words[0] ?? null, last: words.length > 1 ? (words.at(-1) ?? null) : null };
}
