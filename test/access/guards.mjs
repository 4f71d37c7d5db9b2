// biome-ignore-all lint/suspicious/noTemplateCurlyInString: pieces of code
/*
 * Takes the guards of the judgement away, one by one, in a copy of this checkout, and sees that a test fails:
 * node test/access/guards.mjs [WORD of those that are meant]
 */
import { copyOf } from '../support/without-guard.mjs';

const JUDGEMENT = 'lib/access/judgement.ts';
const SCRIPT = 'lib/database/tables/script.ts';

/** What stands in a file, what stands there without the guard, and where a test is to fail then. */
const GUARDS = [
  [
    'missed',
    JUDGEMENT,
    'if (missed.length > 0 && (!isSafe',
    'if (missed.length > graph.size && (!isSafe',
    'commands/history-changes',
  ],
  [
    'missed is not run where it may be a squash',
    JUDGEMENT,
    '|| mayReplace(graph, judged.record ?? [], missed)',
    '|| (false && mayReplace(graph, judged.record ?? [], missed))',
    'access/by-hand access/still-missed access/whole-record',
  ],
  [
    'missed, of which the ledger lost an entry',
    JUDGEMENT,
    "policy === 'run' && unrecordedRows(graph, judged.rows, missed).length === 0",
    "policy === 'run' && unrecordedRows(graph, judged.rows, missed).length >= 0",
    'access/still-missed access/whole-record access/shaken',
  ],
  [
    'missed is not taken back',
    'lib/apply/plan-for.ts',
    'if (neverRan.length > 0) throw',
    'if (neverRan.length > plan.steps.length) throw',
    'access/still-missed access/whole-record commands/history-changes',
  ],
  [
    'shaken',
    JUDGEMENT,
    'const all = shakenIn(graph, record, recorded);',
    'const all = shakenIn(graph, record, new Set<string>());',
    'access/shaken',
  ],
  [
    'an id that is used again',
    'lib/access/open.ts',
    'if (away.length === 0) return found;',
    'if (away.length >= 0) return found;',
    'access/reused',
  ],
  [
    'ledger against rows',
    JUDGEMENT,
    'if (lost.length > 0) throw',
    'if (lost.length > graph.size) throw',
    'commands/history-changes',
  ],
  [
    'a downgrade that stopped halfway',
    JUDGEMENT,
    'if (half !== undefined) throw',
    'if (half === null) throw',
    'commands/halfway',
  ],
  [
    'read-back of a statement',
    'lib/database/tables/version-table.ts',
    'assertRows(table, last as Result, after);',
    'void [last, after];',
    'commands/history-changes commands/matrix',
  ],
  [
    'read-back of a message',
    'lib/run/one-message.ts',
    'if (readBack !== null)\n      assertRows(',
    'if (readBack === -1)\n      assertRows(',
    'commands/history-changes commands/matrix',
  ],
  [
    'the rows under a guard',
    'lib/database/tables/version-table.ts',
    'assertRows(table, await client.query(`${selectRows(table.name, table.schema)} FOR UPDATE`), rows);',
    'await client.query(`${selectRows(table.name, table.schema)} FOR UPDATE`); void rows;',
    'run/pooler',
  ],
  [
    'the ledger is written',
    'lib/database/tables/ledger.ts',
    'if (answer?.rowCount !== 0) return;',
    'if (answer !== null) return;',
    'commands/two-versions',
  ],
  ['edited', 'lib/access/edited.ts', "if (policy === 'refuse') throw error;", '', 'commands/decisions'],
  ['edited is told', 'lib/access/edited.ts', 'opened.emit({', 'void ({', 'commands boot'],
  [
    'unknown',
    'lib/access/unknown-rows.ts',
    "if (policy === 'refuse')",
    "if (policy === 'refuse' && rows.length > 9)",
    'commands/unknown-rows boot/boot',
  ],
  [
    'below a squash',
    'lib/access/unknown-rows.ts',
    'if (part !== undefined)',
    'if (part !== undefined && rows.length > 99)',
    'commands/former-names',
  ],
  [
    '@breaks-before',
    'lib/access/unknown-rows.ts',
    'if (breaking.length === 0) return;',
    'if (breaking.length >= 0) return;',
    'commands/unknown-rows boot/rolling',
  ],
  [
    'the table of other revisions',
    'lib/access/open.ts',
    'await assertOwnTable(session, loaded.graph, stored);',
    'void assertOwnTable;',
    'access/two-tables',
  ],
  [
    'a table that was renamed',
    'lib/access/open.ts',
    'await assertNotRenamed(session, stored);',
    'void assertNotRenamed;',
    'access/renamed access/two-tables access/apart commands',
  ],
  [
    'the right to write',
    'lib/access/may-write.ts',
    "throw new RevgraphError('permission_denied'",
    "void new RevgraphError('permission_denied'",
    'access/may-write',
  ],
  [
    'a sequence behind its entries',
    'lib/access/may-write.ts',
    "throw new RevgraphError('version_table_invalid'",
    "void new RevgraphError('version_table_invalid'",
    'access/may-write',
  ],
  [
    'a backfill under another name',
    'lib/access/renamed.ts',
    "throw new RevgraphError('backfill_renamed'",
    "void new RevgraphError('backfill_renamed'",
    'access/renamed',
  ],
  [
    'a backfill that was stopped',
    'lib/access/held.ts',
    'if (stopped !== null) throw',
    'if (stopped === undefined) throw',
    'backfill',
  ],
  [
    'a backfill without batches',
    'lib/backfill/stale.ts',
    'if (!batched && !mayRunTwice) throw',
    'if (batched && !batched) throw',
    'backfill',
  ],
  [
    'a backfill whose ground moved',
    'lib/backfill/stale.ts',
    'if (await isMoved(',
    'if (false && await isMoved(',
    'backfill',
  ],
  [
    'a step outside a transaction that began, before a script',
    'lib/apply/plan-script.ts',
    '    assertNotBegun(opened, plan);',
    '    void assertNotBegun;',
    'access/word-of-others commands/script',
  ],
  [
    'script: other rows',
    SCRIPT,
    'IS DISTINCT FROM ${expected}`',
    'IS DISTINCT FROM ${expected} AND false`',
    'commands/script access/word-of-others',
  ],
  [
    'script: it ran since',
    SCRIPT,
    'return raiseIf(`(${last})`',
    'return raiseIf(`false AND (${last})`',
    'access/word-of-others access/other-tool',
  ],
  [
    'script: it began as a backfill',
    SCRIPT,
    'IF ${open} THEN',
    'IF false AND ${open} THEN',
    'backfill/ground',
  ],
  [
    'script: it began outside a transaction',
    SCRIPT,
    'hasBegun(table, isAbout(names), names),',
    "hasBegun(table, 'false', names),",
    'commands/script',
  ],
  [
    'script: a downgrade that stopped halfway',
    SCRIPT,
    `hasBegun(table, "direction = 'downgrade'"`,
    "hasBegun(table, 'false'",
    'commands/halfway',
  ],
  [
    'script: something was decided since',
    SCRIPT,
    "IS DISTINCT FROM ${newest ?? 'NULL'}`",
    "IS DISTINCT FROM ${newest ?? 'NULL'} AND false`",
    'access/word-of-others backfill/ground',
  ],
  [
    'script: beside a run',
    SCRIPT,
    '`NOT ${take}(${key})`',
    '`NOT ${take}(${key}) AND false`',
    'commands/script',
  ],
];

const copy = copyOf(['.']);
const meant = GUARDS.filter(([name]) => name.includes(process.argv[2] ?? ''));
for (const [name, file, places, instead, tests] of meant) {
  const files = tests.split(' ').map((test) => `test/${test}`);
  const { status, printed } = copy.without({ name, file, places, instead }, () =>
    copy.vitest([...files, '--bail=1']),
  );
  const [, failed] = /^ *FAIL +(.*)$/m.exec(printed) ?? [];
  if (status !== 0 && failed === undefined)
    throw new Error(`the tests did not run without “${name}”:\n${printed}`);
  if (failed === undefined) process.exitCode = 1;
  console.log(`without “${name}”: ${failed === undefined ? 'NOT NOTICED' : failed}`);
}
