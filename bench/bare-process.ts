// The bare worker in a process of its own, as the desk's is, with the settings that the SDK has by itself. Started by agent-actions.ts.
import { createSql } from '#db/sql.ts';
import { quietRuntime } from './embedded-servers.ts';
import { startBareWorker } from './bare-worker.ts';

const [address = '', databaseUrl = ''] = process.argv.slice(2);
quietRuntime();
const sql = createSql(databaseUrl, { maxConnections: 20, plansOnce: true });
await startBareWorker({ defer: () => undefined }, { address, sql });
console.log('bare worker ready');
