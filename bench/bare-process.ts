// The bare worker in a process of its own, with the cache and slots of the desk's and all else as the SDK has it. Started by agent-actions.ts.
import { createSql } from '#db/sql.ts';
import { quietRuntime } from './embedded-servers.ts';
import { startBareWorker } from './bare-worker.ts';

const [address = '', databaseUrl = ''] = process.argv.slice(2);
quietRuntime();
const sql = createSql(databaseUrl, { maxConnections: 20, plansOnce: true });
await startBareWorker({ defer: () => undefined }, { address, sql });
console.log('bare worker ready');
