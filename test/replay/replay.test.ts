// Workflows that began under older code live on under this one: every recorded history replays, and a doctored one does not.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import proto from '@temporalio/proto';
import { Worker } from '@temporalio/worker';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { ticketWorkflowId } from '#domain/ids.ts';
import { installRuntime } from '#test/support/runtime.ts';

const FOLDER = join(import.meta.dirname, 'histories');
const { History } = proto.temporal.api.history.v1;
const TIMER_STARTED = proto.temporal.api.enums.v1.EventType.EVENT_TYPE_TIMER_STARTED;
const ACTIVITY_SCHEDULED = proto.temporal.api.enums.v1.EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED;

installRuntime();
const files = (await readdir(FOLDER)).filter((file) => file.endsWith('.bin'));
const read = async (file: string) => History.decode(await readFile(join(FOLDER, file)));
type ReadHistory = Awaited<ReturnType<typeof read>>;

/** Replays histories one after another on one worker, whose start takes longer than they do; answers what went wrong with each. */
async function replayAll(histories: readonly ReadHistory[]): Promise<(Error | undefined)[]> {
  const results = Worker.runReplayHistories(
    { workflowBundle: { codePath: inject('stack').bundlePath } },
    histories.map((history) => ({ workflowId: ticketWorkflowId(1), history })),
  );
  const errors: (Error | undefined)[] = [];
  for await (const { error } of results) errors.push(error);
  return errors;
}

describe('a recorded history replays', () => {
  const replayed = new Map<string, Error | undefined>();
  beforeAll(async () => {
    const errors = await replayAll(await Promise.all(files.map(read)));
    for (const [index, error] of errors.entries()) replayed.set(files[index] ?? '', error);
  });

  it.for(files)('%s', (file) => {
    expect(replayed.has(file)).toBe(true);
    expect(replayed.get(file)).toBeUndefined();
  });

  it('of every workflow that lives long', () => {
    for (const name of [
      'ticket',
      'deliver',
      'merge',
      'assign-queue',
      'reconcile',
      'bulk',
      'policy-rollout',
      'notify',
      'ticket-ladder',
      'availability',
      'account-mail',
    ])
      expect(files.some((file) => file.includes(`-${name}`))).toBe(true);
  });
});

it('a history of other commands does not replay', async () => {
  const history = await read('v1-ticket-busy.bin');
  const timer = history.events.find(({ eventType }) => eventType === TIMER_STARTED);
  if (timer === undefined) throw new Error('no timer to doctor');
  timer.eventType = ACTIVITY_SCHEDULED;
  delete timer.timerStartedEventAttributes;
  timer.activityTaskScheduledEventAttributes = {
    activityId: 'x',
    activityType: { name: 'nonsense' },
  };
  // Between two that replay: it fails alone, and what comes after it is looked at.
  const [before, doctored, after, ...rest] = await replayAll([
    await read('v1-ticket-busy.bin'),
    history,
    await read('v1-ticket-busy.bin'),
  ]);
  expect([before, after, rest]).toEqual([undefined, undefined, []]);
  expect(doctored?.message).toMatch(/[Nn]ondeterminism/);
});
