// HTML that may be shown to others, whoever wrote it: mails of strangers and what agents and API clients send.
import sanitizeHtml from 'sanitize-html';

const MAX_LINKS = 5_000;
const MAX_DEPTH = 300;
const MAX_HTML = 1_000_000;

/** HTML without scripts, forms and styles that leave their box; images by cid or https. */
export function safeHtml(html: string): string {
  let links = 0;
  return sanitizeHtml(shallowHtml(html).replaceAll('\0', '').toWellFormed(), {
    allowedTags: [...sanitizeHtml.defaults.allowedTags, 'img', 'font', 'center'],
    allowedAttributes: {
      '*': ['align', 'dir', 'lang'],
      a: ['href', 'title', 'rel', 'target'],
      img: ['src', 'alt', 'width', 'height'],
      td: ['colspan', 'rowspan'],
      th: ['colspan', 'rowspan'],
    },
    allowedSchemes: ['http', 'https', 'mailto', 'tel', 'cid'],
    nestingLimit: 100,
    transformTags: {
      a: (tagName, attributes) => {
        links += 1;
        const safe = { ...attributes, rel: 'noopener noreferrer nofollow', target: '_blank' };
        return { tagName, attribs: links > MAX_LINKS ? {} : safe };
      },
    },
  });
}

/** Elements that end by themselves, or have no inside. */
const FLAT = /^(area|base|br|col|dd|dt|hr|img|input|li|link|meta|option|p|td|th|tr|wbr)$/;

/** The HTML up to where it is too long or nested too deeply: the time that reading it takes grows with the square of its depth. */
export function shallowHtml(whole: string): string {
  const html = whole.slice(0, MAX_HTML);
  let depth = 0;
  for (const { 1: close, 2: name = '', index } of html.matchAll(/<(\/?)([a-z][a-z0-9]*)/gi)) {
    if (FLAT.test(name.toLowerCase())) continue;
    depth = close === '' ? depth + 1 : Math.max(0, depth - 1);
    if (depth > MAX_DEPTH) return html.slice(0, index);
  }
  return html;
}
