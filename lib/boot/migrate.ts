import { assertUnedited } from '../access/edited.js';
import { heldIn } from '../access/held.js';
import { assertRecorded, judge } from '../access/judgement.js';
import type { Locked, Opened } from '../access/open.js';
import { assertServable } from '../access/unknown-rows.js';
import { runPlan } from '../apply/apply.js';
import { planBeside, withMissed } from '../apply/plan-for.js';
import { rehearse } from '../apply/ready.js';
import { writeStamp } from '../apply/write-stamp.js';
import { isRevgraphError, RevgraphError } from '../errors/error.js';
import { isWithoutEvidence } from '../evidence/catalogue-fit.js';
import { warningsOf } from '../evidence/contradiction.js';
import { contradictions } from '../evidence/doctor.js';
import { proving } from '../evidence/mending/prove.js';
import type { SchemaProof } from '../evidence/mending/schema-proof.js';
import { identifyOpened } from '../evidence/observe.js';
import { overruled, planStampOver, provenTarget, type StampTarget } from '../evidence/stamp-target.js';
import type { SettledIdentification } from '../fingerprint/drift/settled.js';
import { topsOf } from '../graph/tops.js';
import type { Plan, StampPlan } from '../plan/plan.js';
import { planUpgrade } from '../plan/upgrade.js';
import { assertMinimum } from '../project/releases.js';
import { notRun, type StepResult } from '../run/run.js';
import { type BootSettings, bootAgain } from './options.js';
import type { BootResult } from './position.js';
import {
  type DatabasePosition,
  holdingOf,
  isAhead,
  isServed,
  positionOf,
  targetOf,
  untouched,
} from './position.js';

interface Stamp {
  readonly plan: StampPlan;
  readonly why: string;
  readonly drift: StampTarget['drift'];
}

/** What is to be done about a database that is not current. */
interface Decision {
  readonly stamp: Stamp | null;
  readonly plan: Plan;
}

/** Plans an upgrade to what is found from the rows. */
type Planning = (to: (rows: readonly string[]) => string | readonly string[]) => Plan;

/** Does what has to be done, under the lock. What was seen before it was taken may be old. */
export async function migrate(locked: Locked, options: BootSettings): Promise<BootResult> {
  const { project } = locked;
  await assertServable(locked, options);
  assertRecorded(project.graph, locked, options);
  const position = await positionOf(locked, options);
  if (isServed(position) || isAhead(position)) return untouched(position, position.state, false);
  const { stamp, plan } = await decide(locked, position, options);
  let proof: SchemaProof | null = null;
  const steps = await act(locked, stamp, plan, options, (found) => {
    proof = found;
  });
  return { ...(await resultOf(locked, position, { stamp, plan }, steps, options)), proof };
}

/** What would be done, without the lock. */
export async function preview(
  opened: Opened,
  position: DatabasePosition,
  options: BootSettings,
): Promise<BootResult> {
  const decision = await decide(opened, position, options);
  await rehearse(opened, decision.plan, options, bootAgain(options), { parks: true });
  const steps = notRun(decision.plan);
  return resultOf(opened, position, decision, steps, options);
}

async function act(
  locked: Locked,
  stamp: Stamp | null,
  plan: Plan,
  options: BootSettings,
  tell: (found: SchemaProof) => void,
): Promise<readonly StepResult[]> {
  if (plan.steps.length > 0)
    return runPlan(locked, plan, options, bootAgain(options), {
      stamp: stamp ?? undefined,
      confirmed: options.confirmed,
      parks: true,
      prove: proving(options.prove, tell),
    });
  if (stamp !== null) await writeStamp(locked, stamp.plan, options, stamp.why, { drift: stamp.drift });
  return [];
}

async function decide(opened: Opened, position: DatabasePosition, options: BootSettings): Promise<Decision> {
  const { project, rows } = opened;
  const { graph } = project;
  const claims = rows.length > 0;
  const stamp = position.state === 'empty' || claims ? null : await legacyStamp(opened, position, options);
  const isBeside = position.state === 'ahead';
  // What rows that no file has did to the schema, no catalogue says.
  // What a stamp claims by the evidence is not recorded yet.
  const missed = stamp === null ? judge(graph, opened).missed : [];
  if (claims && !isBeside && options.evidence === 'check')
    await refuseContradiction(opened, new Set(missed.map(({ revision }) => revision)));
  const from = stamp?.plan.to ?? rows;
  const target = await targetOf(graph, options);
  const planned: Planning = (to) =>
    isBeside
      ? planBeside(opened, { direction: 'upgrade', plan: (_, on) => planUpgrade(graph, on, to(on)) }, options)
      : withMissed(planUpgrade(graph, from, to(from)), missed);
  const plan = await unheld(opened, planned, target, options);
  if (plan.steps.length > 0) {
    if (!isBeside) assertMinimum(graph, options, from);
    await assertUnedited(opened, options);
  }
  return { stamp, plan };
}

