import { ownRoleScript } from '../../database/connection/session-state.js';
import { entryScript, transactionScript } from '../../database/tables/script.js';
import { entryOf, type Writing } from '../../run/entry.js';
import type { PreparedStep } from '../../run/prepare.js';
import { isTogether } from '../../run/progress.js';
import { digestsOf, type ProgressMark } from '../../run/resume.js';

/**
 * The statements of a step outside a transaction, with entries that say how far it came, as a run writes them: a script that stops there
 * is gone on with by a run, behind what is finished.
 * @param texts of code, which has no statements of its own: then only that it began
 */
export function outsideTransaction(
  prepared: PreparedStep,
  texts: readonly string[],
  writing: Writing,
  role: string | null,
): string[] {
  const entry = (statement: string | null, statistics: ProgressMark | null): string =>
    entryScript(
      writing.table,
      entryOf(writing, prepared, { outcome: 'running', statement, ...marked(statistics) }),
    );
  if (prepared.work.kind !== 'sql') return [...transactionScript([entry(null, null)]), ...texts];
  const { statements } = prepared.work;
  const digests = digestsOf(statements);
  const progress = (finished: number): string => {
    const next = statements[finished];
    return entry(next?.sql ?? null, {
      finished,
      statements: statements.length,
      digest: digests[finished] as string,
      together: next !== undefined && isTogether(next),
    });
  };
  const own = ownRoleScript(role);
  return [
    ...transactionScript([progress(0)]),
    ...statements.flatMap((one, i) =>
      isTogether(one)
        ? transactionScript([one.sql, ...own, progress(i + 1)])
        : [one.sql, ...transactionScript([...own, progress(i + 1)])],
    ),
  ];
}

const marked = (statistics: ProgressMark | null) =>
  statistics === null ? {} : { statistics: { ...statistics } };
