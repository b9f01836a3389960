// People at the door of a test desk: calling with a cookie, signing in, and the links that the desk mails.
import { createHmac } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { App } from '#api/app-env.ts';
import type { Json, TestDesk } from './desk.ts';
import { eventually } from './poll.ts';

export const PASSWORD = 'correct horse battery';
/** What a page of the desk sends along. */
export const OURS = {
  ...{ origin: 'http://desk.test', 'x-holdfast': '1', 'content-type': 'application/json' },
};

/** What the desk answered. */
export interface Answer {
  status: number;
  json: Json;
  cookies: string[];
  headers: Headers;
}

/** What is asked, beside the address; headers are those of a page of ours unless given. */
export interface Asked {
  body?: unknown;
  cookie?: string | undefined;
  headers?: Record<string, string>;
}

/** Asks an application as a browser would. */
export async function askApp(
  app: App,
  method: string,
  path: string,
  of: Asked = {},
): Promise<Answer> {
  const response = await app.request(`http://desk.test${path}`, {
    method,
    headers: { ...(of.headers ?? OURS), ...(of.cookie === undefined ? {} : { cookie: of.cookie }) },
    ...(of.body === undefined
      ? {}
      : { body: typeof of.body === 'string' ? of.body : JSON.stringify(of.body) }),
  });
  const text = await response.text();
  const json = text.startsWith('{') ? (JSON.parse(text) as Json) : {};
  const { status, headers } = response;
  return { status, json, cookies: headers.getSetCookie(), headers };
}

/** What a browser sends after an answer. */
export const cookieOf = ({ cookies }: Answer): string =>
  cookies.map((one) => one.split(';')[0] ?? '').join('; ');

/** Somebody who has come in. */
export interface Person {
  id: string;
  email: string;
  cookie: string;
}

/** The door of one desk. */
export class Door {
  readonly desk: TestDesk;
  constructor(desk: TestDesk) {
    this.desk = desk;
  }

  ask(method: string, path: string, of: Asked = {}): Promise<Answer> {
    return askApp(this.desk.app, method, path, of);
  }

  signIn(email: string, password = PASSWORD): Promise<Answer> {
    return this.ask('POST', '/api/auth/sign-in/email', { body: { email, password } });
  }

  /** Whether a cookie lets in. */
  async isIn(cookie: string): Promise<boolean> {
    return (await this.ask('GET', '/api/v1/me', { cookie })).status === 200;
  }

  /** The links mailed to somebody, oldest first, as the desk sent them. */
  async linksMailedTo(email: string): Promise<string[]> {
    const links: string[] = [];
    const names = await readdir(this.desk.outbox).catch(() => []);
    for (const name of names.toSorted((one, other) => one.localeCompare(other))) {
      const mail = await readFile(join(this.desk.outbox, name), 'utf8');
      const plain = mail.replaceAll('=\r\n', '').replaceAll('=3D', '=');
      const link = /http:\/\/desk\.test\/(?:invite|reset-password)\?token=[\w-]+/.exec(plain)?.[0];
      if (plain.includes(email) && link !== undefined) links.push(link);
    }
    return links;
  }

  /** The token of the nth link of a kind that somebody gets. */
  async tokenMailedTo(
    email: string,
    kind: 'invite' | 'reset-password' = 'invite',
    nth = 1,
  ): Promise<string> {
    return await eventually(async () => {
      const links = (await this.linksMailedTo(email)).filter((one) => one.includes(`/${kind}?`));
      const link = links[nth - 1];
      if (link === undefined) throw new Error(`${links.length} mails to ${email}`);
      return new URL(link).searchParams.get('token') ?? '';
    });
  }

  /** Adds somebody, invites them, and lets them accept. */
  async invited(name: string): Promise<Person> {
    const id = await this.desk.addUser(name);
    const email = `${name}@desk.test`;
    await this.desk.call('POST', `/api/v1/users/${id}/invite`, undefined, 200);
    const token = await this.tokenMailedTo(email);
    const answer = await this.ask('POST', `/api/v1/invitations/${token}/accept`, {
      body: { password: PASSWORD },
    });
    expect(answer).toMatchObject({ status: 201, json: { userId: id, signedIn: true } });
    return { id, email, cookie: cookieOf(answer) };
  }

  /** Gives somebody a second factor. */
  async withSecondFactor(
    cookie: string,
  ): Promise<{ secret: string; backupCodes: string[]; cookie: string }> {
    const enabled = await this.ask('POST', '/api/auth/two-factor/enable', {
      ...{ cookie, body: { password: PASSWORD } },
    });
    expect(enabled.status).toBe(200);
    const secret = new URL(enabled.json['totpURI']).searchParams.get('secret') ?? '';
    const verified = await this.ask('POST', '/api/auth/two-factor/verify-totp', {
      ...{ cookie, body: { code: totp(secret) } },
    });
    expect(verified.status).toBe(200);
    return { secret, backupCodes: enabled.json['backupCodes'], cookie: cookieOf(verified) };
  }
}

/** RFC 6238 with the usual settings. */
export function totp(secret: string): string {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = Array.from(secret)
    .map((one) => letters.indexOf(one).toString(2).padStart(5, '0'))
    .join('');
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const mac = createHmac('sha1', key).update(counter).digest();
  const offset = (mac.at(-1) ?? 0) & 15;
  return String((mac.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}
