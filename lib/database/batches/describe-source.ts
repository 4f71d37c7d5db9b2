import { RevgraphError } from '../../errors/error.js';
import { readDriverError } from '../connection/failure.js';
import type { Queryable } from '../connection/session.js';
import { type BatchSource, qualify } from './source.js';

/** What a batch is made of. */
export interface SourceDefinition {
  readonly table: string | null;
  readonly source: string | null;
  readonly where: string | null;
  readonly key: readonly string[];
}

/**
 * Looks at the columns and types of a table or query, and whether its key can be one.
 * @throws `backfill_invalid`
 */
export async function describeSource(client: Queryable, definition: SourceDefinition): Promise<BatchSource> {
  const { table, source, key, where } = definition;
  const what = table ?? 'the source';
  const { types, oid } =
    table === null ? await readQuery(client, source ?? '') : await readTable(client, table);
  const missing = key.filter((name) => !types.has(name));
  if (missing.length > 0)
    throw invalid(
      `${what} has no column ${missing.join(', ')} for the key.`,
      `It has ${[...types.keys()].slice(0, 20).join(', ')}.`,
    );
  const odd = key.filter((name) => /(\[\]|^jsonb?)$/.test(types.get(name) as string));
  if (odd.length > 0)
    throw invalid(
      `${odd.join(', ')} of ${what} can't be a key, because the type is ${types.get(odd[0] as string)}.`,
      'Use a column of a scalar type.',
    );
  if (table !== null && !(await isUnique(client, table, key)))
    throw invalid(
      `The key ${key.join(', ')} of ${table} is not unique or not NOT NULL. Rows between two batches would be skipped.`,
      'Use the columns of the primary key, or of a unique index on NOT NULL columns. A table with inheritance children has no such index on all of them.',
    );
  return {
    from: table === null ? `(${source}\n) AS t` : `${qualify(table)} AS t`,
    table: table === null ? null : qualify(table),
    key,
    keyTypes: key.map((name) => types.get(name) as string),
    types,
    where,
    oid,
  };
}

function invalid(message: string, hint: string): RevgraphError {
  return new RevgraphError('backfill_invalid', { message, hint });
}

/** Columns by name with their types, and the oid of a table. */
type Columns = Pick<BatchSource, 'types' | 'oid'>;

async function readTable(client: Queryable, table: string): Promise<Columns> {
  const { rows } = await client.query(
    `SELECT a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type, a.attrelid::int8 AS oid FROM pg_attribute a
     WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`,
    [qualify(table)],
  );
  if (rows.length === 0) throw invalid(`Table ${table} does not exist.`, 'Write `name` or `schema.name`.');
  const types = new Map(rows.map(({ name, type }) => [String(name), String(type)]));
  return { types, oid: Number(rows[0]?.oid) };
}

/** The types of a query's columns, which the server tells with an empty answer. */
async function readQuery(client: Queryable, source: string): Promise<Columns> {
  const answer = await client.query(`SELECT * FROM (${source}\n) AS t LIMIT 0`).catch((error: unknown) => {
    throw invalid(
      `The query \`source\` failed: ${readDriverError(error).message}.`,
      'It is one SELECT, without a semicolon.',
    );
  });
  const fields = (answer.fields ?? []) as readonly { name: string; dataTypeID?: number }[];
  const { rows } = await client.query(
    'SELECT o.n, format_type(o.oid, NULL) AS type FROM unnest($1::oid[]) WITH ORDINALITY AS o(oid, n) ORDER BY n',
    [fields.map(({ dataTypeID }) => dataTypeID ?? 25)],
  );
  return { types: new Map(fields.map(({ name }, i) => [name, String(rows[i]?.type)])), oid: null };
}

/** True if a valid unique index lies within the key, over columns that are never null. */
async function isUnique(client: Queryable, table: string, key: readonly string[]): Promise<boolean> {
  const { rows } = await client.query(
    `SELECT NOT EXISTS (SELECT FROM pg_inherits h JOIN pg_class p ON p.oid = h.inhparent WHERE p.oid = to_regclass($1) AND p.relkind = 'r')
     AND EXISTS (
       SELECT FROM pg_index i WHERE i.indrelid = to_regclass($1) AND i.indisunique AND i.indisvalid AND i.indpred IS NULL
         AND i.indexprs IS NULL AND NOT EXISTS (
           SELECT FROM unnest(i.indkey[0:i.indnkeyatts - 1]) AS k(n) JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.n
           WHERE a.attname <> ALL ($2::text[]) OR NOT a.attnotnull)
     ) AS fine`,
    [qualify(table), [...key]],
  );
  return rows[0]?.fine === true;
}
