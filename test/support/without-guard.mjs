import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A copy of what is checked out, in which one guard after the other is taken away. */
export function copyOf(folders) {
  const root = execFileSync('git', ['rev-parse', '--show-toplevel'], { encoding: 'utf8' }).trim();
  const copy = mkdtempSync(join(tmpdir(), 'revgraph-guards-'));
  process.on('exit', () => rmSync(copy, { recursive: true, force: true }));
  const files = execFileSync('git', ['ls-files', ...folders], { cwd: root, encoding: 'utf8' });
  for (const file of files.trim().split('\n')) {
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    cpSync(join(root, file), join(copy, file));
  }
  symlinkSync(realpathSync(join(root, 'node_modules')), join(copy, 'node_modules'));
  return {
    /** Runs vitest in the copy. @returns its exit value, and everything that it printed */
    vitest(args, env = {}) {
      const program = join(copy, 'node_modules/vitest/vitest.mjs');
      const { stdout, stderr, status } = spawnSync(process.execPath, [program, 'run', ...args], {
        cwd: copy,
        encoding: 'utf8',
        env: { ...process.env, NO_COLOR: '1', ...env },
      });
      return { status, printed: `${stdout}${stderr}` };
    },
    /** Runs `action` while a file of the copy stands there without the guard. */
    without({ name, file, places, instead }, action) {
      const text = readFileSync(join(root, file), 'utf8');
      writeFileSync(join(copy, file), replaced(text, name, places, instead));
      try {
        return action();
      } finally {
        writeFileSync(join(copy, file), text);
      }
    },
  };
}

/** The text without the guard; of several places, each gets something put before or behind what stands there. */
function replaced(text, name, places, instead) {
  if (typeof places !== 'string') {
    const [[before, first], [begin, second]] = places;
    return replaced(replaced(text, name, before, `${first}${before}`), name, begin, `${begin}\n${second}`);
  }
  if (text.split(places).length !== 2)
    throw new Error(`${name}: the guard is not where it was, once: ${places}`);
  return text.replace(places, () => instead);
}
