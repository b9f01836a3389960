// What survives the loss of workflows, and what histories must keep: rebuild from Postgres, replay, mail servers that fail.
import { SMTPServer } from 'smtp-server';
import { Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { reconcileOnce } from '#activities/reconcile.ts';
import { updateChannel } from '#db/channels.ts';
import { projectTicketRow } from '#db/ticket-projection.ts';
import { ticketWorkflowId } from '#domain/ids.ts';
import { slaView } from '#domain/sla.ts';
import { slaToWire } from '#domain/sla-wire.ts';
import type { TicketState } from '#domain/ticket-types.ts';
import { startTestDesk } from '#test/support/desk.ts';
import type { TestDesk } from '#test/support/desk.ts';
import { eventually } from '#test/support/poll.ts';
import { TASK_QUEUES } from '#workflows/messages.ts';

let desk: TestDesk;
beforeAll(async () => {
  desk = await startTestDesk();
  await desk.call('POST', '/api/v1/sla-policies', {
    name: 'S',
    goals: { firstReply: { seconds: 3_600 }, close: { seconds: 7_200 } },
  });
});
afterAll(async () => {
  await desk.stop();
});

const newTicket = () =>
  desk.call('POST', '/api/v1/tickets', {
    subject: 'T',
    body: 'Hi',
    requester: { email: 'ann@customer.test' },
  });
const get = (id: number) => desk.call('GET', `/api/v1/tickets/${id}`);

describe('lost workflows', () => {
  it('of 200 open tickets are rebuilt from Postgres with the same deadlines, and take commands again', async () => {
    const tickets: Record<string, any>[] = [];
    for (let batch = 0; batch < 10; batch += 1) {
      tickets.push(...(await Promise.all(Array.from({ length: 20 }, newTicket))));
    }
    await Promise.all(
      tickets.map(({ id }) =>
        desk.client.workflow.getHandle(ticketWorkflowId(id)).terminate('lost'),
      ),
    );
    const deps = { sql: desk.sql, client: desk.client, tickets: desk.tickets, queues: TASK_QUEUES };
    const findings = await reconcileOnce(deps, true);
    expect(findings.lostWorkflows).toBeGreaterThanOrEqual(200);
    for (const ticket of tickets) {
      const live = await eventually(() => desk.call('GET', `/api/v1/tickets/${ticket['id']}/live`));
      expect(live['sla'].goals.firstReply.dueAt).toBe(ticket['sla'].goals.firstReply.dueAt);
    }
    const [first] = tickets;
    expect(
      await desk.call('PATCH', `/api/v1/tickets/${first?.['id']}`, { priority: 'high' }),
    ).toMatchObject({ priority: 'high', version: first?.['version'] + 1 });
  });

  it('a lost workflow is rebuilt by the very command that finds it missing', async () => {
    const ticket = await newTicket();
    await desk.client.workflow.getHandle(ticketWorkflowId(ticket['id'])).terminate('lost');
    expect(
      await desk.call('PATCH', `/api/v1/tickets/${ticket['id']}`, { priority: 'urgent' }),
    ).toMatchObject({ priority: 'urgent' });
  });
});

describe('the fence', () => {
  it('refuses the write of an older run or of less history, and takes one that is as new', async () => {
    const ticket = await newTicket();
    const id = ticket['id'] as number;
    const [row] = await desk.sql<{ state: TicketState; run: number; length: number }[]>`
      select s.state, t.fence_run_started_ms as run, t.fence_history_length as length
      from tickets t join ticket_snapshots s on s.ticket_id = t.id where t.id = ${id}`;
    if (row === undefined) throw new Error('no snapshot');
    const sla = slaView(null, row.state.ledger, Date.now());
    const write = async (
      runStartedMs: number,
      historyLength: number,
      priority: 'low' | 'urgent',
    ): Promise<boolean> => {
      const state = { ...row.state, priority };
      const nothing = {
        events: [],
        messages: [],
        notices: [],
        stepNotes: [],
        stepNotices: [],
        editIds: [],
        releaseAssignment: false,
        asksOthers: false,
      };
      const fence = { runStartedMs, historyLength };
      const rest = {
        sla,
        slaJson: slaToWire(sla),
        routing: null,
        wakeAtMs: null,
        wakeReason: null,
        rulesRevision: 1,
        onlyAtRevision: null,
        calendarVersion: null,
      };
      return (await projectTicketRow(desk.sql, { state, ...rest, fence, ...nothing })).taken;
    };
    expect(await write(row.run - 1, 9_999, 'low')).toBe(false);
    expect(await write(row.run, row.length - 1, 'low')).toBe(false);
    expect((await get(id))['priority']).toBe('normal');
    expect(await write(row.run, row.length, 'urgent')).toBe(true);
    expect((await get(id))['priority']).toBe('urgent');
  });
});

describe('histories', () => {
  it('written by this very code replay', async () => {
    const { bundlePath } = inject('stack');
    const ticket = await newTicket();
    const path = `/api/v1/tickets/${ticket['id']}`;
    await desk.call('POST', `${path}/replies`, { body: 'one' });
    await desk.call('PATCH', path, { status: 'waitingOnUs', priority: 'high' });
    await desk.call('POST', `${path}/notes`, { body: 'two' });
    await desk.call('PATCH', path, { status: 'closed' });
    const history = await desk.client.workflow
      .getHandle(ticketWorkflowId(ticket['id']))
      .fetchHistory();
    const options = { workflowBundle: { codePath: bundlePath } };
    await Worker.runReplayHistory(options, history, ticketWorkflowId(ticket['id']));
  });
});

describe('mail servers that fail', () => {
  it('temporary refusals and dropped connections are retried with the same Message-ID; a permanent one gives the clock back', async () => {
    const seen: { id: string; accepted: boolean }[] = [];
    let failures = 2;
    let permanent = false;
    const sink = new SMTPServer({
      disabledCommands: ['AUTH', 'STARTTLS'],
      onData(stream, _session, callback) {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          const id = /^Message-ID: (.*)$/im.exec(Buffer.concat(chunks).toString())?.[1] ?? '';
          failures -= 1;
          const fails = failures >= 0 || permanent;
          seen.push({ id, accepted: !fails });
          if (!fails) return callback();
          callback(
            Object.assign(new Error(permanent ? 'mailbox unavailable' : 'try later'), {
              responseCode: permanent ? 550 : 451,
            }),
          );
        });
      },
    });
    await new Promise<void>((resolve) => sink.listen(0, '127.0.0.1', resolve));
    const { port } = sink.server.address() as { port: number };
    await updateChannel(desk.sql, {
      id: desk.channel.id,
      name: 'Support',
      enabled: true,
      settings: { smtp: { host: '127.0.0.1', port } },
    });
    const ticket = await newTicket();
    const message = await desk.call('POST', `/api/v1/tickets/${ticket['id']}/replies`, {
      body: 'hi',
    });
    await eventually(async () =>
      expect(
        (await desk.call('GET', `/api/v1/messages/${message['id']}`))['failure'],
      ).not.toBeNull(),
    );
    const deliver = desk.client.workflow.getHandle(`deliver-${message['id']}`);
    await eventually(async () => {
      await deliver.signal('retryNow').catch(() => undefined);
      expect((await desk.call('GET', `/api/v1/messages/${message['id']}`))['state']).toBe('sent');
    }, 40_000);
    expect(seen.filter(({ accepted }) => accepted)).toHaveLength(1);
    expect(new Set(seen.map(({ id }) => id)).size).toBe(1);
    permanent = true;
    const other = await newTicket();
    const lost = await desk.call('POST', `/api/v1/tickets/${other['id']}/replies`, {
      body: 'never arrives',
    });
    await eventually(async () =>
      expect(await desk.call('GET', `/api/v1/messages/${lost['id']}`)).toMatchObject({
        state: 'failed',
      }),
    );
    await eventually(async () =>
      expect((await get(other['id']))['sla'].goals.firstReply.state).toBe('active'),
    );
    await eventually(async () => {
      const [row] =
        await desk.sql`select count(*)::integer as n from notifications where type = 'deliveryFailed' and ticket_id = ${other['id']}`;
      expect(row?.['n']).toBe(1);
    });
    await new Promise<void>((resolve) => sink.close(() => resolve()));
  });
});
