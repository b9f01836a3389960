// The bare limits to compare with: workflows that do nothing but one local activity per update, at their start, or at an instant.
import {
  condition,
  defineUpdate,
  proxyLocalActivities,
  setHandler,
  sleep,
} from '@temporalio/workflow';

const { touch } = proxyLocalActivities<{ touch(): Promise<number> }>({
  startToCloseTimeout: '30s',
});

/** An update that returns when one local activity is done. */
export const bareUpdate = defineUpdate<number>('bareUpdate');

/** Lives for ever; the cheapest thing that still writes to Postgres on every update. */
export async function bare(): Promise<void> {
  let ready = false;
  setHandler(bareUpdate, async () => {
    await condition(() => ready);
    return await touch();
  });
  await touch();
  ready = true;
  await condition(() => false, '1 day');
}

/** Sleeps until an instant and then writes once: a deadline and nothing else. */
export async function bareTimer(atMs: number): Promise<void> {
  await sleep(Math.max(1, atMs - Date.now()));
  await touch();
}
