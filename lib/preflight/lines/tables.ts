import { uncastable } from '../../database/catalog/default-casts.js';
import type { LiveRelation } from '../../database/catalog/live-relations.js';
import { typeSql } from '../../database/catalog/type-sql.js';
import { rewritesRows } from '../../sql/rewriting.js';
import type { RelationName } from '../../sql/touch.js';
import type { QuestionPlace } from '../simulate/questions.js';
import { lineAt, type PreflightCheck, refusing, rowsText, sizeText, UNSURE } from './line.js';
import { nameOf, ofKind, type Seen } from './seen.js';
import { WORDING } from './wording.js';

const bigText = ({ rows, bytes }: LiveRelation): string => `about ${rowsText(rows)}, ${sizeText(bytes)}`;

const isTable = ({ kind }: LiveRelation): boolean => kind === 'r' || kind === 'p';

/** The table, if it is big. */
function big(seen: Seen, table: RelationName): LiveRelation | undefined {
  const relation = seen.relation(table);
  return relation !== undefined && relation.rows >= seen.bigTableRows && /[rpm]/.test(relation.kind)
    ? relation
    : undefined;
}

/** REFRESH MATERIALIZED VIEW CONCURRENTLY: a unique index that it can use, and rows to compare with. */
export function refreshLines(seen: Seen): PreflightCheck[] {
  return ofKind(seen, 'refresh').flatMap((asked) => {
    const relation = asked.made ? undefined : seen.relation(asked.view);
    if (!asked.made && relation?.kind !== 'm') return [];
    const name = nameOf(seen, asked.view);
    const title = `REFRESH MATERIALIZED VIEW CONCURRENTLY ${name}`;
    const left = relation?.uniqueIndexes.filter((index) => !asked.goneIndexes.includes(index)) ?? [];
    const line = (status: PreflightCheck['status'], found: string, remedy: string | null = null) =>
      lineAt(asked, { name: 'refresh_concurrently', status, title, found, remedy });
    const wrong = (found: string, remedy: string) =>
      line(refusing(asked), asked.sure ? found : `${found}, ${UNSURE}`, remedy);
    if (!asked.indexed && left.length === 0)
      return wrong(
        'the view has no unique index on columns that covers all rows',
        `${WORDING.uniqueIndex(name)} first; or refresh the view without CONCURRENTLY.`,
      );
    if (!(asked.populated ?? relation?.populated ?? true))
      return wrong('the view has never been populated', 'Refresh it once without CONCURRENTLY first.');
    return line('ok', asked.indexed ? 'the plan creates a unique index' : `unique index ${left[0]}`);
  });
}

/** CREATE INDEX on a big table, which blocks writes to it. */
export function indexLines(seen: Seen): PreflightCheck[] {
  return ofKind(seen, 'index').flatMap((asked) => {
    const relation = big(seen, asked.table);
    if (relation === undefined) return [];
    const exists =
      asked.ifNotExists &&
      asked.name !== null &&
      seen.relation({ schema: asked.table.schema, name: asked.name }) !== undefined;
    if (exists) return [];
    return lineAt(asked, {
      name: 'index',
      status: 'warn',
      title: WORDING.index(asked.name, nameOf(seen, relation)),
      found: `${bigText(relation)}: no session can write to the table while the index is built`,
      remedy:
        relation.kind === 'p'
          ? `${WORDING.onlyIndex}, then CONCURRENTLY on each partition, and attach these indexes.`
          : 'Create it in a separate revision with CREATE INDEX CONCURRENTLY.',
    });
  });
}

/** What would be made a second time. */
export function existsLines(seen: Seen): PreflightCheck[] {
  const { server, privileges } = seen;
  const line = (asked: QuestionPlace, title: string, found: string): PreflightCheck =>
    lineAt(asked, {
      name: 'exists',
      status: refusing(asked),
      title,
      found: asked.sure ? found : `${found}, ${UNSURE}`,
      remedy:
        'If this revision ran on the database without revgraph, `revgraph identify` says where it stands, and a stamp records that. If not, drop or rename what is there.',
    });
  const columns = ofKind(seen, 'column-exists').flatMap((asked) => {
    const relation = seen.relation(asked.table);
    if (relation?.columns[asked.column] === undefined) return [];
    const title = WORDING.addColumn(nameOf(seen, relation), asked.column);
    return line(asked, title, 'a column of that name exists');
  });
  const relations = ofKind(seen, 'exists').flatMap((asked) => {
    const relation = seen.relation(asked.table);
    const schema = asked.schema ?? privileges?.currentSchema ?? server.schema;
    // One in another schema of the search path is only hidden by the new one.
    if (relation === undefined || relation.schema !== schema) return [];
    const name = nameOf(seen, relation);
    return line(
      asked,
      `${asked.what} ${name}`,
      `${KINDS[relation.kind] ?? 'a relation'} of that name exists`,
    );
  });
  return [...relations, ...columns];
}

const KINDS: Readonly<Record<string, string>> = {
  r: 'a table',
  p: 'a table',
  v: 'a view',
  m: 'a materialized view',
  f: 'a foreign table',
  S: 'a sequence',
  i: 'an index',
  I: 'an index',
};

/** New columns that rewrite a big table. */
export function rewriteLines(seen: Seen): PreflightCheck[] {
  return ofKind(seen, 'rewrite').flatMap((asked) => {
    const relation = big(seen, asked.table);
    if (relation === undefined || (asked.ifNotExists && relation.columns[asked.column] !== undefined))
      return [];
    return lineAt(asked, {
      name: 'rewrite',
      status: 'warn',
      title: WORDING.addColumn(nameOf(seen, relation), asked.column),
      found: `${asked.why}: rewrites ${bigText(relation)}, and no session can read them meanwhile`,
      remedy: 'Add the column without it, fill the column in batches, then set the default.',
    });
  });
}

/** Type changes: a default that can't be cast, and big tables that are rewritten. */
export async function typeLines(seen: Seen): Promise<PreflightCheck[]> {
  const asked = ofKind(seen, 'type').flatMap((one) => {
    const relation = seen.relation(one.table);
    const column = relation?.columns[one.column];
    return relation === undefined || column === undefined || !isTable(relation)
      ? []
      : [{ one, relation, column }];
  });
  const defaults = asked.filter(({ one, column }) => one.defaultStands && column.default !== null);
  const blocked = await uncastable(
    seen.reader,
    defaults.map(({ one, column }) => ({ expression: column.default ?? '', type: typeSql(one.type) })),
  );
  const blockers = new Set([...blocked].map((at) => defaults[at]?.one));
  return asked.flatMap(({ one, relation, column }) => {
    const place = nameOf(seen, relation);
    const title = WORDING.type(place, one.column, one.type.name);
    const lines: PreflightCheck[] = [];
    if (blockers.has(one))
      lines.push(
        lineAt(one, {
          name: 'default',
          status: refusing(one),
          title,
          found: `its default ${column.default} can't be cast to ${one.type.name} automatically${one.sure ? '' : `, ${UNSURE}`}`,
          remedy: `First ${WORDING.dropDefault(place, one.column)}, then change the type, then set the default again.`,
        }),
      );
    const rewrites = rewritesRows(column, one.type, one.converts);
    if (rewrites && relation.rows >= seen.bigTableRows)
      lines.push(
        lineAt(one, {
          name: 'type',
          status: 'warn',
          title,
          found: `rewrites ${bigText(relation)}, and no session can read them meanwhile`,
          remedy:
            'Add a column of the new type, fill it in batches, and replace the old column with it. Or run this while the database is not in use.',
        }),
      );
    return lines;
  });
}
