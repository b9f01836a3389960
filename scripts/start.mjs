// npm start: installs what is missing, then hands over to start-desk.ts. Plain JavaScript, since nothing is installed yet.
import { spawn } from 'node:child_process';
import { ensureInstalled } from './install.mjs';

ensureInstalled();
const child = spawn(process.execPath, ['--import', 'tsx', 'scripts/start-desk.ts'], {
  stdio: 'inherit',
});
// The terminal sends Ctrl-C to both; the desk stops its parts in order and this waits for it.
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    if (signal === 'SIGTERM') child.kill(signal);
  });
}
child.on('exit', (code) => process.exit(code ?? 1));
