// The Temporal core of a test process: one, and silent below errors, so that a failing test is not buried.
import { DefaultLogger, Runtime } from '@temporalio/worker';

let installed = false;

/** Installs it once. */
export function installRuntime(): void {
  if (installed) return;
  installed = true;
  Runtime.install({
    logger: new DefaultLogger('ERROR'),
    telemetryOptions: { logging: { filter: { core: 'ERROR', other: 'ERROR' } } },
    shutdownSignals: [],
  });
}
