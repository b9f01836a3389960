// Pictures in the text, shown by their address on the desk. One that stands elsewhere (pasted from a web page) is not taken in: a mail
// must not show what its reader's machine has to fetch from strangers.
import { Image } from '@tiptap/extension-image';

/** The editor's part of it. */
export const Picture = Image.extend({
  parseHTML: () => [{ tag: 'img[src*="/api/v1/attachments/"]' }],
  renderText: ({ node }) => `[${String(node.attrs['alt'] ?? '')}]`,
}).configure({ inline: true });

/** Whether a file can be shown in the text. */
export const isPicture = ({ type }: File): boolean => /^image\/(png|jpe?g|gif|webp)$/.test(type);
