// What stands in the HTML that the editor writes: people who are named, pictures that are shown. Read without a page, by the browser's parser.

const PICTURE = /\/api\/v1\/attachments\/([0-9a-f-]{36})$/;

const parsed = (html: string): Document => new DOMParser().parseFromString(html, 'text/html');

/** The people named in it, once each. */
export function mentioned(html: string): string[] {
  if (!html.includes('data-type="mention"')) return [];
  const all = parsed(html).querySelectorAll('span[data-type="mention"]');
  return [...new Set([...all].flatMap((one) => one.getAttribute('data-id') ?? []))];
}

/** The ids of the desk's pictures it shows, once each. */
export function shownImages(html: string): string[] {
  if (!html.includes('<img')) return [];
  const all = parsed(html).querySelectorAll('img');
  return [
    ...new Set([...all].flatMap((one) => PICTURE.exec(one.getAttribute('src') ?? '')?.[1] ?? [])),
  ];
}

/**
 * Puts people who are named in the words back as such: the desk keeps who they are beside the words, and only their names in them.
 */
export function withMentions(html: string, people: { id: string; label: string }[]): string {
  if (people.length === 0) return html;
  const page = parsed(html);
  for (const person of people) nameIn(page, person);
  return page.body.innerHTML;
}

function nameIn(page: Document, { id, label }: { id: string; label: string }): void {
  const texts = page.createTreeWalker(page.body, NodeFilter.SHOW_TEXT);
  for (let node = texts.nextNode(); node !== null; node = texts.nextNode()) {
    const at = node.textContent?.indexOf(`@${label}`) ?? -1;
    const inside = node.parentElement?.dataset['type'] === 'mention';
    if (at === -1 || inside || !(node instanceof Text)) continue;
    const name = node.splitText(at);
    name.splitText(label.length + 1);
    const span = page.createElement('span');
    Object.assign(span.dataset, { type: 'mention', id, label });
    name.replaceWith(span);
    span.append(name);
    return;
  }
}
