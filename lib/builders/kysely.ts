import {
  type CompiledQuery,
  type DatabaseConnection,
  type Driver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
} from 'kysely';
import { RevgraphError } from '../errors/error.js';
import type { CodeDb } from '../revision/batches.js';

/**
 * Kysely on the connection of a step: what it does stands or falls with the revision.
 *
 * A transaction of Kysely's is refused where the step has one (`transaction_contradiction`); savepoints are allowed. Streams are
 * refused: read rows in parts with `batches()`.
 *
 * @param db that of the revision, or of a batch
 */
// biome-ignore lint/suspicious/noExplicitAny: as Kysely has it: whoever names no types gets none
export function kysely<Database = any>(db: Pick<CodeDb, 'query'>): Kysely<Database> {
  const driver = new StepDriver(db);
  return new Kysely<Database>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => driver,
      createIntrospector: (of) => new PostgresIntrospector(of),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
  });
}

/** One connection, which is the step's: it is neither opened nor closed here. */
class StepDriver implements Driver {
  readonly #connection: DatabaseConnection;
  readonly #run: (sql: string) => Promise<void>;

  constructor({ query }: Pick<CodeDb, 'query'>) {
    this.#connection = {
      executeQuery: async <R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> => {
        const { rows, rowCount, command } = await query<R>(sql, parameters);
        const changed = /^(INSERT|UPDATE|DELETE|MERGE)$/.test(command);
        return { rows, ...(changed ? { numAffectedRows: BigInt(rowCount ?? 0) } : {}) };
      },
      streamQuery: ({ sql }: CompiledQuery): never => {
        throw new RevgraphError('usage', {
          message: `A revision can't stream (${sql.slice(0, 80)}).`,
          hint: 'Read rows in parts with batches().',
        });
      },
    };
    this.#run = async (sql) => {
      await query(sql);
    };
  }

  async init(): Promise<void> {}
  async destroy(): Promise<void> {}
  async acquireConnection(): Promise<DatabaseConnection> {
    return this.#connection;
  }
  async releaseConnection(): Promise<void> {}
  beginTransaction = (): Promise<void> => this.#run('BEGIN');
  commitTransaction = (): Promise<void> => this.#run('COMMIT');
  rollbackTransaction = (): Promise<void> => this.#run('ROLLBACK');
}
