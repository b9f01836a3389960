// Large mails are read in a thread of their own, so that no mail, however it is made, holds up the others or the API. The thread is
// started when it is needed, ends when it has had nothing to do for a while, and is ended when a mail takes too long.
import { Worker } from 'node:worker_threads';
import type { ParsedMail } from './read-mail.ts';

const LIMIT_MS = 60_000;
const IDLE_MS = 30_000;

/** What the thread is given, and what it answers. */
export interface ParseJob {
  source: Uint8Array;
  envelopeFrom: string | null;
}
/** The mail, or why it cannot be read. */
export type ParseAnswer = { mail: ParsedMail } | { error: string };

let queue: Promise<unknown> = Promise.resolve();
let thread: Worker | null = null;
let idle: NodeJS.Timeout | undefined;

/** Reads a mail in the thread, after those that came before it; throws what the reading threw, or that it took too long. */
export async function readInThread(
  source: Uint8Array,
  envelopeFrom: string | null,
): Promise<ParsedMail> {
  const turn = queue.then(() => ask({ source, envelopeFrom }));
  queue = turn.catch(() => undefined);
  return await turn;
}

async function ask(job: ParseJob): Promise<ParsedMail> {
  clearTimeout(idle);
  const worker = (thread ??= start());
  // While a mail is being read the process must not end; an idle thread does not hold it.
  worker.ref();
  try {
    return await new Promise<ParsedMail>((resolve, reject) => {
      const forget = (): void => {
        clearTimeout(limit);
        worker.off('message', answered).off('error', died).off('exit', ended);
      };
      const died = (error: Error): void => {
        forget();
        thread = null;
        void worker.terminate();
        reject(error);
      };
      const ended = (): void => died(new Error('The thread that read the mail ended.'));
      const answered = (answer: ParseAnswer): void => {
        forget();
        if ('mail' in answer) resolve(answer.mail);
        else reject(new Error(answer.error));
      };
      const limit = setTimeout(
        () => died(new Error(`Reading the mail took more than ${LIMIT_MS / 1000} seconds.`)),
        LIMIT_MS,
      );
      worker.on('message', answered).on('error', died).on('exit', ended);
      worker.postMessage(job);
    });
  } finally {
    worker.unref();
    idle = setTimeout(() => {
      void thread?.terminate();
      thread = null;
    }, IDLE_MS).unref();
  }
}

function start(): Worker {
  const worker = new Worker(new URL('./parse-thread.mjs', import.meta.url), { execArgv: [] });
  // Between two mails nobody listens; a thread that dies then is simply started again.
  worker.on('error', () => undefined);
  worker.once('exit', () => {
    if (thread === worker) thread = null;
  });
  return worker;
}
