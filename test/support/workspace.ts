// The workspace as people meet it: a whole desk behind a port of its own, and a real browser in front of it.
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { onTestFinished } from 'vitest';
import type { AccountsOptions } from '#accounts/better-auth.ts';
import { hashPassword } from '#accounts/passwords.ts';
import { createApp } from '#api/app.ts';
import type { App } from '#api/app-env.ts';
import { ingestMail } from '#channels/email/ingest.ts';
import { putPassword } from '#db/accounts.ts';
import { buildUi } from '#scripts/build-ui.ts';
import { launchBrowser, launchWholeBrowser } from './browser.ts';
import { startTestDesk } from './desk.ts';
import type { TestDesk } from './desk.ts';

/** How a page is opened. */
export interface PageOptions {
  /** Whose it is; nobody's when absent. */
  userId?: string;
  size?: { width: number; height: number };
  dark?: boolean;
  /** Pixels of the screen for one of the page. */
  zoom?: number;
  language?: string;
  /** In a whole browser: in the light one the focus does not come back from behind the last element of a page. */
  whole?: boolean;
  /** In a whole browser, with its service worker, as people have it, and leave to show notices. */
  worker?: boolean;
}

/** A desk with a browser. */
export interface Workspace {
  desk: TestDesk;
  url: string;
  /** A new page with cookies of its own. */
  open(path: string, options?: PageOptions): Promise<Page>;
  /** Signs somebody in on a page that may be somebody else's. */
  signIn(page: Page, userId: string): Promise<void>;
  /** A mail from a customer; answers its ticket's number. */
  mail(of: { from?: string; subject: string; text?: string; html?: string }): Promise<number>;
  /** Errors that scripts of pages ended with. */
  faults: string[];
  /** Ends the API as pages see it: nobody listens, and what was open is cut. The desk itself goes on. */
  stopApi(): Promise<void>;
  /** The API at its old address again. */
  startApi(): Promise<void>;
  stop(): Promise<void>;
}

export const PASSWORD = 'correct horse battery';
let passwordHash: string | undefined;

export const DESKTOP = { width: 1360, height: 850 };
export const PHONE = { width: 360, height: 740 };

/** How a workspace is started. */
interface WorkspaceOptions {
  undoSendSeconds?: number;
  /** A Temporal server of its own. */
  temporal?: { address: string };
  /** How people sign in, at an address that is known only then. */
  accountsAt?: (url: string) => Promise<Partial<AccountsOptions>>;
}

/** Starts all of it. */
export async function startWorkspace(of: WorkspaceOptions = {}): Promise<Workspace> {
  const uiFolder = await buildUi(() => undefined);
  let app: App | undefined;
  const listen = async (port: number): Promise<Server> => {
    const server = serve({
      fetch: (...asked) => app?.fetch(...asked) ?? new Response(null, { status: 503 }),
      hostname: '127.0.0.1',
      port,
    }) as Server;
    await once(server, 'listening');
    return server;
  };
  let server = await listen(0);
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const accounts = (await of.accountsAt?.(url)) ?? {};
  const { undoSendSeconds = 30 } = of;
  const desk = await startTestDesk({ undoSendSeconds }, accounts, of.temporal);
  app = await createApp({ ...desk.deps, uiFolder, publicUrl: url });
  const browser = await launchBrowser();
  // For what the light one cannot.
  let whole: Promise<Browser> | undefined;
  const faults: string[] = [];
  let mails = 0;
  return {
    ...{ desk, url, faults },
    async open(path, options = {}) {
      const isWhole = options.whole === true || options.worker === true;
      const chosen = isWhole ? await (whole ??= launchWholeBrowser()) : browser;
      const context = await chosen.newContext({
        ...{ viewport: options.size ?? DESKTOP, reducedMotion: 'reduce' },
        serviceWorkers: options.worker === true ? 'allow' : 'block',
        deviceScaleFactor: options.zoom ?? 1,
        ...{
          colorScheme: options.dark === true ? 'dark' : 'light',
          locale: options.language ?? 'en',
        },
      });
      context.setDefaultTimeout(15_000);
      closeAfterTest(context);
      if (options.worker === true) await context.grantPermissions(['notifications']);
      const page = await context.newPage();
      page.on('pageerror', (error) => faults.push(error.message));
      if (options.userId !== undefined) await signIn(desk, page, { userId: options.userId, url });
      await page.goto(url + path);
      return page;
    },
    signIn: (page, userId) => signIn(desk, page, { userId, url }),
    async mail({ from = 'Ann <ann@customer.test>', subject, text = 'Hello', html }) {
      mails += 1;
      const type = html === undefined ? 'text/plain' : 'text/html';
      const head = [
        ...[`From: ${from}`, 'To: support@desk.test', `Subject: ${subject}`],
        ...[`Message-ID: <ui${mails}@customer.test>`, `Content-Type: ${type}; charset=utf-8`],
      ];
      const { ticketId } = await ingestMail(desk.ingest, {
        ...{ channelId: desk.channel.id, envelope: null, receivedAt: new Date() },
        source: Buffer.from(`${head.join('\r\n')}\r\n\r\n${html ?? text}\r\n`),
      });
      if (ticketId === null) throw new Error('The mail made no ticket.');
      return ticketId;
    },
    async stopApi() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
    async startApi() {
      server = await listen(port);
    },
    async stop() {
      await browser.close();
      await (await whole?.catch(() => undefined))?.close();
      server.close();
      await desk.stop();
    },
  };
}

/** A page that nobody looks at any more goes on counting down and following events: it would slow the tests beside it. */
function closeAfterTest(context: BrowserContext): void {
  try {
    onTestFinished(() => context.close());
  } catch {
    // Opened before the first test, for all of them.
  }
}

/** Gives somebody a password and signs them in as a page would. */
async function signIn(
  desk: TestDesk,
  page: Page,
  of: { userId: string; url: string },
): Promise<void> {
  const { userId, url } = of;
  passwordHash ??= await hashPassword(PASSWORD);
  await putPassword(desk.sql, { userId, passwordHash });
  const { email } = await desk.call('GET', `/api/v1/users/${userId}`);
  const answer = await page.request.post(`${url}/api/auth/sign-in/email`, {
    data: { email, password: PASSWORD },
    headers: { origin: url },
  });
  if (!answer.ok()) throw new Error(`sign-in: ${answer.status()} ${await answer.text()}`);
}
