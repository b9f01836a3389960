// What axe finds on a page as it stands: everything in light, and in dark what colours can change.
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';

/** The faults, each with where it is; `within` is the part that is looked at. Mails stand in frames of their own, as their senders wrote them. */
export async function axeFaults(page: Page, within = 'html'): Promise<string[]> {
  const on = (): AxeBuilder => new AxeBuilder({ page }).include(within).exclude('iframe');
  const faults: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    const dark = colorScheme === 'dark';
    const { violations } = await (dark ? on().withRules('color-contrast') : on()).analyze();
    faults.push(...violations.map(({ id, nodes }) => `${colorScheme} ${id}: ${htmlOf(nodes)}`));
  }
  return faults;
}

const htmlOf = (nodes: readonly { html: string }[]): string =>
  nodes.map(({ html }) => html).join(' | ');
