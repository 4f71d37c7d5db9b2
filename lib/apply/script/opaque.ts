import { literal } from '../../database/literal.js';
import type { RevisionFunction } from '../../revision/revision.js';
import { askedBy } from '../../run/code/asked.js';
import type { PreparedStep } from '../../run/prepare.js';
import { scanned } from '../../sql/statements.js';

/** Thrown into code that looks at an answer which nobody can give without a database. */
class Opaque extends Error {
  override readonly name = 'Opaque';

  constructor() {
    super('it reads the result of a query');
  }
}

export type Recorded =
  | { readonly complete: true; readonly statements: readonly string[] }
  | { readonly complete: false; readonly reason: string };

/**
 * Lets the code of a revision run against a `db` that only writes down what it is asked. Code that looks at an answer
 * can't be written down; nor can code that fails without one.
 */
export async function recordCode(run: RevisionFunction, { revision, step }: PreparedStep): Promise<Recorded> {
  const statements: string[] = [];
  let looked = false;
  const answer = (): never => {
    looked = true;
    throw new Opaque();
  };
  const unknown = Object.defineProperties({} as never, {
    rows: { get: answer },
    rowCount: { get: answer },
    command: { get: answer },
    fields: { get: answer },
  });
  try {
    await run({
      db: {
        query: async (query, params) => {
          const { sql, values } = askedBy(revision.file ?? revision.revision, query, params);
          statements.push(values === undefined ? sql : await inlined(sql, values));
          return unknown;
        },
        // How their values are written, the types of the columns say, which are in a database.
        insertMany: answer,
        updateMany: answer,
        upsertMany: answer,
        copyInto: answer,
      },
      batches: answer,
      undo: answer,
      log: () => {},
      signal: new AbortController().signal,
      revision: revision.revision,
      direction: step.direction,
      preview: true,
    });
  } catch (error) {
    return {
      complete: false,
      reason: looked ? new Opaque().message : `without data it fails: ${(error as Error).message}`,
    };
  }
  return looked ? { complete: false, reason: new Opaque().message } : { complete: true, statements };
}

/** Puts values in the place of `$1`, by PostgreSQL's tokens: a `$1` inside a string stays. */
async function inlined(sql: string, values: readonly unknown[]): Promise<string> {
  const parts: string[] = [];
  let from = 0;
  for (const { start, end } of await scanned(sql, { file: '', line: 1 })) {
    const parameter = /^\$(\d+)$/.exec(sql.slice(start, end));
    if (parameter === null) continue;
    parts.push(sql.slice(from, start), literal(values[Number(parameter[1]) - 1]));
    from = end;
  }
  return [...parts, sql.slice(from)].join('');
}
