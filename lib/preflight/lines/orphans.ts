import { countOrphans } from '../../database/catalog/violations.js';
import { lineAt, type PreflightCheck, refusing, rowsText, UNSURE } from './line.js';
import { nameOf, ofKind, type Seen } from './seen.js';

/** Rows that violate a new foreign key. */
export async function orphanLines(seen: Seen): Promise<PreflightCheck[]> {
  const lines: PreflightCheck[] = [];
  for (const asked of ofKind(seen, 'foreign-key')) {
    const { key, emptied } = asked;
    const child = seen.relation(asked.table);
    const parent = emptied ? undefined : seen.relation(key.target);
    const targets = key.targetColumns ?? parent?.primaryKey ?? [];
    const isNew = typeof key.filledWith === 'string';
    if (child === undefined || child.locked || !/[rp]/.test(child.kind)) continue;
    if (!emptied && (parent === undefined || parent.locked || targets.length !== key.columns.length))
      continue;
    // A new column whose name exists already is IF NOT EXISTS, or the statement fails on its own.
    if (key.columns.some((column) => (child.columns[column] === undefined) !== isNew)) continue;
    if (parent !== undefined && targets.some((column) => parent.columns[column] === undefined)) continue;
    const filledWith = isNew ? (key.filledWith ?? undefined) : undefined;
    const found = await countOrphans(
      seen.reader,
      { schema: child.schema, name: child.name, columns: key.columns, filledWith, full: key.full },
      parent === undefined ? null : { schema: parent.schema, name: parent.name, columns: targets },
    );
    const columns = key.columns.join(', ');
    const title = `${nameOf(seen, child)} (${columns}) references ${nameOf(seen, parent ?? key.target)}${targets.length === 0 ? '' : ` (${targets.join(', ')})`}`;
    const line = (status: PreflightCheck['status'], words: string, more: Partial<PreflightCheck> = {}) =>
      lines.push(lineAt(asked, { name: 'orphans', status, title, found: words, ...more }));
    if (found === null) line('warn', 'rows that violate the key were not counted');
    else if (found.rows === 0) line('ok', 'every row has its referenced row', { rows: 0 });
    else {
      const some = found.samples.join('; ');
      const why = emptied
        ? ', which is empty then,'
        : key.full && key.columns.length > 1
          ? ', or with a part of it (MATCH FULL)'
          : '';
      const words = `${rowsText(found.rows)} of ${nameOf(seen, child)} without a referenced row${why} (${columns}: ${some}${found.samples.length >= 5 ? ' …' : ''})`;
      const status = key.valid ? refusing(asked) : 'warn';
      line(status, asked.sure || !key.valid ? words : `${words}, ${UNSURE}`, {
        remedy: key.valid
          ? 'Fix or delete these rows first. Or add the key NOT VALID, and validate it after you fix them.'
          : 'NOT VALID accepts these rows. Fix them before VALIDATE CONSTRAINT.',
        rows: found.rows,
      });
    }
  }
  return lines;
}
