// The thread of parse-pool.ts: reads one mail after the other and answers with what it is, or why it cannot be read. Plain
// JavaScript, since a thread does not inherit the loader of TypeScript.
import { parentPort } from 'node:worker_threads';
import { register } from 'tsx/esm/api';

register();
const { readMail } = await import('./read-mail.ts');

parentPort?.on('message', ({ source, envelopeFrom }) => {
  readMail(source, envelopeFrom).then(
    (mail) => parentPort?.postMessage({ mail }),
    (error) => parentPort?.postMessage({ error: String(error?.message ?? error) }),
  );
});
parentPort?.postMessage({ ready: true });
