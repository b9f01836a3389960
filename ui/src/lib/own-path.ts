/** An address of this desk, as somebody wanted to go on to; the beginning when it is none: a link must not lead elsewhere. */
export function ownPath(value: string | undefined): string {
  return value !== undefined && /^\/(?![/\\])/.test(value) ? value : '/';
}
