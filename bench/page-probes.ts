// What a page measures of itself while somebody works in it: when something stood on the screen, how long tasks held it up, which frames
// were dropped. Measured inside of the page, since what the measuring process waits for is not what people wait for.
import type { Page } from 'playwright-core';

/** A frame that took longer than this was late for a screen of 60 Hz. */
const LATE_FRAME_MS = 1.5 * (1000 / 60);

/** Waits until something is on the screen; answers when that was, on the page's own clock, which begins with its navigation. */
export async function paintedAtMs(page: Page, selector: string): Promise<number> {
  return await page.evaluate(
    (wanted) =>
      new Promise<number>((resolve, reject) => {
        setTimeout(() => reject(new Error(`Not on the page within 30 s: ${wanted}`)), 30_000);
        const look = (): void => {
          if (document.querySelector(wanted) === null) return;
          watch.disconnect();
          // The frame after the next one begins when the one that shows it is painted.
          requestAnimationFrame(() => requestAnimationFrame(() => resolve(performance.now())));
        };
        const watch = new MutationObserver(look);
        watch.observe(document, { childList: true, subtree: true, attributes: true });
        look();
      }),
    selector,
  );
}

/** Does something to a page by mouse or keyboard; answers how long after the input `selector` stood on the screen. */
export async function untilPainted(
  page: Page,
  input: { event: 'pointerdown' | 'keydown'; act: () => Promise<void> },
  selector: string,
): Promise<number> {
  await page.evaluate((type) => {
    const note = (event: Event): void => {
      (window as { askedAtMs?: number }).askedAtMs = event.timeStamp;
    };
    window.addEventListener(type, note, { capture: true, once: true });
  }, input.event);
  const painted = paintedAtMs(page, selector);
  await input.act();
  const atMs = await painted;
  return atMs - (await page.evaluate(() => (window as { askedAtMs?: number }).askedAtMs ?? 0));
}

/** The longest task and the longest wait for an input's answer on the screen, while something is done. */
export async function longestWhile(
  page: Page,
  act: () => Promise<void>,
): Promise<{ taskMs: number; inputMs: number }> {
  await page.evaluate(() => {
    const seen = { taskMs: 0, inputMs: 0 };
    (window as { seen?: typeof seen }).seen = seen;
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) seen.taskMs = Math.max(seen.taskMs, duration);
    }).observe({ type: 'longtask' });
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) seen.inputMs = Math.max(seen.inputMs, duration);
    }).observe({ type: 'event', durationThreshold: 16 } as PerformanceObserverInit);
  });
  await act();
  return await page.evaluate(
    () => (window as { seen?: { taskMs: number; inputMs: number } }).seen ?? NOTHING,
  );
}
const NOTHING = { taskMs: 0, inputMs: 0 };

/** How many frames of a while were late, and the longest of them. */
export async function framesWhile(
  page: Page,
  act: () => Promise<void>,
): Promise<{ frames: number; late: number; longestMs: number }> {
  await page.evaluate(() => {
    const gaps: number[] = [];
    (window as { gaps?: number[] }).gaps = gaps;
    let before = performance.now();
    const next = (now: number): void => {
      gaps.push(now - before);
      before = now;
      if ((window as { gaps?: number[] }).gaps === gaps) requestAnimationFrame(next);
    };
    requestAnimationFrame(next);
  });
  await act();
  const gaps = await page.evaluate(() => {
    const { gaps: found = [] } = window as { gaps?: number[] };
    delete (window as { gaps?: number[] }).gaps;
    return found;
  });
  const late = gaps.filter((gap) => gap > LATE_FRAME_MS).length;
  return { frames: gaps.length, late, longestMs: Math.max(...gaps) };
}
