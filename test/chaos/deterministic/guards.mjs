/*
 * Takes the guards of a run away, one by one, in a copy of this checkout, and sees that the histories notice it:
 * node test/chaos/deterministic/guards.mjs [WORD of those that are meant]
 */
import { copyOf } from '../../support/without-guard.mjs';

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

const copy = copyOf(['lib', 'test/chaos', 'package.json', 'tsconfig.json']);

/** @returns the history that noticed it; null: none did */
function noticedBy() {
  const config = 'test/chaos/deterministic/vitest.config.ts';
  const { status, printed } = copy.vitest(['--config', config, 'histories.chaos'], {
    REVGRAPH_HISTORIES: `${HISTORIES}`,
  });
  const [, seed, about] = /AssertionError: seed (\d+): (.*)/.exec(printed) ?? [];
  if (status !== 0 && seed === undefined) throw new Error(`the histories did not run:\n${printed}`);
  const [, what] = /^\+ +(["`'].*),$/m.exec(printed) ?? [];
  return seed === undefined ? null : { seed, about, what };
}

let unnoticed = noticedBy() === null ? 0 : 1;
console.log(
  unnoticed === 0
    ? `with all guards: nothing in ${HISTORIES} histories`
    : 'the histories fail with all guards',
);
for (const [name, file, places, instead] of GUARDS.filter(([name]) => name.includes(process.argv[2] ?? ''))) {
  const found = copy.without({ name, file, places, instead }, noticedBy);
  if (found === null) unnoticed += 1;
  console.log(
    `without “${name}”: ${found === null ? 'NOT NOTICED' : `noticed by history ${found.seed}: ${found.what}`}`,
  );
}
process.exitCode = unnoticed === 0 ? 0 : 1;
