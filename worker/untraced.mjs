// Loaded before the worker, in each of its threads: workflows run without the SDK's stack traces. For each promise of a workflow the SDK
// writes down where it was made, for the "Call stack" page of Temporal's UI; that is 40 % of what a replay costs, and after the death of
// a worker people wait for hundreds of replays. What a ticket waits for is said by its current details. The SDK has no switch for it;
// when its hook cannot be set, it goes on without, and the page says that stack traces are not enabled.
import v8 from 'node:v8';

if (process.env.HOLDFAST_STACK_TRACES !== '1') {
  const { createHook } = v8.promiseHooks;
  v8.promiseHooks.createHook = (hooks) => {
    // Node's own hooks, which AsyncLocalStorage needs, come with more callbacks than these.
    if (Object.keys(hooks).join() !== 'init,settled') return createHook(hooks);
    const { warn } = console;
    // Said once by the SDK as if something were wrong.
    console.warn = () => {
      console.warn = warn;
    };
    throw new Error(
      'Workflows run without stack traces; HOLDFAST_STACK_TRACES=1 switches them on.',
    );
  };
}
