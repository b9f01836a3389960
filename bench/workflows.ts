// The bare limit to compare with: an entity workflow that does nothing but one local activity per update and at its start.
import { condition, defineUpdate, proxyLocalActivities, setHandler } from '@temporalio/workflow';

const { touch } = proxyLocalActivities<{ touch(): Promise<number> }>({ startToCloseTimeout: '5s' });

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
