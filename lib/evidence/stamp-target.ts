import { judge, rowsLost } from '../access/judgement.js';
import type { Opened } from '../access/open.js';
import { goneIn } from '../access/record/moved.js';
import { recordedIn } from '../access/record/recorded.js';
import { releaseAt, splitUnknown } from '../access/unknown-rows.js';
import type { Override, RunOptions } from '../config/options.js';
import type { AcceptedDrift } from '../database/tables/accepted-drift.js';
import { RevgraphError } from '../errors/error.js';
import { counted, differenceText, factsDiffer, onTrustText } from '../errors/words.js';
import type { SettledIdentification } from '../fingerprint/drift/settled.js';
import type { Graph } from '../graph/graph.js';
import { topsOf } from '../graph/tops.js';
import type { OptionsOf } from '../options/option.js';
import type { STAMP } from '../options/verbs.js';
import type { StampPlan } from '../plan/plan.js';
import { planStamp } from '../plan/stamp.js';
import { namingOf } from '../project/targets.js';
import { accepting } from './drift/accepted.js';
import { identifyOpened } from './observe.js';

/** Where a stamp goes, and what that rests on. */
export interface StampTarget {
  readonly targets: readonly string[];
  readonly why: string;
  /** Evidence needs no word of the user's. */
  readonly proven: boolean;
  /** Every revision that it counts as applied. Default: what its rows claim. */
  readonly covers?: readonly string[] | undefined;
  /** What differs from it and is accepted. */
  readonly drift?: readonly AcceptedDrift[] | undefined;
}

/**
 * Where a stamp goes: where the user says, with `auto` where the schema says, with `recorded` where the ledger says.
 * @throws `unidentified`; `rows_lost` where the ledger records what only other code has
 */
export async function stampTargetOf(
  opened: Opened,
  options: Omit<StampOptions, 'database'>,
): Promise<StampTarget> {
  const { reason, override } = options;
  const typed = [options.target ?? []].flat();
  const naming = await namingOf(options.releases);
  const targets = typed.flatMap((target) => naming.all(opened.project.graph, target));
  if (options.recorded === true) return recordedTarget(opened, options, targets);
  if (options.auto !== true) return { targets, why: reason ?? 'named on request', proven: false };
  if (targets.length > 0)
    throw new RevgraphError('usage', {
      message: '--auto takes the target from the evidence, so it does not accept one.',
      hint: 'To overrule the evidence, use --revision ID --reason "…".',
    });
  const found = await identifyOpened(opened);
  if (override !== undefined)
    return overruled(naming.all(opened.project.graph, override.revision), found, override.reason);
  return provenTarget(found, opened.project.graph, options);
}

/** The rows of what the ledger counts as applied, which goes on counting, and nothing else. */
async function recordedTarget(
  opened: Opened,
  { auto = false, reason, releases }: Pick<StampOptions, 'auto' | 'reason' | 'releases'>,
  named: readonly string[],
): Promise<StampTarget> {
  const { graph } = opened.project;
  if (auto || named.length > 0)
    throw new RevgraphError('usage', {
      message: '--recorded takes the rows from the ledger, so it accepts neither a target nor --auto.',
    });
  if (opened.record === null || opened.record.length === 0)
    throw new RevgraphError('usage', {
      message: `The ledger records nothing of ${opened.table.name}, so there are no rows to restore.`,
      hint: '`revgraph identify` finds out from the schema where the database stands.',
    });
  // A row of a part of a squash is no row of this code.
  await splitUnknown(opened, { releases, unknownRows: 'allow' });
  const judged = judge(graph, opened);
  // Whether a row of what no file has is missing, only the code that has it can tell.
  if (judged.lost.length > 0 && goneIn(graph, opened.record).length > 0)
    throw rowsLost(graph, opened, judged);
  const unknown = opened.rows.filter((row) => !graph.has(row));
  return {
    targets: [...topsOf(graph, judged.applied), ...unknown],
    covers: [...recordedIn(graph, opened.record)],
    why: reason ?? 'the rows that the ledger records',
    proven: false,
  };
}

