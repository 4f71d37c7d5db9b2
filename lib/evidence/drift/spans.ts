import type { StatementSpan } from '../../fingerprint/drift/judge.js';
import { isMadeBy, partsOf } from '../../fingerprint/remade.js';
import type { Revision } from '../../revision/revision.js';
import { type MadeObject, madeBySql } from '../../sql/made.js';
import { type Statement, splitStatements } from '../../sql/statements.js';

/** The statements of one revision that write an object. */
export type SpanOfObject = (object: string) => StatementSpan | null;

/**
 * Finds the statements of a revision that may write an object by the names that stand in them. Whatever runs code (DO, CALL, a
 * SELECT that calls something) may write anything, so it is taken to write every object.
 *
 * @returns null for what is not run statement by statement: code, and batches
 */
export async function spansOf(revision: Revision): Promise<SpanOfObject | null> {
  const body = await revision.body();
  if (body.kind === 'code' || body.upgrade === null || body.batches.length > 0) return null;
  const split = await splitStatements(body.upgrade.sql, { file: '', line: 1 });
  const statements = await Promise.all(split.map(toWords));
  const known = new Map<string, StatementSpan | null>();
  return (object) => {
    const span = known.has(object) ? (known.get(object) as StatementSpan | null) : spanIn(statements, object);
    known.set(object, span);
    return span;
  };
}

/** A statement as the words in it, in lower case. */
interface Words {
  readonly node: string;
  readonly text: string;
  readonly words: ReadonlySet<string>;
  /** What it makes for sure, where it runs. */
  readonly made: readonly MadeObject[];
}

async function toWords({ node, sql }: Statement): Promise<Words> {
  const text = sql.toLowerCase();
  const made = /\bif\s+not\s+exists\b/.test(text) ? [] : await madeBySql(sql);
  return { node, text, words: new Set(text.match(/[\w$]+/g)), made };
}

const RUNS_CODE = /^(Do|Call|Select)Stmt$/;
/** Neither makes nor changes a part of a table that it does not name. */
const LEAVES_PARTS = /^(Index|Comment|Insert|Update|Delete|Grant|CreateTrig)Stmt$/;

function spanIn(statements: readonly Words[], object: string): StatementSpan | null {
  const { names } = partsOf(object);
  const own = names.at(-1);
  if (own === undefined) return null;
  const saysOwn = saying(own);
  const saysTable = saying((names.length > 2 ? names[1] : undefined) ?? own);
  const numbers = (isOne: (statement: Words) => boolean): number[] =>
    statements.flatMap((statement, i) => (isOne(statement) ? [i + 1] : []));
  const code = numbers(({ node }) => RUNS_CODE.test(node));
  const named = numbers((one) => saysOwn(one) && saysTable(one));
  const makers = numbers(({ made }) => made.some((one) => isMadeBy(object, one)));
  // A constraint or index may have got its name from the server, and another statement may say that name.
  const nameless =
    makers.length > 0
      ? []
      : object.startsWith('index ')
        ? numbers(({ node }) => node === 'IndexStmt' || node === 'AlterTableStmt')
        : numbers((one) => saysTable(one) && !LEAVES_PARTS.test(one.node));
  const last = [...named, ...nameless];
  // What is made nowhere by name came with something else: a parent table, another name, a copy.
  const first = makers.length > 0 ? makers : numbers((one) => saysOwn(one) || saysTable(one));
  if (last.length === 0 || first.length === 0) return null;
  const changing = numbers((one) => saysOwn(one) && saysTable(one) && !LEAVES_PARTS.test(one.node));
  return {
    first: Math.min(...first, ...code),
    last: Math.max(...last, ...code),
    times: changing.length,
  };
}

/** Whether a statement has a name in it: quoted or not, in any case, in a string or a comment too. */
function saying(name: string): (statement: Words) => boolean {
  const lower = name.toLowerCase();
  const quoted = lower.replaceAll('"', '""');
  return /^[\w$]+$/.test(lower) ? ({ words }) => words.has(lower) : ({ text }) => text.includes(quoted);
}
