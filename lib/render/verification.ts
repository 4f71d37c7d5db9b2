import type { IdempotenceResult } from '../apply/idempotence.js';
import type { VerifyResult } from '../apply/verify.js';
import { failedCheckText } from '../errors/sentence.js';
import { type Paint, PLAIN } from './lists.js';
import { agree, counted, excerpt } from './words.js';

/** What `verify` found, for people: a line per check. */
export function verificationText({ ok, checks, ended }: VerifyResult, paint: Paint = PLAIN): string {
  const failed = checks.filter((check) => !check.ok);
  return [
    ...checks.flatMap((check) =>
      check.ok
        ? [`${paint.good('✓')} ${check.title}  ${paint.dim(check.revision ?? 'configuration')}`]
        : [
            `${paint.bad('✗')} ${failedCheckText(check)}`,
            ...check.rows.map((row) => `    ${excerpt(JSON.stringify(row))}`),
          ],
    ),
    ...ended.map(({ title, revision, until }) => paint.dim(`- ${title}  ${revision}, ended by ${until}`)),
    ok
      ? `${counted(checks.length, 'check passes', 'checks pass')}.`
      : `${failed.length} of ${counted(checks.length, 'check')} ${agree(failed.length, 'fails', 'fail')}.`,
  ].join('\n');
}

/** What a second run changed, for people. */
export function idempotenceText(result: IdempotenceResult, paint: Paint = PLAIN): string {
  const { revision, idempotent, declared, changed, facts, error } = result;
  if (idempotent)
    return `${paint.good('✓')} a second run of ${paint.id(revision)} changes nothing${declared ? '' : ' (it is not declared @idempotent)'}`;
  return [
    `${paint.bad('✗')} a second run of ${paint.id(revision)} ${error === null ? 'changes the database' : 'fails'}${declared ? ', although it is declared @idempotent' : ''}:`,
    ...(error === null
      ? []
      : [
          `  ${error.file === null ? '' : `${error.file}:${error.line}: `}${error.message}${error.sqlstate === null ? '' : ` (SQLSTATE ${error.sqlstate})`}`,
        ]),
    ...changed.map(
      ({ table, inserted, updated, deleted }) =>
        `  ${table}: ${inserted} inserted, ${updated} updated, ${deleted} deleted`,
    ),
    ...facts.removed.map((fact) => `  ${paint.bad('-')} ${excerpt(fact)}`),
    ...facts.added.map((fact) => `  ${paint.good('+')} ${excerpt(fact)}`),
  ].join('\n');
}
