import { countRows, hasRows, type RowCounts, tablesIn } from '../../database/catalog/row-counts.js';
import type { QuestionPlace } from '../simulate/questions.js';
import { type DataLoss, lineAt, type PreflightCheck, refusing, rowsText, UNSURE } from './line.js';
import { nameOf, ofKind, type Seen } from './seen.js';
import { WORDING } from './wording.js';

/** How the rows of the plan's tables are counted: one pass per table, whatever is asked of it. */
async function counts(seen: Seen): Promise<(oid: number) => RowCounts | null> {
  const wanted = new Map<number, { schema: string; name: string; filled: Set<string>; empty: Set<string> }>();
  for (const asked of seen.asked.questions) {
    if (asked.kind !== 'loss' && asked.kind !== 'not-null') continue;
    const relation = seen.relation(asked.table);
    // Counting the rows of a locked table would wait for its lock.
    if (relation === undefined || relation.locked || !/[rp]/.test(relation.kind)) continue;
    const { oid, schema, name, columns } = relation;
    const one = wanted.get(oid) ?? { schema, name, filled: new Set(), empty: new Set() };
    wanted.set(oid, one);
    if (asked.column === null || columns[asked.column] === undefined) continue;
    if (asked.kind === 'loss') one.filled.add(asked.column);
    else if (columns[asked.column]?.notNull === false) one.empty.add(asked.column);
  }
  const counted = new Map<number, RowCounts | null>();
  for (const [oid, { schema, name, filled, empty }] of wanted)
    counted.set(
      oid,
      await countRows(seen.reader, { schema, name }, { filled: [...filled], empty: [...empty] }),
    );
  return (oid) => counted.get(oid) ?? null;
}

interface Lost {
  readonly asked: QuestionPlace;
  readonly what: string;
  readonly rows: number | null;
  /** What the catalog says of them, where they are not counted. */
  readonly about: number;
}

/** Lost rows, and rows that block SET NOT NULL: everything that has to be counted. */
export async function countedLines(seen: Seen): Promise<{ lines: PreflightCheck[]; losses: DataLoss[] }> {
  const counted = await counts(seen);
  const lost = [...lostRows(seen, counted), ...(await lostSchemas(seen))];
  const lines = lost.map(({ asked, what, rows, about }) =>
    lineAt(asked, {
      name: 'loss',
      status: rows === 0 ? 'ok' : 'warn',
      title: what,
      found:
        rows === null
          ? `rows not counted (about ${rowsText(about)})`
          : rows === 0
            ? 'no rows are lost'
            : `${rowsText(rows)} will be lost`,
      remedy: rows === 0 ? null : 'Check that these rows are not needed, or that a backup contains them.',
      rows,
    }),
  );
  const losses = lost
    .filter(({ rows }) => rows !== 0)
    .map(({ asked, what, rows, about }) => ({
      revision: asked.revision,
      what: rows === null ? `${what} (about ${rowsText(about)}, not counted)` : what,
      rows,
    }));
  return { lines: [...lines, ...notNullLines(seen, counted)], losses };
}

const WHAT = {
  table: WORDING.dropTable,
  column: WORDING.dropTable,
  truncate: WORDING.truncate,
  delete: WORDING.deleteAll,
} as const;

function lostRows(seen: Seen, counted: (oid: number) => RowCounts | null): Lost[] {
  return ofKind(seen, 'loss').flatMap((asked) => {
    const relation = seen.relation(asked.table);
    if (relation === undefined || !/[rp]/.test(relation.kind)) return [];
    const { column, how } = asked;
    if (column !== null && !relation.locked && relation.columns[column] === undefined) return [];
    const found = counted(relation.oid);
    const place = nameOf(seen, relation);
    return {
      asked,
      what: column === null ? WHAT[how](place) : WORDING.dropColumn(place, column),
      rows: (column === null ? found?.rows : found?.filled.get(column)) ?? null,
      about: relation.rows,
    };
  });
}

async function lostSchemas(seen: Seen): Promise<Lost[]> {
  const asked = ofKind(seen, 'schema-loss');
  const tables = await tablesIn(
    seen.reader,
    asked.map(({ schema }) => schema),
  );
  const lost: Lost[] = [];
  for (const one of asked)
    for (const table of tables.filter(({ schema }) => schema === one.schema)) {
      const found = await countRows(seen.reader, table, { filled: [], empty: [] });
      const what = `${WORDING.dropSchema(one.schema)} with table ${table.name}`;
      lost.push({ asked: one, what, rows: found?.rows ?? null, about: 0 });
    }
  return lost;
}

function notNullLines(seen: Seen, counted: (oid: number) => RowCounts | null): PreflightCheck[] {
  return ofKind(seen, 'not-null').flatMap((asked) => {
    const { column, checked } = asked;
    const relation = seen.relation(asked.table);
    const live = relation?.columns[column];
    if (relation === undefined || live === undefined || live.notNull) return [];
    const place = nameOf(seen, relation);
    const title = WORDING.setNotNull(place, column);
    const rows = counted(relation.oid)?.empty.get(column) ?? null;
    if (rows !== null && rows > 0)
      return lineAt(asked, {
        name: 'not_null',
        status: refusing(asked),
        title,
        found: `NULL in ${rowsText(rows)}${asked.sure ? '' : `, ${UNSURE}`}`,
        remedy: 'Fill these rows first.',
        rows,
      });
    if (relation.rows < seen.bigTableRows || checked || live.checked) return [];
    return lineAt(asked, {
      name: 'not_null',
      status: 'warn',
      title,
      found: `reads about ${rowsText(relation.rows)} while no other session can read the table`,
      remedy: `ADD CONSTRAINT … CHECK (${column} IS NOT NULL) NOT VALID and VALIDATE it first. Then SET NOT NULL reads no rows.`,
    });
  });
}

/** New columns that would be empty in the rows that are there, and may not be. */
export async function requiredLines(seen: Seen): Promise<PreflightCheck[]> {
  const lines: PreflightCheck[] = [];
  for (const asked of ofKind(seen, 'required')) {
    const relation = seen.relation(asked.table);
    if (relation === undefined || relation.locked || !/[rp]/.test(relation.kind)) continue;
    if (asked.ifNotExists && relation.columns[asked.column] !== undefined) continue;
    if (!(await hasRows(seen.reader, relation))) continue;
    lines.push(
      lineAt(asked, {
        name: 'not_null',
        status: refusing(asked),
        title: `${WORDING.addColumn(nameOf(seen, relation), asked.column)} NOT NULL`,
        found: `the table has rows, which get no value${asked.sure ? '' : `, ${UNSURE}`}`,
        remedy:
          'Give the column a default, or add it without NOT NULL, fill it, and set NOT NULL in a later revision.',
      }),
    );
  }
  return lines;
}