/** The plan without what waits for a backfill. */
async function unheld(
  opened: Opened,
  planned: Planning,
  target: string | readonly string[],
  options: BootSettings,
): Promise<Plan> {
  const plan = planned(() => target);
  const held = new Set(await heldIn(plan, holdingOf({ ...opened, rows: plan.from }, options)));
  if (held.size === 0) return plan;
  const { graph } = opened.project;
  const free = plan.steps.flatMap(({ revision }) => (held.has(revision) ? [] : [revision]));
  const { steps, ...rest } = planned((rows) => topsOf(graph, [...rows, ...free]));
  // What is missed comes into every plan.
  return { ...rest, steps: steps.filter(({ revision }) => !held.has(revision)) };
}

/** Where a database without rows is, by its schema; null if nothing of these revisions is there, and it was said to be at base. */
async function legacyStamp(
  opened: Opened,
  { state }: DatabasePosition,
  options: BootSettings,
): Promise<Stamp | null> {
  const found = await identifyOpened(opened);
  // A version table without rows says that nothing was run; other people's objects don't contradict that.
  if (state === 'behind' && !found.overlaps) return null;
  const { targets, why, drift } = target(found, opened, options);
  return { plan: planStampOver(opened.project.graph, opened.rows, targets), why, drift };
}

function target(
  found: SettledIdentification,
  { project }: Opened,
  { override, releases, drift }: BootSettings,
): StampTarget {
  try {
    return provenTarget(found, project.graph, { releases, acceptDrift: drift === 'accept' });
  } catch (error) {
    if (override === undefined || !isRevgraphError(error, 'unidentified')) throw error;
    return overruled(override.revision, found, override.reason);
  }
}

/**
 * @param planned what never ran by the ledger either, and is run now
 * @throws `contradicted` if the version table claims what the schema denies
 */
async function refuseContradiction(opened: Opened, planned: ReadonlySet<string>): Promise<void> {
  const examined = await contradictions(opened).catch((error: unknown) => {
    if (!isWithoutEvidence(error)) throw error;
    opened.emit({
      type: 'warning',
      message: `the version table was not compared with the schema: ${error.message}`,
    });
    return null;
  });
  if (examined === null) return;
  const missing = examined.diagnosis.missing.filter(({ revision }) => !planned.has(revision));
  const unsettled = examined.diagnosis.unsettled.filter((id) => !planned.has(id));
  if (missing.length + unsettled.length === 0) {
    for (const message of warningsOf(examined.diagnosis, planned)) opened.emit({ type: 'warning', message });
    return;
  }
  throw new RevgraphError('contradicted', {
    rows: opened.rows,
    missing: missing.map(({ revision }) => revision),
    unsettled,
  });
}

async function resultOf(
  opened: Opened,
  position: DatabasePosition,
  { stamp, plan }: Decision,
  steps: readonly StepResult[],
  options: BootSettings,
): Promise<BootResult> {
  const dryRun = options.dryRun === true;
  // What was recorded before the run says nothing of the rows after it, which the run itself has read back.
  const after = dryRun
    ? position
    : await positionOf(
        { ...opened, rows: plan.to, record: null, begun: [], table: { ...opened.table, exists: true } },
        options,
      );
  const ran = new Set(steps.map(({ revision }) => revision));
  const waits =
    stamp !== null || dryRun
      ? []
      : judge(opened.project.graph, opened).missed.filter(({ revision }) => !ran.has(revision));
  return {
    ...after,
    // What is missed and waits for a backfill is missed still.
    ...(waits.length > 0 ? { state: 'missed' as const, held: waits.map(({ revision }) => revision) } : {}),
    found: position.state,
    stamp: stamp?.plan.to ?? null,
    why: stamp?.why ?? null,
    steps,
    proof: null,
    dryRun,
  };
}
