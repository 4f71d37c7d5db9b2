import type { Opened } from '../access/open.js';
import type { RunOptions } from '../config/options.js';
import { RevgraphError } from '../errors/error.js';
import { counted } from '../errors/words.js';
import type { Identification } from '../fingerprint/identify.js';
import type { StampPlan } from '../plan/plan.js';
import { planStamp } from '../plan/stamp.js';
import { namingOf } from '../project/targets.js';
import { identifyOpened } from './observe.js';

/** Where a stamp goes, and what that rests on. */
export interface StampTarget {
  readonly targets: readonly string[];
  readonly why: string;
  /** Evidence needs no word of the user's. */
  readonly proven: boolean;
}

/** Where a stamp goes: where the user says, or with `auto` where the schema says. @throws `unidentified` */
export async function stampTargetOf(
  opened: Opened,
  options: Omit<StampOptions, 'database'>,
): Promise<StampTarget> {
  const { reason, targets: typed = [] } = options;
  const naming = await namingOf(options.releases);
  const targets = typed.flatMap((target) => naming.all(opened.project.graph, target));
  if (options.auto !== true) return { targets, why: reason ?? 'named on request', proven: false };
  if (targets.length > 0)
    throw new RevgraphError('usage', {
      message: 'With --auto the evidence says where the database is: no target is needed.',
      hint: 'To overrule it: --revision ID --reason "…".',
    });
  const found = await identifyOpened(opened);
  if (options.override !== undefined)
    return overruled(naming.all(opened.project.graph, options.override), found, reason);
  return provenTarget(found, reason);
}

/** What the evidence proves. @throws `unidentified` if it proves nothing */
export function provenTarget(found: Identification, reason?: string): StampTarget {
  const { match, candidates, unsettled, applied, undetermined } = found;
  if (match === 'empty') return { targets: ['base'], why: 'the database is empty', proven: true };
  if (match !== 'exact') throw new RevgraphError('unidentified', { match, candidates, unsettled });
  const open = undetermined.length === 0 ? '' : `; no evidence either way for ${undetermined.join(', ')}`;
  const why = `the schema is that of ${found.stamp.join(', ')}: ${counted(applied.length, 'revision')} by evidence${open}`;
  return { targets: found.stamp, why: reason === undefined ? why : `${reason} (${why})`, proven: true };
}

/** @throws `usage` for a word over the evidence that has no reason */
export function assertReason(reason: string | undefined): void {
  if (reason !== undefined && reason.trim() !== '') return;
  throw new RevgraphError('usage', {
    message: 'What the evidence does not say needs a reason, for the ledger.',
    hint: 'Add --reason "…".',
  });
}

/** The user's word over the evidence; the ledger keeps both. @throws `usage` without a reason */
export function overruled(
  named: string | readonly string[],
  found: Identification,
  reason: string | undefined,
): StampTarget {
  assertReason(reason);
  const { match, candidates, stamp } = found;
  const [nearest] = candidates;
  const seen =
    match === 'exact'
      ? `the schema is that of ${stamp.join(', ')}`
      : nearest === undefined
        ? match
        : `${match}: nearest is ${nearest.stamp.join(', ')}, ${counted(nearest.score, 'differs', 'differ')}`;
  return { targets: [named].flat(), why: `${reason} (overrules the evidence: ${seen})`, proven: true };
}

/** Rows that the graph doesn't know are on no line of it; a stamp leaves them only if it would also leave a known one. */
export function planStampOver(
  graph: Parameters<typeof planStamp>[0],
  rows: readonly string[],
  targets: readonly string[],
): StampPlan {
  const unknown = rows.filter((row) => !graph.has(row));
  if (unknown.length === 0) return planStamp(graph, rows, targets);
  const planned = planStamp(
    graph,
    rows.filter((row) => graph.has(row)),
    targets,
  );
  return { ...planned, from: [...rows], remove: [...planned.remove, ...unknown] };
}

export interface StampOptions extends RunOptions {
  /** Where the database is said to be; `base` = nothing applied. Not with `auto`. */
  readonly targets?: readonly string[] | undefined;
  /** Let the evidence say where the database is; needs the catalogue of a folder of revisions. Default false. */
  readonly auto?: boolean | undefined;
  /**
   * With `auto`: where the database is said to be, whatever the evidence says. Needs a reason; the ledger keeps that and the
   * evidence.
   */
  readonly override?: string | readonly string[] | undefined;
  /** Why, for the ledger. */
  readonly reason?: string | undefined;
  /** A database with tables and no version table is only stamped if this is true: nothing shows that the stamp is right. */
  readonly confirmed?: boolean | undefined;
}
