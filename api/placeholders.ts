// Placeholders in what people save: a misspelt one is refused by its name.
import { HoldfastError } from '#domain/errors.ts';
import { PLACEHOLDERS, unknownPlaceholders } from '#domain/placeholders.ts';

/** For descriptions of fields that may hold them. */
export const PLACEHOLDERS_DESCRIPTION = `May hold ${PLACEHOLDERS.map((one) => `{{${one}}}`).join(', ')}, each with a fallback: {{requester.firstName|there}}.`;

/** Refuses a text that names what is no placeholder. */
export function refuseUnknownPlaceholders(pointer: string, text: string): void {
  const unknown = unknownPlaceholders(text);
  if (unknown.length === 0) return;
  const names = unknown.slice(0, 10).map((name) => `{{${name.slice(0, 100)}}}`);
  throw new HoldfastError('invalidRequest', `There is no placeholder ${names.join(', ')}.`, {
    errors: names.map((name) => ({ pointer, message: `${name} is no placeholder` })),
  });
}
