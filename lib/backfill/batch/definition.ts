import { isFree } from '../../database/batches/change.js';
import type { KeptDefinition, KeptMark } from '../../database/tables/backfill-state.js';
import { RevgraphError } from '../../errors/error.js';
import type { BatchDefinition, BatchSection } from '../../revision/batches.js';
import type { BackfillMark } from '../../revision/header/batch-tag.js';
import { markOf } from '../../revision/header/batch-tag.js';
import type { Pace } from './pace.js';

/** Defaults of a batch definition; here and nowhere else. */
export const BATCH_DEFAULTS = {
  size: 500,
  /** Of `change`, whose code may be slow. */
  changeSize: 50,
  maxSize: 20_000,
  targetMs: 500,
  /** Of `change`, whose transaction only writes: of a hundred other writers, none is to notice. */
  held: { ms: 10, share: 0.01 },
  statementTimeoutMs: 30_000,
  concurrency: 8,
  /** A run stops when so many rows are in quarantine: then it is not the rows. */
  maxFailed: 1_000,
  samples: 5,
} as const;

/** A definition with its defaults, checked. */
export interface BatchSettings extends Pace {
  readonly name: string;
  readonly definition: BatchDefinition;
  readonly section: BatchSection | null;
  readonly kept: KeptDefinition;
  readonly columns: readonly string[] | null;
  readonly group: number;
  readonly statementTimeoutMs: number;
  readonly lockTimeoutMs: number | undefined;
  readonly concurrency: number;
}

/**
 * Checks what `batches()` was given.
 * @throws `backfill_invalid` with all that is wrong
 */
export function settingsOf(definition: BatchDefinition): BatchSettings {
  const wrong = problems(definition);
  if (wrong.length > 0)
    throw new RevgraphError('backfill_invalid', {
      message: `The definition passed to batches() is not valid: ${wrong.join('; ')}.`,
      hint: 'See docs/backfills.md.',
    });
  const { table = null, source = null, where = null, mark, creates = [] } = definition;
  const key = [definition.key].flat();
  return settings(definition, null, {
    table,
    source,
    where,
    key,
    mark: mark === undefined ? null : keptMark(typeof mark === 'string' ? markOf(mark) : mark),
    fills: [],
    creates: creates.map(({ table: name, ...one }) => ({ table: name, ...keptMark(one) })),
  });
}

/** The same for a `@batch` section, whose statement writes its mark itself. */
export function settingsOfSection(section: BatchSection): BatchSettings {
  const { table, key, where, mark, fills, size, title } = section;
  const unfilled = fills.map((fill) => isFree(markOf(fill)));
  const unmarked = mark === null ? [] : [isFree(mark)];
  const conditions = [...(where === null ? [] : [`(${where}\n)`]), ...new Set([...unfilled, ...unmarked])];
  const kept: KeptDefinition = {
    table,
    source: null,
    where: conditions.length === 0 ? null : conditions.join(' AND '),
    key,
    mark: mark === null ? null : { column: mark.column, key: mark.key ?? null, value: 'revision' },
    fills,
    creates: [],
  };
  const definition: BatchDefinition = { name: title, key, ...(size === null ? {} : { size }) };
  return settings(definition, section, kept);
}

function settings(
  definition: BatchDefinition,
  section: BatchSection | null,
  kept: KeptDefinition,
): BatchSettings {
  const { size, maxSize, targetMs, held, statementTimeoutMs, concurrency, changeSize } = BATCH_DEFAULTS;
  const largest = definition.maxSize ?? Math.max(maxSize, definition.size ?? 0);
  const first = definition.size ?? (definition.change === undefined ? size : changeSize);
  return {
    name: definition.name ?? kept.table ?? 'source',
    definition,
    section,
    kept,
    columns: definition.columns ?? null,
    group: definition.group ?? 0,
    size: Math.min(first, largest),
    maxSize: largest,
    targetMs: definition.targetMs ?? targetMs,
    held: definition.change === undefined ? null : held,
    statementTimeoutMs: definition.statementTimeoutMs ?? statementTimeoutMs,
    lockTimeoutMs: definition.lockTimeoutMs,
    concurrency: definition.concurrency ?? concurrency,
  };
}

function keptMark({ column, key, value }: BackfillMark): KeptMark {
  return { column, key: key ?? null, value: value ?? 'revision' };
}

const COUNTS = ['size', 'maxSize', 'targetMs', 'concurrency'] as const;
const TIMES = ['statementTimeoutMs', 'lockTimeoutMs'] as const;

function problems(definition: BatchDefinition): string[] {
  const wrong: string[] = [];
  const say = (is: boolean, what: string): void => {
    if (is) wrong.push(what);
  };
  const { table, source, key, change, run, mark, creates, group = 0, throttle, columns } = definition;
  const text = (value: unknown): boolean => typeof value === 'string' && value.trim() !== '';
  const keys: readonly unknown[] = [key ?? []].flat();
  say((table === undefined) === (source === undefined), 'pass either table or source');
  say(
    (table !== undefined && !text(table)) || (source !== undefined && !text(source)),
    'table and source must be strings',
  );
  say(keys.length === 0 || !keys.every(text), 'key must name at least one column');
  say((change === undefined) === (run === undefined), 'pass either change or run');
  say(typeof (change ?? run) !== 'function', 'change and run must be functions');
  say(change !== undefined && table === undefined, 'change requires table');
  say(
    mark !== undefined && change === undefined,
    'mark is only valid with change; for rows that run inserts, use creates',
  );
  say(creates !== undefined && run === undefined, 'creates is only valid with run');
  say(!Number.isInteger(group) || group < 0 || group > keys.length, 'group must be a number of key columns');
  say(columns !== undefined && !columns.every(text), 'columns must be names');
  for (const name of COUNTS)
    say(
      definition[name] !== undefined && !(Number.isInteger(definition[name]) && Number(definition[name]) > 0),
      `${name} must be a whole number over 0`,
    );
  for (const name of TIMES)
    say(
      definition[name] !== undefined && !(Number(definition[name]) >= 0),
      `${name} must be a number of milliseconds`,
    );
  const share = throttle?.share;
  say(share !== undefined && !(share > 0 && share <= 1), 'throttle.share must be over 0 and at most 1');
  return wrong;
}
