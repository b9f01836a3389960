// Pictures in the words of a message: the composer shows them by their address on the desk, a mail brings them along as parts of its own.

const SOURCE =
  /(<img\b[^>]*?\bsrc=")([^"]*\/api\/v1\/attachments\/|cid:)([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})(?:@holdfast)?(?=")/g;

/** The Content-ID of an uploaded picture. */
export const contentIdOf = (attachmentId: string): string => `${attachmentId}@holdfast`;

/**
 * Safe HTML whose pictures of the desk are named by Content-ID, and the ids of those pictures, once each. A picture shown by its
 * address belongs to the message whether it is named or not; one by `cid:` only when it is: quoted words name those of other mails.
 */
export function withInlineImages(
  html: string,
  named: readonly string[],
): { html: string; attachmentIds: string[] } {
  const ids = new Set<string>();
  const whole = html.replaceAll(SOURCE, (before, tag: string, source: string, asked: string) => {
    const id = asked.toLowerCase();
    if (source === 'cid:' && !named.includes(id)) return before;
    ids.add(id);
    return `${tag}cid:${contentIdOf(id)}`;
  });
  return { html: whole, attachmentIds: [...ids] };
}
