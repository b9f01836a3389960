// Addresses as people paste and type them. The desk has the last word on each; this is what can be seen at once.

const ADDRESS =
  /^(?!\.)(?!.*\.\.)[A-Za-z0-9_'+\-.]*[A-Za-z0-9_+-]@(?:[A-Za-z0-9][A-Za-z0-9-]*\.)+[A-Za-z]{2,}$/;

/** Whether it can be written to. */
export const isAddress = (text: string): boolean => text.length <= 320 && ADDRESS.test(text);

/** The addresses of a text: several with commas, semicolons or line breaks between; of "Ann <ann@example.org>" the part in brackets. */
export function addressesOf(text: string): string[] {
  return text
    .split(/[,;\n\r\t]+/)
    .flatMap(partsOf)
    .filter((one) => one !== '');
}

function partsOf(piece: string): string[] {
  const inBrackets = [...piece.matchAll(/<([^<>]*)>/g)].map(([, one = '']) => one.trim());
  if (inBrackets.length > 0) return inBrackets;
  const words = piece.trim().split(/\s+/);
  return words.every(isAddress) ? words : [piece.trim()];
}

/** Both lists, each address once, compared without case. */
export function withAddresses(all: readonly string[], more: readonly string[]): string[] {
  const seen = new Set<string>();
  return [...all, ...more].filter((one) => {
    const known = one.toLowerCase();
    return !seen.has(known) && seen.add(known);
  });
}
