import { type Queryable, runShaped, runStatement } from '../../database/connection/session.js';
import { RevgraphError } from '../../errors/error.js';
import type { CodeResult, QueryConfig } from '../../revision/batches.js';

/** A query of code, in one form. */
export interface Asked {
  readonly sql: string;
  readonly values: readonly unknown[] | undefined;
  /** What it wants of the shape of its answer. */
  readonly shape: Pick<QueryConfig, 'rowMode' | 'types'>;
}

const KNOWN = ['text', 'values', 'name', 'rowMode', 'types'];

/**
 * What code asked: text and values, or an object as `pg` takes it. A name is not passed on: what is prepared ends with the step.
 * @throws `usage` for what a step can't do: cursors, streams and callbacks
 */
export function askedBy(
  file: string,
  query: string | QueryConfig,
  params: readonly unknown[] | undefined,
  ...more: readonly unknown[]
): Asked {
  if ([params, ...more].some((one) => typeof one === 'function'))
    throw unable(file, textOf(query), 'a callback', 'Await the promise that it returns.');
  if (typeof query === 'string') return { sql: query, values: params, shape: {} };
  const unknown = Object.keys(Object(query)).find(
    (key) => !KNOWN.includes(key) && (query as unknown as Record<string, unknown>)[key] !== undefined,
  );
  if (typeof (query as { submit?: unknown } | null)?.submit === 'function')
    throw unable(file, textOf(query), 'a cursor or a stream', 'Read rows in parts with batches().');
  if (typeof query?.text !== 'string')
    throw unable(file, textOf(query), 'anything but text, or an object with `text`', null);
  if (unknown !== undefined) throw unable(file, query.text, `\`${unknown}\``, null);
  const { text: sql, values, rowMode, types } = query;
  if (rowMode !== undefined && rowMode !== 'array')
    throw unable(file, sql, `rowMode ${JSON.stringify(rowMode)}`, 'It may be "array".');
  return {
    sql,
    values: params ?? values,
    shape: { ...(rowMode === undefined ? {} : { rowMode }), ...(types === undefined ? {} : readBy(types)) },
  };
}

/** A list, too, of the types of the values, which is empty: the bridge to the embedded database takes it for that. */
const readBy = (types: NonNullable<QueryConfig['types']>): Pick<QueryConfig, 'types'> => ({
  types: Object.assign([], { getTypeParser: types.getTypeParser.bind(types) }),
});

const textOf = (query: unknown): string =>
  typeof query === 'string' ? query : String(Object(query).text ?? Object(query).cursor?.text ?? '');

function unable(file: string, sql: string, what: string, hint: string | null): RevgraphError {
  const of = sql === '' ? '' : ` (${sql.replace(/\s+/g, ' ').slice(0, 80)})`;
  return new RevgraphError('usage', {
    message: `db.query of ${file} does not take ${what}${of}.`,
    hint: hint ?? 'It takes text and values, or { text, values, rowMode, types }.',
  });
}

/** Sends it. */
export async function ask(client: Queryable, { sql, values, shape }: Asked): Promise<CodeResult> {
  const isPlain = shape.rowMode === undefined && shape.types === undefined;
  const { rows, rowCount, command, fields } = isPlain
    ? await runStatement(client, sql, values)
    : await runShaped(client, { text: sql, values, ...shape });
  return { rows, rowCount, command: command ?? '', fields: [...(fields ?? [])] as CodeResult['fields'] };
}
