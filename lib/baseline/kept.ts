import { isRevgraphError, RevgraphError } from '../errors/error.js';
import { normalised } from '../revision/text.js';
import { withoutRestrict, withSemicolon } from '../sql/psql.js';
import { createdExtensions, type Statement, splitStatements } from '../sql/statements.js';
import type { Dump } from './dump.js';

/** Statements of a dump that belong to the place from which it was taken, and why they are left out. */
export interface LeftOut {
  readonly line: number;
  readonly statement: string;
  readonly why: string;
}

export interface Kept {
  /** The statements of the revision, each with a semicolon behind it. */
  readonly sql: string;
  readonly statements: number;
  /** What somebody may miss. */
  readonly leftOut: readonly LeftOut[];
  /** Extensions that it creates. */
  readonly extensions: readonly string[];
}

/** What pg_dump sets for the session that reads it. Its bodies are not to be looked at before all that they name is there. */
const SESSION =
  /^SET (?:(?:SESSION|LOCAL) )?(?:statement_timeout|lock_timeout|idle_in_transaction_session_timeout|transaction_timeout|client_encoding|standard_conforming_strings|xmloption|client_min_messages|row_security|default_with_oids|escape_string_warning|default_table_access_method|default_tablespace = '')\b/i;
const SEARCH_PATH = /^SELECT pg_catalog\.set_config\('search_path', '', false\)$/;
const HOME =
  /^(?:CREATE SCHEMA (?:IF NOT EXISTS )?public|COMMENT ON SCHEMA public IS [\s\S]*|ALTER SCHEMA public OWNER TO .*)$/i;

/** Told: what a person may have wanted, and another database can't have as it is. */
const PLACE: readonly (readonly [RegExp, string])[] = [
  [/^ALTER [\s\S]*? OWNER TO \S+$/i, 'owners are roles of one server'],
  [/^(?:GRANT|REVOKE|ALTER DEFAULT PRIVILEGES)\b/i, 'rights name roles of one server'],
  [/^COMMENT ON EXTENSION\b/i, 'only who owns the extension may write it'],
  [/^SECURITY LABEL\b/i, 'labels are of one server'],
];

/**
 * What of a dump makes a schema anywhere.
 * @throws `baseline_refused` for a dump with rows; what splitting throws
 */
export async function keptOf({ file, sql }: Dump): Promise<Kept> {
  const statements = await splitStatements(withoutRestrict(normalised(sql)), { file, line: 1 }).catch(
    (error: unknown) => {
      if (isRevgraphError(error, 'statement_refused') && /^copy\b/i.test(error.details.statement))
        throw withRows(file, error.details.line);
      throw error;
    },
  );
  const kept: Statement[] = [];
  const leftOut: LeftOut[] = [];
  for (const one of statements) {
    if (SESSION.test(one.sql) || SEARCH_PATH.test(one.sql) || HOME.test(one.sql)) continue;
    const why = PLACE.find(([pattern]) => pattern.test(one.sql))?.[1];
    if (why !== undefined) leftOut.push({ line: one.line, statement: firstLine(one.sql), why });
    else if (/^(?:Insert|Update|Delete)Stmt$/.test(one.node)) throw withRows(file, one.line);
    else kept.push(one);
  }
  const texts = [...kept.map((one) => one.sql), ...kept.flatMap(({ sql: text }) => filled(text))];
  return {
    sql: texts.map((text) => `${withSemicolon(text)}\n`).join('\n'),
    statements: texts.length,
    leftOut,
    extensions: createdExtensions(kept),
  };
}

const EMPTY_VIEW =
  /^CREATE MATERIALIZED VIEW ((?:"(?:[^"]|"")+"|[^\s".]+)(?:\.(?:"(?:[^"]|"")+"|[^\s".]+))?)\s[\s\S]*WITH NO DATA$/i;

/** pg_dump fills materialized views together with the rows; one that was never filled can't be read. */
function filled(sql: string): string[] {
  const name = EMPTY_VIEW.exec(sql)?.[1];
  return name === undefined ? [] : [`REFRESH MATERIALIZED VIEW ${name}`];
}

const firstLine = (sql: string): string => sql.split('\n')[0] ?? '';

const withRows = (file: string, line: number): RevgraphError =>
  new RevgraphError('baseline_refused', {
    reason: `${file}:${line} writes rows, and a baseline is a schema`,
    way: 'Make the dump with `pg_dump --schema-only --no-owner --no-privileges`. Rows that every database needs go into a revision of their own.',
  });
