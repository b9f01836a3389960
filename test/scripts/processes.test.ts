// What the launcher asks of the system for its children.
import { existsSync, readFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { expect, it } from 'vitest';
import { startChild } from '#scripts/processes.ts';

const hasAutogroups = existsSync('/proc/self/autogroup');

it('a part that steps back does so before its siblings too, which are sessions of their own', async () => {
  const child = await startChild({
    ...{ command: process.execPath, args: ['-e', 'setInterval(() => {}, 1000)'] },
    ...{ mark: 'setInterval', nice: 7 },
  });
  try {
    const pid = child.process.pid ?? 0;
    expect(getPriority(pid)).toBe(7);
    // Where sessions share out time, the session's own step counts, and the process's does nothing.
    if (hasAutogroups) {
      expect(readFileSync(`/proc/${pid}/autogroup`, 'utf8')).toMatch(/nice 7\b/);
      expect(readFileSync('/proc/self/autogroup', 'utf8')).not.toMatch(/nice 7\b/);
    }
  } finally {
    await child.stop('SIGKILL');
  }
});
