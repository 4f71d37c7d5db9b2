import { judge } from '../access/judgement.js';
import { type Opened, withDatabase, withLock } from '../access/open.js';
import { splitUnknown } from '../access/unknown-rows.js';
import type { ApplyResult } from '../apply/apply.js';
import { runPlan } from '../apply/apply.js';
import { coveredBy } from '../apply/write-stamp.js';
import type { RunOptions } from '../config/options.js';
import { RevgraphError } from '../errors/error.js';
import type { Diagnosis } from '../fingerprint/diagnose.js';
import { foresee } from '../fingerprint/foresee.js';
import { marked } from '../graph/walk.js';
import type { OptionsOf } from '../options/option.js';
import type { REPAIR } from '../options/verbs.js';
import type { Plan } from '../plan/plan.js';
import { planRepair, type RepairPlan } from '../plan/repair.js';
import { namingOf } from '../project/targets.js';
import { prepare } from '../run/prepare.js';
import { notRun } from '../run/run.js';
import { isWithoutEvidence } from './catalogue-fit.js';
import { findingsOf } from './doctor.js';
import { type Examination, examine } from './examine.js';
import { assertReason } from './stamp-target.js';

/** See `repair`. */
export async function repairDatabase(options: RepairOptions): Promise<RepairResult> {
  if (options.dryRun === true)
    return withDatabase(options, async (opened) => {
      const { plan, revisions } = await review(opened, options);
      await prepare(plan, opened.project.revisions);
      const steps = notRun(plan);
      return { ...resultOf(opened, plan, revisions), steps, dryRun: true };
    });
  return withLock(options, async (locked) => {
    const { plan, lower, revisions } = await review(locked, options);
    const result = resultOf(locked, plan, revisions);
    if (plan.steps.length === 0) return result;
    const ids = plan.steps.map(({ revision }) => revision).join(', ');
    const why = `repair: claimed, but never ran: ${ids}${options.reason === undefined ? '' : ` (${options.reason})`}`;
    const steps = await runPlan(locked, plan, options, 'revgraph repair', {
      stamp: {
        plan: lower,
        why,
        ...(lower.remove.length + lower.add.length === 0 ? {} : { covers: claimedBut(locked, plan) }),
      },
    });
    return { ...result, steps };
  });
}

/** What the rows claim, without what is run now. */
function claimedBut({ project, rows, record }: Opened, { steps }: Plan): string[] {
  const runs = new Set(steps.map(({ revision }) => revision));
  return coveredBy(project.graph, rows, record).filter((id) => !runs.has(id));
}

function resultOf({ rows }: Opened, plan: Plan, revisions: readonly RepairReview[]): RepairResult {
  const none = { steps: [], losses: [], kept: [], dryRun: false };
  return { direction: 'upgrade', from: rows, to: plan.to, plan, revisions, ...none };
}

/** What is to be run, or why nothing can be. */
async function review(
  opened: Opened,
  options: RepairOptions,
): Promise<RepairPlan & { revisions: readonly RepairReview[] }> {
  const { project, rows, table } = opened;
  const { graph } = project;
  if ((await splitUnknown(opened, options)) === null)
    throw new RevgraphError('unknown_row', { rows, table: table.name });
  const answers = await answersOf(opened, options);
  const extra = [...answers].filter(([, ran]) => !ran).map(([id]) => id);
  const unrecorded = judge(graph, opened).missed.flatMap(({ revision }) =>
    answers.get(revision) === true ? [] : [revision],
  );
  const examined = await evidenceFor(opened, answers, unrecorded.length > 0);
  if (examined === null) {
    const missing = union(unrecorded, extra, graph.ids);
    return { ...planRepair(graph, rows, missing), revisions: byLedger(opened, missing) };
  }
  const missing = union(
    examined.diagnosis.missing.map(({ revision }) => revision),
    [...extra, ...unrecorded],
    graph.ids,
  );
  const reasons = [
    ...reasonsAgainst(examined, opened, missing),
    ...shownAll(examined, unrecorded).map(
      (id) => `${id} never ran according to the ledger, but the schema shows what it makes`,
    ),
  ];
  if (reasons.length > 0) throw new RevgraphError('repair_refused', { reasons, missing });
  return { ...planRepair(graph, rows, missing), revisions: reviewed(examined, opened, missing) };
}

/** What the schema says; null where there is no catalogue, and the ledger says enough by itself. */
async function evidenceFor(
  opened: Opened,
  answers: ReadonlyMap<string, boolean>,
  recorded: boolean,
): Promise<Examination | null> {
  try {
    return await examine(opened, { answers });
  } catch (error) {
    if (recorded && isWithoutEvidence(error)) return null;
    throw error;
  }
}

