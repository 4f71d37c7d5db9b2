import type { Statement } from '../sql/statements.js';
import type { PreparedStep } from './prepare.js';
import type { Run } from './run.js';

/** Definitions that run no function, fire no trigger of a table and set nothing. Event triggers are another matter. */
const QUIET: ReadonlySet<string> = new Set([
  ...[
    'CreateStmt',
    'CreateEnumStmt',
    'AlterEnumStmt',
    'CompositeTypeStmt',
    'CreateDomainStmt',
    'CreateSeqStmt',
  ],
  ...['CreateSchemaStmt', 'CommentStmt', 'RenameStmt', 'ViewStmt', 'DropStmt', 'GrantStmt'],
]);

/** Of an index or a new column: what PostgreSQL would call functions for. */
const CALLS = /\b(default|generated|check|constraint|references|where|using|include)\b|\(.*\(/is;

function isQuiet({ node, sql, touches }: Statement): boolean {
  const isTemporary = touches.some(
    (touch) => touch.kind === 'create' && (touch.temporary || touch.name.schema === 'pg_temp'),
  );
  if (isTemporary || touches.some(({ kind }) => kind === 'opaque')) return false;
  if (QUIET.has(node)) return true;
  if (node === 'IndexStmt') return !CALLS.test(sql);
  const alterations = touches.flatMap((touch) => (touch.kind === 'alter' ? touch.alterations : []));
  const onlyColumns = alterations.every(({ kind }) => kind === 'add-column' || kind === 'drop-column');
  return node === 'AlterTableStmt' && alterations.length > 0 && onlyColumns && !CALLS.test(sql);
}

/** Whether what comes behind a step may be listened to: it may have made an event trigger, which runs with each definition. */
export function mayListen({ work }: PreparedStep): boolean {
  if (work.kind === 'none') return false;
  return (
    work.kind !== 'sql' ||
    work.statements.some(
      ({ node, touches }) => LISTENING.test(node) || touches.some(({ kind }) => kind === 'opaque'),
    )
  );
}

const LISTENING =
  /^(CreateEventTrigStmt|AlterEventTrigStmt|CreateExtensionStmt|AlterExtensionStmt|DoStmt|CallStmt)$/;

/** Whether a step of plain definitions leaves its session as it found it: then there is nothing to put back behind it. */
export function leavesNothing(
  { server, progress }: Pick<Run, 'server' | 'progress'>,
  { work }: PreparedStep,
): boolean {
  if (server.hasEventTriggers || progress.listened) return false;
  return work.kind === 'none' || (work.kind === 'sql' && work.statements.every(isQuiet));
}
