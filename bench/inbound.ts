// How fast a mail is acknowledged: parsed, threaded and committed with what is owed to Temporal, at 1, 8 and 32 at once.
import { join } from 'node:path';
import { createFolderStore } from '#channels/attachments-folder.ts';
import { ingestMail } from '#channels/email/ingest.ts';
import { findChannelByAddress } from '#db/channels.ts';
import { startDatabase } from './embedded-servers.ts';
import { load, showMs } from './load.ts';
import type { Bench } from './report.ts';

const MAILS = 600;

/** Budget: 500 a second at 32. No worker runs, so nothing but the acknowledgement is measured. */
export const inbound: Bench = {
  about: 'mails acknowledged a second at 1, 8 and 32 at once',
  async run(context) {
    const { sql, folder } = await startDatabase(context, { durable: true });
    const channel = await findChannelByAddress(sql, 'support@holdfast.localhost');
    if (channel === undefined) throw new Error('The demo desk has no mail channel.');
    const attachments = createFolderStore(join(folder, 'files'));
    const deps = { sql, attachments, replySecret: 'bench secret' };
    for (const concurrency of [1, 8, 32]) {
      const result = await load(MAILS, concurrency, async (index) => {
        const name = `c${concurrency}n${index}`;
        const source = Buffer.from(
          `From: ${name}@load.test\r\nTo: support@holdfast.localhost\r\nSubject: ${name}\r\nMessage-ID: <${name}@load.test>\r\n\r\nHello there\r\n`,
        );
        const receivedAt = new Date();
        await ingestMail(deps, { channelId: channel.id, source, envelope: null, receivedAt });
      });
      const { rate, p50, p95 } = result;
      context.add({
        what: `inbound mail acknowledged, c${concurrency}`,
        measured: `${rate.toFixed(0)}/s, p50 ${showMs(p50)}, p95 ${showMs(p95)}`,
        ...(concurrency === 32 ? { budget: { text: '≥ 500/s', met: rate >= 500 } } : {}),
        values: { rate, p50, p95 },
      });
    }
  },
};
