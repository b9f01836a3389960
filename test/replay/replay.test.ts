// Workflows that began under older code live on under this one: every recorded history replays, and a doctored one does not.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import proto from '@temporalio/proto';
import { Worker } from '@temporalio/worker';
import { describe, expect, inject, it } from 'vitest';
import { ticketWorkflowId } from '#domain/ids.ts';
import { installRuntime } from '#test/support/runtime.ts';

const FOLDER = join(import.meta.dirname, 'histories');
const { History } = proto.temporal.api.history.v1;
const TIMER_STARTED = proto.temporal.api.enums.v1.EventType.EVENT_TYPE_TIMER_STARTED;
const ACTIVITY_SCHEDULED = proto.temporal.api.enums.v1.EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED;

installRuntime();
const files = (await readdir(FOLDER)).filter((file) => file.endsWith('.bin'));
const read = async (file: string) => History.decode(await readFile(join(FOLDER, file)));
const replay = async (history: Awaited<ReturnType<typeof read>>): Promise<void> =>
  await Worker.runReplayHistory(
    { workflowBundle: { codePath: inject('stack').bundlePath } },
    history,
    ticketWorkflowId(1),
  );

describe('a recorded history replays', () => {
  it.for(files)('%s', async (file) => {
    await replay(await read(file));
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
  await expect(replay(history)).rejects.toThrow(/[Nn]ondeterminism/);
});
