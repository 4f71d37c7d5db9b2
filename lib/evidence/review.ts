import { assertUnedited } from '../access/edited.js';
import { assertNotHalfDown, judge } from '../access/judgement.js';
import type { Opened } from '../access/open.js';
import { stateOf } from '../access/state.js';
import { splitUnknown } from '../access/unknown-rows.js';
import type { RunOptions } from '../config/options.js';
import { numberedTables } from '../database/catalog/numbered.js';
import { RevgraphError } from '../errors/error.js';
import { foresee } from '../fingerprint/foresee.js';
import { marked } from '../graph/walk.js';
import type { OptionsOf } from '../options/option.js';
import type { REPAIR } from '../options/verbs.js';
import { planHoles, planRepair, type RepairPlan } from '../plan/repair.js';
import { namingOf } from '../project/targets.js';
import { isWithoutEvidence } from './catalogue-fit.js';
import { allFindings } from './doctor.js';
import { type Evidence, evidenceOf, ledgerDoubts } from './drift/ledger-doubts.js';
import { type Examination, examine } from './examine.js';
import { type DoctorFinding, findingsOf } from './finding.js';
import { Proof } from './proof.js';
import { LaterWork, rewriteText, tablesOf } from './rewrites.js';
import { assertReason } from './stamp-target.js';

/** What is to be run, and what it is held against while it runs. */
export interface ReviewedRepair extends RepairPlan {
  readonly revisions: readonly RepairReview[];
  /** What `doctor` finds before anything is run. */
  readonly findings: readonly DoctorFinding[];
  readonly proof: Proof;
}

/** What is to be run. @throws `repair_refused` with the reasons why nothing can be */
export async function review(opened: Opened, options: RepairOptions): Promise<ReviewedRepair> {
  const { project, rows, table } = opened;
  const { graph } = project;
  // What rows include that no file has, only the ledger knows: it is asked alone, and those rows stay.
  const isBeside = (await splitUnknown(opened, options)) === null;
  const judged = judge(graph, opened);
  assertNotHalfDown(graph, opened, judged);
  const answers = await answersOf(opened, options);
  const extra = [...answers].filter(([, ran]) => !ran).map(([id]) => id);
  const unrecorded = judged.missed.flatMap(({ revision }) =>
    answers.get(revision) === true ? [] : [revision],
  );
  const examined = isBeside ? null : await evidenceFor(opened, answers, unrecorded.length > 0);
  const missing = union(
    examined?.diagnosis.missing.map(({ revision }) => revision) ?? [],
    [...extra, ...unrecorded],
    graph.ids,
  );
  const later = new LaterWork(
    project,
    standing(opened, examined, missing),
    missing.length === 0 ? new Set() : await numberedTables(opened.session),
    examined !== null,
  );
  const decided = new Set(extra);
  const doubts = ledgerDoubts(opened, judged, answers, examined);
  const reasons = [
    ...(examined === null ? [] : reasonsAgainst(examined, opened, missing)),
    ...doubts.map(({ why }) => why),
    ...(await rewriteReasons(later, missing, decided)),
  ];
  if (reasons.length > 0)
    throw new RevgraphError('repair_refused', {
      reasons,
      missing,
      open: doubts.map(({ revision }) => revision),
    });
  if (missing.length > 0) await assertUnedited(opened, options);
  const foreseen = examined === null ? null : { ...examined, versionTable: table.name };
  const reviews = examined === null ? byLedger(opened, missing) : reviewed(examined, opened, missing);
  return {
    ...(isBeside ? planHoles(rows, missing) : planRepair(graph, rows, missing)),
    revisions: await withTables(later, reviews),
    findings: examined === null ? [] : allFindings(opened, examined, await stateOf(opened)),
    proof: new Proof(foreseen, later, decided),
  };
}

/** Marks of what has run and will not run now: what the rows claim, and what the schema has beside that. */
function standing(
  { project: { graph }, rows }: Opened,
  examined: Examination | null,
  missing: readonly string[],
): Uint8Array {
  const ran = graph.closureOf(rows);
  for (const id of examined?.unclaimed ?? []) ran[graph.numberOf(id) as number] = 1;
  for (const id of missing) ran[graph.numberOf(id) as number] = 0;
  return ran;
}

/** What would be undone, of revisions that nobody has decided to run. One reason for each of the later ones is too many. */
async function rewriteReasons(
  later: LaterWork,
  missing: readonly string[],
  decided: ReadonlySet<string>,
): Promise<string[]> {
  const reasons: string[] = [];
  for (const id of missing) {
    if (decided.has(id)) continue;
    const [first] = await later.rewrites(id);
    if (first !== undefined) reasons.push(rewriteText(first));
  }
  return reasons;
}

/** With the tables whose rows a step will write. */
function withTables(later: LaterWork, reviews: readonly RepairReview[]): Promise<RepairReview[]> {
  return Promise.all(
    reviews.map(async (one) => ({
      ...one,
      tables: one.run ? tablesOf(await later.effectsOf(one.revision)) : [],
    })),
  );
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

/** The review where only the ledger was asked. */
function byLedger({ project, rows }: Opened, missing: readonly string[]): RepairReview[] {
  const { graph } = project;
  const gone = new Set(missing);
  return graph.idsOf(marked(graph.closureOf([...rows, ...missing]))).map((revision) => ({
    revision,
    evidence: gone.has(revision) ? 'missing' : 'none',
    run: gone.has(revision),
    tables: [],
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
  { catalogue, observed, claimed, diagnosis, accepted }: Examination,
  { project: { graph } }: Opened,
  missing: readonly string[],
): string[] {
  const named = new Set(missing);
  const open = findingsOf(diagnosis).filter(
    ({ code, revision }) => code === 'unsettled' && !named.has(revision ?? ''),
  );
  const drifted = new Set(
    [...diagnosis.drift, ...diagnosis.undone, ...diagnosis.changed, ...accepted].flatMap(
      ({ missing: gone, unexpected }) => [...gone, ...unexpected],
    ),
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
    tables: [],
    why: why.get(revision) ?? null,
  }));
}

export interface RepairOptions extends RunOptions, OptionsOf<typeof REPAIR> {}

/** A revision of the version table, and what `repair` does with it. */
export interface RepairReview {
  readonly revision: string;
  readonly evidence: Evidence;
  /** Whether it is run now. */
  readonly run: boolean;
  /** Of one that is run: tables whose rows it writes, as far as its text says. */
  readonly tables: readonly string[];
  readonly why: string | null;
}
