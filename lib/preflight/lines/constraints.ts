import { countDuplicates, countViolating } from '../../database/catalog/violations.js';
import { quote } from '../../database/connection/server.js';
import type { QuestionPlace } from '../simulate/questions.js';
import { lineAt, type PreflightCheck, refusing, rowsText, UNSURE } from './line.js';
import { nameOf, ofKind, type Seen } from './seen.js';
import { WORDING } from './wording.js';

const unsure = ({ sure }: QuestionPlace): string => (sure ? '' : `, ${UNSURE}`);

/** Rows that are the same where a new constraint or index wants them to differ. */
export async function uniqueLines(seen: Seen): Promise<PreflightCheck[]> {
  const lines: PreflightCheck[] = [];
  for (const asked of ofKind(seen, 'unique')) {
    const relation = seen.relation(asked.table);
    const { columns, where, nullsNotDistinct } = asked.differs;
    if (relation === undefined || relation.locked || !/[rpm]/.test(relation.kind)) continue;
    if (asked.unless !== null && seen.relation(asked.unless) !== undefined) continue;
    if (columns?.some((column) => relation.columns[column] === undefined)) continue;
    const keys = columns?.map(quote) ?? asked.differs.keys;
    const found = await countDuplicates(seen.reader, relation, { keys, where, nullsNotDistinct });
    const names = (columns ?? keys).join(', ');
    const title = WORDING.unique(nameOf(seen, relation), names, where);
    const line = (status: PreflightCheck['status'], words: string, more: Partial<PreflightCheck> = {}) =>
      lines.push(lineAt(asked, { name: 'unique', status, title, found: words, ...more }));
    if (found === null) line('warn', 'rows that are the same were not counted');
    else if (found.rows === 0) line('ok', 'no two rows are the same', { rows: 0 });
    else {
      const some = `${found.samples.join('; ')}${found.samples.length >= 5 ? ' …' : ''}`;
      line(
        refusing(asked),
        `${rowsText(found.rows)} are the same as another (${names}: ${some})${unsure(asked)}`,
        {
          remedy: 'Delete or change all but one of each first.',
          rows: found.rows,
        },
      );
    }
  }
  return [...lines, ...(await repeatLines(seen))];
}

/** New columns that must differ, and get one value for all rows. */
async function repeatLines(seen: Seen): Promise<PreflightCheck[]> {
  const lines: PreflightCheck[] = [];
  for (const asked of ofKind(seen, 'repeats')) {
    const relation = seen.relation(asked.table);
    if (relation === undefined || relation.locked || !/[rp]/.test(relation.kind)) continue;
    // One row may have the value.
    const found = await countDuplicates(seen.reader, relation, {
      keys: ['1'],
      where: null,
      nullsNotDistinct: true,
    });
    if (found === null || found.rows === 0) continue;
    lines.push(
      lineAt(asked, {
        name: 'unique',
        status: refusing(asked),
        title: `${WORDING.addColumn(nameOf(seen, relation), asked.column)} UNIQUE`,
        found: `${rowsText(found.rows)} get the same default${unsure(asked)}`,
        remedy: 'Add the column without UNIQUE, fill it, and make it unique in a later revision.',
        rows: found.rows,
      }),
    );
  }
  return lines;
}

/** Rows for which a new check is false. */
export async function checkLines(seen: Seen): Promise<PreflightCheck[]> {
  const lines: PreflightCheck[] = [];
  for (const asked of ofKind(seen, 'check')) {
    const relation = seen.relation(asked.table);
    if (relation === undefined || relation.locked || !/[rp]/.test(relation.kind)) continue;
    const { expression, valid } = asked;
    const rows = await countViolating(seen.reader, relation, expression);
    // What can't be asked here (a function that the plan makes) PostgreSQL will say.
    if (rows === null) continue;
    const title = WORDING.check(nameOf(seen, relation), expression.replace(/\s+/g, ' '));
    if (rows === 0) {
      lines.push(lineAt(asked, { name: 'check', status: 'ok', title, found: 'it holds for all rows', rows }));
      continue;
    }
    lines.push(
      lineAt(asked, {
        name: 'check',
        status: valid ? refusing(asked) : 'warn',
        title,
        found: `it is false for ${rowsText(rows)}${valid ? unsure(asked) : ''}`,
        remedy: valid
          ? 'Change these rows first. Or add the check NOT VALID, and validate it after you change them.'
          : 'NOT VALID accepts these rows. Change them before VALIDATE CONSTRAINT.',
        rows,
      }),
    );
  }
  return lines;
}
