// Mails by SMTP, 32 at once, for some seconds: how many a second the desk takes, what that does to people who read lists meanwhile,
// and how long until every mail's ticket lives.
import nodemailer from 'nodemailer';
import { pause } from '#scripts/processes.ts';
import { load, showMs, showTimes } from './load.ts';
import { startProcessDesk } from './process-desk.ts';
import type { ProcessDesk } from './process-desk.ts';
import { startReader } from './reader.ts';
import type { Bench } from './report.ts';

const CONCURRENCY = 32;
const MAILS = 2_000;
const CALM_MS = 10_000;
const SETTLE_LIMIT_MS = 180_000;
const API_TIMES = 2;

/** Budget: the API's p95 at most doubled, as in the other storms. The rate includes the sending side on the same machine. */
export const mailStorm: Bench = {
  about: 'mail by SMTP, 32 at once, and the API meanwhile',
  async run(context) {
    const desk = await startProcessDesk(context);
    // Some tickets to read, and warm code on every path.
    await send(desk, 'warm', 200, 8);
    await allAlive(desk);
    const reader = await startReader(context, desk);
    await pause(CALM_MS);
    const calm = await reader.take();
    const result = await send(desk, 'storm', MAILS, CONCURRENCY);
    const storm = await reader.take();
    const endMs = performance.now();
    await allAlive(desk);
    const settledMs = performance.now() - endMs;
    const after = await reader.take();
    context.add({
      what: `${MAILS.toLocaleString('en')} mails by SMTP, c${CONCURRENCY}, worker at work`,
      measured: `${result.rate.toFixed(0)}/s, ${showTimes(result)}`,
      ratio: `the last ticket lives ${showMs(settledMs)} after the last mail was taken`,
      values: { rate: result.rate, p95: result.p95, settledMs },
    });
    const ratio = storm.p95 / calm.p95;
    context.add({
      what: `lists through the API during it (${storm.count} asked, ${storm.failures} failed)`,
      measured: showTimes(storm),
      ratio: `p95 ${ratio.toFixed(1)}× calm (${showTimes(calm)})`,
      budget: { text: 'p95 ≤ 2× calm', met: ratio <= API_TIMES && storm.failures === 0 },
      values: { p95: storm.p95, calmP95: calm.p95, ratio, failures: storm.failures },
    });
    context.add({
      what: `lists while the tickets come to life (${after.count} asked, ${after.failures} failed)`,
      measured: showTimes(after),
      ratio: `p95 ${(after.p95 / calm.p95).toFixed(1)}× calm`,
      values: { p95: after.p95, ratio: after.p95 / calm.p95, failures: after.failures },
    });
  },
};

async function send({ demo }: ProcessDesk, name: string, count: number, concurrency: number) {
  const transport = nodemailer.createTransport({
    ...{ host: '127.0.0.1', port: demo.smtpPort, ignoreTLS: true },
    ...{ pool: true, maxConnections: concurrency, maxMessages: Number.POSITIVE_INFINITY },
  });
  const result = await load(count, concurrency, (index) =>
    transport.sendMail({
      from: `${name}${index}@load.test`,
      to: demo.supportAddress,
      subject: `${name} ${index}`,
      text: 'Hello there, the printer does not print.',
      messageId: `<${name}-${index}@load.test>`,
    }),
  );
  transport.close();
  return result;
}

async function allAlive({ sql }: ProcessDesk): Promise<void> {
  const deadline = Date.now() + SETTLE_LIMIT_MS;
  for (;;) {
    const [row] = await sql<{ unborn: number }[]>`
      select count(*)::integer as unborn from tickets where version = 0`;
    if (row?.unborn === 0) return;
    if (Date.now() > deadline) throw new Error(`${row?.unborn} tickets do not come to life.`);
    await pause(200);
  }
}
