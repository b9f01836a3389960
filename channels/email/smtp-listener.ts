// The desk's own mail server: takes mail for the desk's addresses only, and says 250 only after the commit.
import { SMTPServer } from 'smtp-server';
import type { SMTPServerDataStream, SMTPServerSession } from 'smtp-server';
import { findChannelByAddress } from '#db/channels.ts';
import { splitAddress } from '#domain/mail.ts';
import { ingestMail } from './ingest.ts';
import type { IngestDeps, IngestResult } from './ingest.ts';
import { createIntakeBudget } from './intake-budget.ts';
import type { IntakeBudget } from './intake-budget.ts';

/** A listening server. */
export interface SmtpListener {
  port: number;
  close(): Promise<void>;
}

/** What the listener works with. */
export interface ListenerOptions {
  host: string;
  port: number;
  maxBytes: number;
  /** Bytes of all mails that are being taken in at once; beyond it senders are asked to come again. At least one mail always fits. */
  maxBytesInFlight: number;
  /** Connections of one remote address at once; this machine's own are not counted. */
  maxPerAddress: number;
  ingest: IngestDeps;
  clock: () => number;
  log: { info(fields: object, text: string): void; error(fields: object, text: string): void };
}

const MAX_CLIENTS = 200;
const MAX_RECIPIENTS = 100;
/** A stop waits so long for clients that are still connected, which is less than those who stop us wait. */
const CLOSE_MS = 3_000;

class Reply extends Error {
  readonly responseCode: number;
  constructor(responseCode: number, message: string) {
    super(message);
    this.responseCode = responseCode;
  }
}

function busy(): Reply {
  return new Reply(452, 'Busy with other mails, try again in a moment');
}

/** Starts listening. */
export async function startSmtpListener(options: ListenerOptions): Promise<SmtpListener> {
  const budget = createIntakeBudget(options);
  const server = new SMTPServer({
    name: 'holdfast',
    banner: 'Holdfast',
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    size: options.maxBytes,
    maxClients: MAX_CLIENTS,
    maxRecipients: MAX_RECIPIENTS,
    closeTimeout: CLOSE_MS,
    onConnect: ({ id, remoteAddress }, callback) =>
      callback(budget.connect(id, remoteAddress) ? null : new Reply(421, 'Too many connections')),
    onClose: ({ id }) => budget.close(id),
    onMailFrom: ({ args }, { id }, callback) => {
      const size = typeof args === 'object' ? Number(args['SIZE']) || 0 : 0;
      callback(budget.reserve(id, size) ? null : busy());
    },
    onRcptTo: ({ address }, _session, callback) => {
      channelOf(options, address).then(
        (id) => callback(id === null ? new Reply(550, 'No such address here') : null),
        () => callback(new Reply(451, 'Try again later')),
      );
    },
    onData: (stream, session, callback) => {
      receive(options, budget, stream, session).then(
        (text) => {
          budget.release(session.id);
          callback(null, text);
        },
        (error: unknown) => {
          budget.release(session.id);
          if (error instanceof Reply) return callback(error);
          options.log.error({ err: error }, 'mail not stored; the sender is asked to try again');
          callback(new Reply(451, 'Not stored, try again later'));
        },
      );
    },
  });
  server.on('error', (error: unknown) =>
    options.log.error({ err: error }, 'smtp connection failed'),
  );
  await new Promise<void>((resolve, reject) => {
    server.server.once('error', reject);
    server.listen(options.port, options.host, () => resolve());
  });
  const address = server.server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : options.port,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** The channel of an address as it is, or without what follows a plus; a channel's own address may hold one too. */
async function channelOf(options: ListenerOptions, recipient: string): Promise<string | null> {
  const plain = recipient.toLowerCase();
  const [at, last] = [plain.lastIndexOf('@'), plain.lastIndexOf('+')];
  const withoutLast = last > 0 && last < at ? `${plain.slice(0, last)}${plain.slice(at)}` : plain;
  for (const address of new Set([plain, withoutLast, splitAddress(plain).base])) {
    const channel = await findChannelByAddress(options.ingest.sql, address);
    if (channel !== undefined) return channel.id;
  }
  return null;
}

/** Stores the mail once per channel it was sent to; answers what the sender's log will show. */
async function receive(
  options: ListenerOptions,
  budget: IntakeBudget,
  stream: SMTPServerDataStream,
  session: SMTPServerSession,
): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  let fits = true;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength;
    fits = fits && bytes <= options.maxBytes && budget.grow(session.id, bytes);
    // What is not kept is still read to its end: the answer comes after it.
    if (fits) chunks.push(chunk);
    else chunks.length = 0;
  }
  if (bytes > options.maxBytes || stream.sizeExceeded) {
    throw new Reply(552, `The message is larger than ${options.maxBytes} bytes`);
  }
  if (!fits) throw busy();
  const source = Buffer.concat(chunks);
  const { mailFrom, rcptTo } = session.envelope;
  const from = mailFrom === false ? '' : mailFrom.address;
  const to = rcptTo.map(({ address }) => address);
  const channels = new Set<string>();
  for (const recipient of to) {
    const id = await channelOf(options, recipient);
    // It was ours a moment ago: the sender asks again, and is told then which recipient is gone.
    if (id === null) throw new Reply(451, `${recipient} is not served any more, try again`);
    channels.add(id);
  }
  const results: IngestResult[] = [];
  for (const channelId of channels) {
    const receivedAt = new Date(options.clock());
    const result = await ingestMail(options.ingest, {
      channelId,
      source,
      envelope: { from, to },
      receivedAt,
    });
    options.log.info({ ...result }, 'mail taken in');
    results.push(result);
  }
  return `Stored: ${results.map(({ inboundId, outcome }) => `${outcome} ${inboundId}`).join(', ')}`;
}
