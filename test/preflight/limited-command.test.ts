import { expect, test } from 'vitest';
import { runLimited } from '../../lib/preflight/limited-command.js';

test.runIf(process.platform !== 'win32')('a command that has ended is judged by its exit value', async () => {
  for (const exitValue of [0, 3]) {
    const begun = Date.now();
    const ended = await runLimited(`sleep 20 & echo said; echo so >&2; sleep 3; exit ${exitValue}`, 3_900);
    expect(ended).toEqual({ exitValue, stdout: 'said\n', stderr: 'so\n', timedOut: false });
    expect(Date.now() - begun).toBeLessThan(15_000);
  }
});

test.runIf(process.platform !== 'win32')('one that has not is ended with all that it started', async () => {
  const ended = await runLimited('sleep 20 & sleep 20', 200);
  expect(ended).toMatchObject({ exitValue: null, timedOut: true });
});
