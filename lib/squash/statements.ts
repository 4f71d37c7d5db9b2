import { RevgraphError } from '../errors/error.js';
import { withSemicolon } from '../sql/psql.js';
import type { Place } from '../sql/refusal.js';
import { type Statement, scanned, splitStatements } from '../sql/statements.js';

/** SQL of a revision as a part of a longer section. */
export interface Part {
  readonly sql: string;
  /** What somebody should look at. */
  readonly notes: readonly string[];
}

/** Leaves a schema as it was: not needed on the way to one. */
const UPKEEP = /^(VACUUM|REINDEX|CLUSTER)\b/;
const CONCURRENT = /CONCURRENTLY$/;

/**
 * SQL that runs in a transaction, with a semicolon at its end: on an empty database nothing has to be built concurrently.
 * @throws `squash_refused` for what never runs in one; what splitting throws
 */
export async function inTransaction(sql: string, place: Place, range: string): Promise<Part> {
  const statements = await splitStatements(sql, place);
  const notes = statements.some(writesRows) ? ['it writes rows'] : [];
  if (statements.some(({ setting }) => setting))
    notes.push('it sets something for its session, which now holds for those behind it');
  if (statements.every(({ transactional }) => transactional === 'inside'))
    return { sql: await closed(sql, place), notes };
  const kept: string[] = [];
  for (const statement of statements) {
    const { reason } = statement;
    if (statement.transactional === 'inside') kept.push(statement.sql);
    else if (reason !== null && CONCURRENT.test(reason) && !UPKEEP.test(reason)) {
      kept.push(await withoutConcurrently(statement));
      notes.push(`${reason} became a statement of a transaction`);
    } else if (reason !== null && UPKEEP.test(reason)) notes.push(`${reason} was left out`);
    else
      throw new RevgraphError('squash_refused', {
        range,
        reason: `${reason ?? statement.node} never runs in a transaction (${statement.file}, line ${statement.line})`,
      });
  }
  return {
    sql: kept.map(withSemicolon).join('\n'),
    notes,
  };
}

const writesRows = ({ touches }: Statement): boolean =>
  touches.some((touch) => (touch.kind === 'rows' && touch.verb !== 'select') || touch.kind === 'opaque');

async function withoutConcurrently({ sql, file, line }: Statement): Promise<string> {
  const tokens = await scanned(sql, { file, line });
  const found = tokens.find(({ start, end }) => /^concurrently$/i.test(sql.slice(start, end)));
  if (found === undefined) return sql;
  return sql.slice(0, found.start).trimEnd() + sql.slice(found.end);
}

/** With a semicolon at the end, behind a comment on a line of its own. */
async function closed(sql: string, place: Place): Promise<string> {
  const tokens = await scanned(sql, place);
  const text = sql.trimEnd();
  if (tokens.length === 0) return text;
  const code = tokens.findLast(({ comment }) => comment === null);
  const ends = code !== undefined && sql.slice(code.start, code.end) === ';';
  return ends ? text : `${text}\n;`;
}
