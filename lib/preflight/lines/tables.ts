import { uncastable } from '../../database/catalog/default-casts.js';
import type { LiveRelation } from '../../database/catalog/live-relations.js';
import { typeSql } from '../../database/catalog/type-sql.js';
import { rewritesRows } from '../../sql/rewriting.js';
import type { RelationName } from '../../sql/touch.js';
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
        'the view has no unique index over columns of all rows',
        `${WORDING.uniqueIndex(name)} before it; or refresh it without CONCURRENTLY.`,
      );
    if (!(asked.populated ?? relation?.populated ?? true))
      return wrong('the view has never been filled', 'Refresh it once without CONCURRENTLY before it.');
    return line('ok', asked.indexed ? 'the plan makes a unique index' : `unique index ${left[0]}`);
  });
}

/** CREATE INDEX on a big table that nobody can write to meanwhile. */
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
      found: `${bigText(relation)}: nobody can write to it while the index is built`,
      remedy:
        relation.kind === 'p'
          ? `${WORDING.onlyIndex}, then CONCURRENTLY on each partition, and attach those.`
          : 'Make it in a revision of its own with CREATE INDEX CONCURRENTLY.',
    });
  });
}

/** New columns that give every row of a big table a value of its own. */
export function rewriteLines(seen: Seen): PreflightCheck[] {
  return ofKind(seen, 'rewrite').flatMap((asked) => {
    const relation = big(seen, asked.table);
    if (relation === undefined || (asked.ifNotExists && relation.columns[asked.column] !== undefined))
      return [];
    return lineAt(asked, {
      name: 'rewrite',
      status: 'warn',
      title: WORDING.addColumn(nameOf(seen, relation), asked.column),
      found: `${asked.why}: ${bigText(relation)}, written anew while nobody can read them`,
      remedy: 'Add the column without it, fill it in batches, then set the default.',
    });
  });
}

/** Changes of type: a default that is in the way, and big tables that are written anew. */
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
          found: `its default ${column.default} can not be cast to ${one.type.name} by itself${one.sure ? '' : `, ${UNSURE}`}`,
          remedy: `First ${WORDING.dropDefault(place, one.column)}; convert; then set the default again.`,
        }),
      );
    const rewrites = rewritesRows(column, one.type, one.converts);
    if (rewrites && relation.rows >= seen.bigTableRows)
      lines.push(
        lineAt(one, {
          name: 'type',
          status: 'warn',
          title,
          found: `${bigText(relation)}: all are written anew while nobody can read them`,
          remedy:
            'Add a column of the new type, fill it in batches, and put it in the place of the old one; or run it when nobody is there.',
        }),
      );
    return lines;
  });
}
