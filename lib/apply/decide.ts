import { editedIn } from '../access/edited.js';
import { assertNotHalfDown, judge, missedRevisions, unrecordedRows } from '../access/judgement.js';
import { assertMayWrite } from '../access/may-write.js';
import { type Opened, withDatabase, withLock } from '../access/open.js';
import { countedIn, recordedIn, standingOn } from '../access/record/recorded.js';
import { splitUnknown } from '../access/unknown-rows.js';
import type { RunOptions } from '../config/options.js';
import { hasBegunBatches } from '../database/tables/backfill-orders.js';
import { RevgraphError } from '../errors/error.js';
import { BASE, lookupOne } from '../graph/lookup.js';
import { topsOf } from '../graph/tops.js';
import type { ACCEPT, FORGET } from '../options/decisions.js';
import type { OptionsOf } from '../options/option.js';

import type { StampPlan } from '../plan/plan.js';
import { namingOf } from '../project/targets.js';
import { recordedChecksum } from '../revision/definition.js';
import type { Revision } from '../revision/revision.js';
import { writeStamp } from './write-stamp.js';

export interface AcceptOptions extends RunOptions, OptionsOf<typeof ACCEPT> {
  readonly revision: string;
  readonly reason: string;
}

export interface ForgetOptions extends RunOptions, OptionsOf<typeof FORGET> {
  readonly revision: string;
  readonly reason: string;
}

/** A decision that was written into the ledger, or with `dryRun` would be. */
export interface Decided {
  readonly revision: string;
  /** What was decided about: an edited revision, a missed one, or a row that no file has. */
  readonly was: 'edited' | 'missed' | 'unknown';
  readonly from: readonly string[];
  readonly to: readonly string[];
  readonly why: string;
  readonly dryRun: boolean;
}

/** A decision before it is written. */
interface Decision extends Omit<Decided, 'dryRun'> {
  /** Every revision that counts as applied then. */
  readonly covers: readonly string[];
  readonly checksum: string | null;
}

/** See `accept`. */
export function acceptRevision(options: AcceptOptions): Promise<Decided> {
  return decide(options, async (opened) => {
    const { project, rows } = opened;
    const { graph } = project;
    const number = lookupOne(graph, (await namingOf(options.releases)).one(graph, options.revision));
    const id = number === BASE ? 'base' : graph.idOf(number);
    const judged = judge(graph, opened);
    const missed = judged.missed.some((one) => one.revision === id);
    // What is below would look as if it had never run, once it is said that this one did.
    const below = new Set(rows.includes(id) ? graph.ancestors(id) : []);
    if (unrecordedRows(graph, rows, judged.missed).some((one) => below.has(one)))
      throw missedRevisions(graph, opened, judged.missed);
    if (!missed && !(await editedIn(opened, [id])).includes(id))
      throw new RevgraphError('nothing_to_accept', { revision: id });
    // A part of it is there: neither is it not needed, nor did it run.
    const began = opened.begun.some(({ revision }) => graph.today(revision) === id);
    const batches = missed && !began && (await hasBegunBatches(opened.session, opened.table, id));
    if (missed && (began || batches))
      throw new RevgraphError('unfinished_step', {
        revision: id,
        statement: null,
        ...(batches ? { batches: true } : {}),
        next: `\`revgraph repair${judged.shaken.includes(id) ? ` --revision ${id}` : ''}\` goes on with it. If all that it does is there, \`revgraph stamp ${rows.join(' ')} --yes\` records that.`,
      });
    return {
      revision: id,
      was: missed ? 'missed' : 'edited',
      covers: [...new Set([...countedIn(opened.project.graph, opened.record, opened.rows), id])],
      checksum: await recordedChecksum(project.revisions.get(id) as Revision),
      from: rows,
      to: rows,
      why: options.reason,
    };
  });
}

/** See `forget`. */
export function forgetRow(options: ForgetOptions): Promise<Decided> {
  return decide(options, async (opened) => {
    const { project, rows } = opened;
    const unknown = rows.filter((row) => !project.graph.has(row));
    const { revision } = options;
    if (!unknown.includes(revision)) throw new RevgraphError('not_unknown', { revision, unknown });
    // What a squash took the place of is no retired line.
    await splitUnknown(opened, { ...options, unknownRows: 'allow' });
    if (options.confirmed !== true && options.dryRun !== true)
      throw new RevgraphError('confirmation_needed', {
        what: `Forgetting ${revision} drops a row that no file has`,
        consequence: 'code that has it will run it again.',
      });
    const retired = lineOf(opened, revision);
    return {
      revision,
      was: 'unknown',
      covers: countedIn(opened.project.graph, opened.record, opened.rows).filter((id) => !retired.has(id)),
      checksum: null,
      from: rows,
      to: rowsWithout(opened, revision),
      why: options.reason,
    };
  });
}

/** What goes with a row that no file has: itself, and what it stood on alone and no file has either. */
function lineOf({ project: { graph }, rows, record }: Opened, revision: string): Set<string> {
  const parents = standingOn(record);
  const below = (ids: readonly string[]): Set<string> => {
    const found = new Set(ids);
    for (const id of found)
      for (const parent of parents.get(id) ?? []) if (!graph.has(parent)) found.add(parent);
    return found;
  };
  const needed = below(
    [...parents.keys()].filter((id) => graph.has(id)).concat(rows.filter((row) => row !== revision)),
  );
  return new Set([...below([revision])].filter((id) => !needed.has(id)));
}

/** What it stood on has rows of its own again, where nothing else stands on it. */
function rowsWithout({ project: { graph }, rows, record }: Opened, revision: string): string[] {
  const others = rows.filter((row) => row !== revision);
  // What other rows that no file has include is not known here.
  if (record === null || others.some((row) => !graph.has(row))) return others;
  return topsOf(graph, recordedIn(graph, record));
}

async function decide(
  options: RunOptions & { readonly reason: string },
  on: (opened: Opened) => Promise<Decision>,
): Promise<Decided> {
  if (options.reason.trim() === '') throw new RevgraphError('reason_missing', { what: 'decision' });
  const onWhole = async (opened: Opened): Promise<Decision> => {
    assertNotHalfDown(opened.project.graph, opened);
    const decision = await on(opened);
    await assertMayWrite(opened, options, decision.from.join() !== decision.to.join());
    return decision;
  };
  if (options.dryRun === true)
    return withDatabase(options, async (opened) => decided(await onWhole(opened), true));
  return withLock(options, async (locked) => {
    const decision = await onWhole(locked);
    const { revision, from, to, why, covers, checksum } = decision;
    const remove = from.filter((row) => !to.includes(row));
    const add = to.filter((row) => !from.includes(row));
    const plan: StampPlan = { direction: 'stamp', target: revision, from, to, remove, add };
    await writeStamp(locked, plan, options, why, { covers, about: { revision, checksum } });
    return decided(decision, false);
  });
}

function decided({ covers: _, checksum: __, ...decision }: Decision, dryRun: boolean): Decided {
  return { ...decision, dryRun };
}
