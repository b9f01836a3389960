// Plain text as HTML. Pure.

/** Text that shows in HTML, and in its attributes, as itself. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/** Lines of text as a block of HTML. */
export function htmlOf(text: string): string {
  return `<div>${escapeHtml(text).replaceAll('\n', '<br>')}</div>`;
}
