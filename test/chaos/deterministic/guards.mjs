/*
 * Takes the guards of a run away, one by one, in a copy of this checkout, and sees that the histories notice it:
 * node test/chaos/deterministic/guards.mjs [WORD of those that are meant]
 */
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

const HISTORIES = 1_000;

/** What stands in a file, and what stands there without the guard. */
const GUARDS = [
  ['the lock', 'lib/access/open.ts', "options.lock === 'off' || session.kind", 'true || session.kind'],
  [
    'the rows are read again under the lock',
    'lib/access/open.ts',
    [
      [
        "  const { withRunLock } = await import('./run-lock.js');",
        '  const early = await readVersionRows(session, reading, before ?? undefined);\n',
      ],
      ['    work(lock, async () => {', '      return { stored: early, tables: before };\n'],
    ],
  ],
  [
    'the row is read back',
    'lib/database/tables/version-table.ts',
    'assertRows(table, last as Result, after);',
    '',
  ],
  [
    'the fence at the begin of a step',
    'lib/database/connection/settings.ts',
    'return lockKey === null || rows[0]?.held === true;',
    'return rows.length > 0;',
  ],
  [
    'the fence at the end of a step',
    'lib/run/step.ts',
    'if (isGuard(run.lockKey)) await holdsLock(run.session, run.lockKey);',
    '',
  ],
  [
    'the release of the lock is checked',
    'lib/database/connection/lock.ts',
    "if (rows[0]?.released !== true) throw new RevgraphError('lock_lost', { reason });",
    'void [rows, reason];',
  ],
  [
    'the release of a guard is checked',
    'lib/database/locks/transaction-lock.ts',
    '  if (wasHeld) return;',
    '  if (wasHeld || !wasHeld) return;',
  ],
  [
    'the ledger is checked',
    'lib/database/tables/ledger.ts',
    'if (answer?.rowCount !== 0) return;',
    'if (answer !== null) return;',
  ],
  [
    'the checks of a step',
    'lib/run/work.ts',
    'for (const check of verifies)\n    await runCheck',
    'for (const check of verifies.slice(0, 0))\n    await runCheck',
  ],
];

const root = execFileSync('git', ['rev-parse', '--show-toplevel'], { encoding: 'utf8' }).trim();
const copy = mkdtempSync(join(tmpdir(), 'revgraph-guards-'));
process.on('exit', () => rmSync(copy, { recursive: true, force: true }));
const files = execFileSync('git', ['ls-files', 'lib', 'test/chaos', 'package.json', 'tsconfig.json'], {
  cwd: root,
  encoding: 'utf8',
});
for (const file of files.trim().split('\n')) {
  mkdirSync(dirname(join(copy, file)), { recursive: true });
  cpSync(join(root, file), join(copy, file));
}
symlinkSync(realpathSync(join(root, 'node_modules')), join(copy, 'node_modules'));

/** The text without the guard; of several places, each gets something put before or behind what stands there. */
function without(text, name, places, instead) {
  if (typeof places !== 'string') {
    const [[before, first], [begin, second]] = places;
    return without(without(text, name, before, `${first}${before}`), name, begin, `${begin}\n${second}`);
  }
  if (text.split(places).length !== 2)
    throw new Error(`${name}: the guard is not where it was, once: ${places}`);
  return text.replace(places, () => instead);
}

/** @returns the history that noticed it; null: none did */
function noticedBy() {
  const config = 'test/chaos/deterministic/vitest.config.ts';
  const vitest = join(copy, 'node_modules/vitest/vitest.mjs');
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [vitest, 'run', '--config', config, 'histories.chaos'],
    {
      cwd: copy,
      encoding: 'utf8',
      env: { ...process.env, REVGRAPH_HISTORIES: `${HISTORIES}`, NO_COLOR: '1' },
    },
  );
  const [, seed, about] = /AssertionError: seed (\d+): (.*)/.exec(`${stdout}${stderr}`) ?? [];
  if (status !== 0 && seed === undefined) throw new Error(`the histories did not run:\n${stdout}${stderr}`);
  const [, what] = /^\+ +(["`'].*),$/m.exec(`${stdout}${stderr}`) ?? [];
  return seed === undefined ? null : { seed, about, what };
}

let unnoticed = noticedBy() === null ? 0 : 1;
console.log(
  unnoticed === 0
    ? `with all guards: nothing in ${HISTORIES} histories`
    : 'the histories fail with all guards',
);
for (const [name, file, places, instead] of GUARDS.filter(([name]) => name.includes(process.argv[2] ?? ''))) {
  const text = readFileSync(join(root, file), 'utf8');
  writeFileSync(join(copy, file), without(text, name, places, instead));
  const found = noticedBy();
  writeFileSync(join(copy, file), text);
  if (found === null) unnoticed += 1;
  console.log(
    `without “${name}”: ${found === null ? 'NOT NOTICED' : `noticed by history ${found.seed}: ${found.what}`}`,
  );
}
process.exitCode = unnoticed === 0 ? 0 : 1;
