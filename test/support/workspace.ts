// The workspace as people meet it: a whole desk behind a port of its own, and a real browser in front of it.
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import type { Browser, Page } from 'playwright-core';
import { createApp } from '#api/app.ts';
import { buildUi } from '#scripts/build-ui.ts';
import { launchBrowser } from './browser.ts';
import { startTestDesk } from './desk.ts';
import type { TestDesk } from './desk.ts';

/** A desk with a browser. */
export interface Workspace {
  desk: TestDesk;
  url: string;
  browser: Browser;
  /** A new page with cookies of its own; what goes wrong in it fails the test that looks at `faults`. */
  open(path: string, size?: { width: number; height: number }): Promise<Page>;
  /** Errors that pages wrote to their consoles. */
  faults: string[];
  stop(): Promise<void>;
}

const DESKTOP = { width: 1360, height: 850 };

/** Starts all of it. */
export async function startWorkspace(): Promise<Workspace> {
  const uiFolder = await buildUi(() => undefined);
  const desk = await startTestDesk({ undoSendSeconds: 10 });
  const app = await createApp({ ...desk.deps, uiFolder });
  const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 });
  await new Promise((resolve) => server.once('listening', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const browser = await launchBrowser();
  const faults: string[] = [];
  return {
    ...{ desk, url, browser, faults },
    async open(path, viewport = DESKTOP) {
      const context = await browser.newContext({
        viewport,
        serviceWorkers: 'block',
        reducedMotion: 'reduce',
      });
      context.setDefaultTimeout(15_000);
      const page = await context.newPage();
      page.on('pageerror', (error) => faults.push(error.message));
      await page.goto(url + path);
      return page;
    },
    async stop() {
      await browser.close();
      server.close();
      await desk.stop();
    },
  };
}
