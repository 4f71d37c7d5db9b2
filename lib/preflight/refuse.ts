import type { Backup, RunOptions } from '../config/options.js';
import { RevgraphError } from '../errors/error.js';
import type { EventBody } from '../run/events.js';
import { type BackupFound, type BackupRecord, findBackup } from './backup.js';
import { type Examining, examinePlan, PATIENCE, type PlanExamination } from './examine-plan.js';
import { lineOf, type PreflightCheck } from './lines/line.js';

/** A run that is about to begin. */
export interface Beginning extends Omit<Examining, 'patience' | 'limits'> {
  readonly direction: 'upgrade' | 'downgrade';
  readonly options: Pick<RunOptions, 'backup' | 'limits' | 'preflight'>;
  readonly emit: (event: EventBody) => void;
}

/** Looks at a plan before it is run. */
export function examineRun({ options, ...plan }: Beginning): Promise<PlanExamination> {
  return examinePlan({ ...plan, limits: options.limits, patience: PATIENCE.run });
}

/**
 * Refuses what would fail, warns of what may, and looks for the backup.
 * @param next the command that runs the plan
 * @returns the backup, for the ledger; undefined where none is asked for
 * @throws `preflight_refused` before step one
 */
export async function refusePlan(
  { direction, options, emit }: Beginning,
  { checks }: PlanExamination,
  next: string,
): Promise<BackupRecord | undefined> {
  const backup = options.backup === undefined ? null : await findBackup(options.backup);
  const all = [...checks, backupLine(options.backup, backup)];
  const refused = all.filter(({ status }) => status === 'no');
  if (refused.length > 0)
    throw new RevgraphError('preflight_refused', {
      checks: refused.map(({ status: _, rows: __, ...check }) => check),
      checklist: checklistOf(next),
    });
  for (const { status, name, title, found, remedy, revision } of all) {
    // What a downgrade loses was told when it was confirmed.
    if (status !== 'warn' || (direction === 'downgrade' && name === 'loss')) continue;
    const where = revision === null ? '' : `${revision}: `;
    emit({ type: 'warning', message: `${where}${title}: ${found}${remedy === null ? '' : ` → ${remedy}`}` });
  }
  return backup?.ok ? backup.record : undefined;
}

/** The checklist of a plan has the target of the plan: that of the next upgrade says nothing of a downgrade. */
function checklistOf(next: string): string | null {
  const [, verb, target] = /^revgraph (upgrade|downgrade|boot)(?: --target)?(?: (.+))?$/.exec(next) ?? [];
  if (verb === undefined) return null;
  if (verb === 'boot') return `revgraph preflight ${target ?? 'heads'}`;
  return `revgraph preflight ${verb === 'downgrade' ? '--downgrade ' : ''}${target}`;
}

/** The backup as a line of the checklist. */
export function backupLine(wanted: Backup | undefined, found: BackupFound | null): PreflightCheck {
  const title = 'A backup exists';
  if (wanted === undefined || found === null)
    return lineOf('backup', 'skipped', title, 'the configuration has no `backup`');
  return found.ok
    ? lineOf('backup', 'ok', title, found.found)
    : lineOf('backup', 'no', title, found.found, found.remedy);
}
