// npm start: installs what is missing, then hands over to start-desk.ts. Plain JavaScript, since nothing is installed yet.
import { spawn } from 'node:child_process';
import { ensureInstalled } from './install.mjs';

ensureInstalled();
// The channel is how the desk learns that this process was killed: it ends then, instead of running on unseen.
const child = spawn(process.execPath, ['--import', 'tsx', 'scripts/start-desk.ts'], {
  stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
});
// The terminal sends Ctrl-C to both, others to this process alone; the desk takes a second signal for the first.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => child.kill(signal));
}
child.on('exit', (code) => process.exit(code ?? 1));