/** What the evidence proves. @throws `unidentified` if it proves nothing */
export function provenTarget(
  found: SettledIdentification,
  graph: Graph,
  { reason, releases = {}, acceptDrift = false }: Pick<StampOptions, 'reason' | 'releases' | 'acceptDrift'>,
): StampTarget {
  const { match, candidates, unsettled, applied, undetermined, drift, hole } = found;
  if (match === 'empty') return { targets: ['base'], why: 'the database is empty', proven: true };
  const isAccepted = match === 'drifted' && (acceptDrift || drift.every((one) => one.performanceOnly));
  if (match !== 'exact' && !isAccepted) {
    const squashes = [...graph.squashes].map(([squash, replaces]) => {
      const last = replaces.at(-1) as string;
      return { squash, last, release: releaseAt({ squash, missing: [last] }, releases) };
    });
    throw new RevgraphError('unidentified', { match, candidates, unsettled, squashes, drift, hole });
  }
  const open = undetermined.length === 0 ? '' : `; no evidence either way for ${undetermined.join(', ')}`;
  const trust =
    found.onTrust.length === 0
      ? ''
      : `; taken on trust, because no schema shows it: ${onTrustText(found.onTrust)}`;
  const changed = isAccepted ? `; accepted as it is: ${drift.map(differenceText).join(', ')}` : '';
  const why = `the schema matches ${found.stamp.join(', ')}: ${counted(applied.length, 'revision')} by evidence${open}${changed}${trust}`;
  return {
    targets: found.stamp,
    why: reason === undefined ? why : `${reason} (${why})`,
    proven: true,
    drift: isAccepted ? accepting(drift) : [],
  };
}

/** @throws `reason_missing` for a word over the evidence that has no reason */
export function assertReason(reason: string | undefined): void {
  if (reason !== undefined && reason.trim() !== '') return;
  throw new RevgraphError('reason_missing', { what: 'stamp' });
}

/** The user's word over the evidence; the ledger keeps both. @throws `reason_missing` */
export function overruled(
  named: string | readonly string[],
  found: SettledIdentification,
  reason: string | undefined,
): StampTarget {
  assertReason(reason);
  const { match, candidates, stamp, drift } = found;
  const targets = [named].flat();
  const isSame = match === 'drifted' && [...targets].sort().join() === [...stamp].sort().join();
  const [nearest] = candidates;
  const seen =
    match === 'exact'
      ? `the schema matches ${stamp.join(', ')}`
      : nearest === undefined
        ? match
        : `${match}: the nearest is ${nearest.stamp.join(', ')}, ${factsDiffer(nearest.score)}`;
  const why = `${reason} (overrules the evidence: ${seen})`;
  // Who names the revision that has drifted, and says why, accepts what differs from it.
  return { targets, why, proven: true, drift: isSame ? accepting(drift) : [] };
}

/** Rows that the graph doesn't know are on no line of it; a stamp leaves them only if it would also leave a known one. */
export function planStampOver(
  graph: Parameters<typeof planStamp>[0],
  rows: readonly string[],
  targets: readonly string[],
): StampPlan {
  const unknown = rows.filter((row) => !graph.has(row));
  if (unknown.length === 0) return planStamp(graph, rows, targets);
  const kept = unknown.filter((row) => targets.includes(row));
  const planned = planStamp(
    graph,
    rows.filter((row) => graph.has(row)),
    targets.filter((target) => !kept.includes(target)),
  );
  const gone = unknown.filter((row) => !kept.includes(row));
  return { ...planned, from: [...rows], to: [...planned.to, ...kept], remove: [...planned.remove, ...gone] };
}

export interface StampOptions extends RunOptions, OptionsOf<typeof STAMP> {
  /** With `auto`: the target that overrules the evidence. */
  readonly override?: Override | undefined;
}
