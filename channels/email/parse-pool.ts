// Large mails are read in threads of their own, so that no mail, however it is made, holds up the others or the API. Two of them, so
// that one hostile mail does not hold up every other large one. A thread is started when it is needed, ends when it has had nothing
// to do for a while, and is ended when a mail takes too long.
import { Worker } from 'node:worker_threads';
import type { ParsedMail } from './read-mail.ts';

const THREADS = 2;
/** What a mail may take; a megabyte of the worst known takes two seconds. */
const LIMIT_MS = 10_000;
/** A thread loads its code first, which is not the mail's fault. */
const START_LIMIT_MS = 60_000;
const IDLE_MS = 30_000;

/** What the thread is given, and what it answers. */
export interface ParseJob {
  source: Uint8Array;
  envelopeFrom: string | null;
}
/** The mail, or why it cannot be read; the first answer of a thread says that it is ready. */
export type ParseAnswer = { ready: true } | { mail: ParsedMail } | { error: string };

/** One thread and those who wait for it. */
interface Reader {
  queue: Promise<unknown>;
  waiting: number;
  thread: Worker | null;
  idle: NodeJS.Timeout | undefined;
}

const readers: Reader[] = Array.from({ length: THREADS }, () => ({
  ...{ queue: Promise.resolve(), waiting: 0, thread: null, idle: undefined },
}));

/** Reads a mail in the thread with the shorter queue; throws what the reading threw, or that it took too long. */
export async function readInThread(
  source: Uint8Array,
  envelopeFrom: string | null,
): Promise<ParsedMail> {
  const reader = readers.toSorted((one, other) => one.waiting - other.waiting)[0];
  if (reader === undefined) throw new Error('There are no threads.');
  reader.waiting += 1;
  const turn = reader.queue.then(() => ask(reader, { source, envelopeFrom }));
  reader.queue = turn
    .catch(() => undefined)
    .finally(() => {
      reader.waiting -= 1;
    });
  return await turn;
}

async function ask(reader: Reader, job: ParseJob): Promise<ParsedMail> {
  clearTimeout(reader.idle);
  const fresh = reader.thread === null;
  const worker = (reader.thread ??= start(reader));
  // While a mail is being read the process must not end; an idle thread does not hold it.
  worker.ref();
  try {
    if (fresh) await answerOf(reader, worker, START_LIMIT_MS);
    const answer = answerOf(reader, worker, LIMIT_MS);
    worker.postMessage(job);
    const read = await answer;
    if ('mail' in read) return read.mail;
    throw new Error('error' in read ? read.error : 'The thread answered out of turn.');
  } finally {
    worker.unref();
    reader.idle = setTimeout(() => {
      void reader.thread?.terminate();
      reader.thread = null;
    }, IDLE_MS).unref();
  }
}

/** The thread's next answer; a thread that dies or takes too long is ended, and the next mail gets a new one. */
function answerOf(reader: Reader, worker: Worker, limitMs: number): Promise<ParseAnswer> {
  return new Promise<ParseAnswer>((resolve, reject) => {
    const forget = (): void => {
      clearTimeout(limit);
      worker.off('message', answered).off('error', died).off('exit', ended);
    };
    const died = (error: Error): void => {
      forget();
      if (reader.thread === worker) reader.thread = null;
      void worker.terminate();
      reject(error);
    };
    const ended = (): void => died(new Error('The thread that read the mail ended.'));
    const answered = (answer: ParseAnswer): void => {
      forget();
      resolve(answer);
    };
    const limit = setTimeout(
      () => died(new Error(`Reading the mail took more than ${limitMs / 1000} seconds.`)),
      limitMs,
    );
    worker.on('message', answered).on('error', died).on('exit', ended);
  });
}

function start(reader: Reader): Worker {
  const worker = new Worker(new URL('./parse-thread.mjs', import.meta.url), { execArgv: [] });
  // Between two mails nobody listens; a thread that dies then is simply started again.
  worker.on('error', () => undefined);
  worker.once('exit', () => {
    if (reader.thread === worker) reader.thread = null;
  });
  return worker;
}