/** Of revisions that never ran, those whose objects are there all the same. */
function shownAll({ diagnosis }: Examination, unrecorded: readonly string[]): string[] {
  const evidence = evidenceOf(diagnosis);
  return unrecorded.filter((id) => evidence(id) === 'shown');
}

/** The review where only the ledger was asked. */
function byLedger({ project, rows }: Opened, missing: readonly string[]): RepairReview[] {
  const { graph } = project;
  const gone = new Set(missing);
  return graph.idsOf(marked(graph.closureOf(rows))).map((revision) => ({
    revision,
    evidence: gone.has(revision) ? 'missing' : 'none',
    run: gone.has(revision),
    why: gone.has(revision) ? `${revision} never ran according to the ledger` : null,
  }));
}

/** In the order of the graph, each once. */
function union(some: readonly string[], more: readonly string[], order: readonly string[]): string[] {
  const all = new Set([...some, ...more]);
  return order.filter((id) => all.has(id));
}

/** What the user has settled by name: true = it ran, false = it is to be run. */
async function answersOf(
  { project: { graph }, rows }: Opened,
  { run = [], assumeRan = [], reason, releases }: RepairOptions,
): Promise<ReadonlyMap<string, boolean>> {
  if (run.length + assumeRan.length > 0) assertReason(reason);
  const naming = await namingOf(releases);
  const claimed = graph.closureOf(rows);
  const answers = new Map<string, boolean>();
  for (const [typed, ran] of [
    ...run.map((id) => [id, false]),
    ...assumeRan.map((id) => [id, true]),
  ] as const) {
    const id = naming.one(graph, typed as string);
    const number = graph.numberOf(id);
    if (number === undefined) throw new RevgraphError('unknown_revision', { name: id, suggestions: [] });
    if (claimed[number] !== 1) throw new RevgraphError('not_applied', { revision: id });
    answers.set(id, ran as boolean);
  }
  return answers;
}

function reasonsAgainst(
  { catalogue, observed, claimed, diagnosis }: Examination,
  { project: { graph } }: Opened,
  missing: readonly string[],
): string[] {
  const named = new Set(missing);
  const open = findingsOf(diagnosis).filter(
    ({ code, revision }) => code === 'unsettled' && !named.has(revision ?? ''),
  );
  const drifted = new Set(
    diagnosis.drift.flatMap(({ missing: gone, unexpected }) => [...gone, ...unexpected]),
  );
  const left = foresee(graph, catalogue, observed, claimed, missing);
  return [
    ...open.map(({ message }) => message),
    ...left.missing
      .filter((fact) => !drifted.has(fact))
      .map((fact) => `this would still be missing afterwards: ${fact}`),
    ...left.unexpected
      .filter((fact) => !drifted.has(fact))
      .map((fact) => `this would exist again afterwards: ${fact}`),
  ];
}

function reviewed(
  { claimed, diagnosis }: Examination,
  { project }: Opened,
  missing: readonly string[],
): RepairReview[] {
  const { graph } = project;
  const named = new Set(missing);
  const evidence = evidenceOf(diagnosis);
  const why = new Map(findingsOf(diagnosis).map(({ revision, message }) => [revision, message]));
  return graph.idsOf(marked(claimed)).map((revision) => ({
    revision,
    evidence: evidence(revision),
    run: named.has(revision),
    why: why.get(revision) ?? null,
  }));
}

function evidenceOf({ missing, drift, undetermined }: Diagnosis): (id: string) => RepairReview['evidence'] {
  const gone = new Set(missing.map(({ revision }) => revision));
  const drifted = new Set(drift.map(({ revision }) => revision));
  const silent = new Set(undetermined);
  return (id) => (gone.has(id) ? 'missing' : drifted.has(id) ? 'drift' : silent.has(id) ? 'none' : 'shown');
}

export interface RepairOptions extends RunOptions, OptionsOf<typeof REPAIR> {}

/** A revision of the version table, and what `repair` does with it. */
export interface RepairReview {
  readonly revision: string;
  /** `shown`: it ran · `drift`: it ran, but part of it has changed · `none`: no trace · `missing`: it never ran */
  readonly evidence: 'shown' | 'drift' | 'none' | 'missing';
  /** Whether it is run now. */
  readonly run: boolean;
  readonly why: string | null;
}

export interface RepairResult extends ApplyResult {
  /** Every revision that the version table claims, parents first. */
  readonly revisions: readonly RepairReview[];
}
