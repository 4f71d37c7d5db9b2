import { type Catalogue, HOME, knownBy } from '../fingerprint/catalogue.js';
import { type Diagnosis, diagnose, type Finding } from '../fingerprint/diagnose.js';
import { isPerformanceOnly } from '../fingerprint/differences.js';
import { elsewhere } from '../fingerprint/drift/elsewhere.js';
import { claimOfMarks, easilyShown, type Hole, holeIn } from '../fingerprint/drift/holes.js';
import {
  groundsOf,
  judgeDrift,
  type ObjectDrift,
  pendingWriters,
  unshownRemovals,
  withoutObjects,
} from '../fingerprint/drift/judge.js';
import { marksOf } from '../fingerprint/drift/marks.js';
import type { SettledIdentification } from '../fingerprint/drift/settled.js';
import { type Snapshot, subjectOf } from '../fingerprint/fact.js';
import { type Identification, identify, type Witnesses } from '../fingerprint/identify.js';
import type { Revision } from '../revision/revision.js';
import { mayName, removingRenamed, stoppedBetween, wentAlong } from './drift/halfway.js';
import { type SpanOfObject, spansOf } from './drift/spans.js';
import { askProbes, naturesOf, type ProbeAnswers, type ProbedDatabase, passingOf } from './probes.js';
import { leavesMore, writesRows } from './rewrites.js';

/** Facts of a database that is open, and what they are held against. */
interface Look {
  readonly opened: ProbedDatabase;
  readonly catalogue: Catalogue;
  readonly observed: Snapshot;
  /** Probes that were asked already. */
  readonly asked: ProbeAnswers;
}

/** Identifies, and asks the probes of what the schema leaves open. */
export async function identifyWithProbes({
  opened,
  catalogue,
  observed,
  asked,
}: Look): Promise<Identification> {
  const { project } = opened;
  const blind = identify(project.graph, catalogue, observed, { nature: () => 'matters' });
  if (blind.undetermined.length === 0) return blind;
  // Only what the schema leaves open is worth a question, and a body that has to be read.
  const natures = await naturesOf(project, blind.undetermined);
  const probes = await askProbes(opened, blind.undetermined, asked);
  return identify(project.graph, catalogue, observed, {
    nature: (revision) => natures.get(revision) ?? 'matters',
    probes,
  });
}

/**
 * What the differences come to: drift of a revision that ran beyond doubt, revisions that were left out, or neither.
 *
 * It is drift if, without the objects that differ, the answer would be certain and the same, and each of them passes `judgeDrift`.
 * A revision of which nothing is left was left out; only where it made nothing but indexes does that come to the same.
 */
export async function settle(look: Look, found: Identification): Promise<SettledIdentification> {
  const { opened, catalogue, observed } = look;
  const { graph } = opened.project;
  const known = knownBy(catalogue);
  const { match, differences } = found;
  const isOff = match === 'near' || match === 'none';
  const settled = {
    ...found,
    drift: [],
    doubtful: [],
    hole: null,
    elsewhere: isOff ? elsewhere(known, observed, HOME) : null,
  };
  if (match !== 'near' && match !== 'exact') return settled;
  const halfway = found.foreign.length === 0 ? [] : await stoppedOf(look, found);
  if (differences.length === 0)
    return halfway.length === 0 ? settled : { ...settled, match: 'near', doubtful: halfway };
  const applied = graph.marksOf(found.applied);
  const claim = await diagnoseClaim(look, applied);
  const drift = await judged(look, applied, found);
  const leftOut = await runsOf(look, claim.said.missing);
  const doubtful = [...new Set([...halfway, ...(await doubtfulOf(look, found))])];
  const isWhole = leftOut.length + claim.said.unsettled.length === 0 || match === 'exact';
  const isSure = isWhole && doubtful.length === 0;
  if (isSure && drift.every(({ verdict }) => verdict === 'confirmed') && (await isCertain(look, found)))
    return { ...settled, match: 'drifted', drift };
  const hole = ({ claimed, said, nature }: ToldClaim): Hole | null =>
    holeIn(graph, catalogue, known, observed, claimed, said, nature);
  const ofMarks = claimOfMarks(graph, catalogue, observed);
  // Last, that what makes no more than an index or a constraint ran as well: whoever made that did all that it does.
  const ofAll = async (): Promise<Uint8Array> => {
    const easy = easilyShown(graph, catalogue, observed);
    const whole = await Promise.all(
      easy.map(async (id) => !(await leavesMore(opened.project.revisions.get(id) as Revision))),
    );
    return claimOfMarks(
      graph,
      catalogue,
      observed,
      easy.filter((_, i) => whole[i]),
    );
  };
  return {
    ...settled,
    match: 'near',
    drift,
    doubtful,
    hole:
      hole(claim) ??
      hole(await diagnoseClaim(look, ofMarks)) ??
      hole(await diagnoseClaim(look, await ofAll())),
  };
}

/**
 * The topmost revisions that something foreign speaks against. One that leaves nothing but what facts show is there as a whole,
 * whatever lies about; and what a later statement left shows that what it removed before is gone.
 */
async function stoppedOf(look: Look, { foreign, stamp, differences }: Identification): Promise<string[]> {
  const { opened, catalogue, observed } = look;
  const between = await stoppedBetween(opened.project, catalogue, foreign, stamp);
  const stopped: string[] = [];
  for (const id of new Set([...between, ...removingRenamed(catalogue, observed, stamp)])) {
    const revision = opened.project.revisions.get(id) as Revision;
    if (!(await leavesMore(revision))) continue;
    if (between.includes(id) || !(await removedAll(look, differences, revision))) stopped.push(id);
  }
  return stopped;
}

/** Whether the answer is certain and the same without the objects that differ. */
async function isCertain(look: Look, { differences, stamp }: Identification): Promise<boolean> {
  const objects = new Set(differences.map(({ object }) => object));
  const rest = await identifyWithProbes({ ...look, catalogue: withoutObjects(look.catalogue, objects) });
  return rest.match === 'exact' && [...rest.stamp].sort().join() === [...stamp].sort().join();
}

/**
 * Where somebody changes things by hand, what is absent may be their doing, and so may an index. The topmost revisions have to
 * have left a mark of their own, and one behind all that they removed; or all that they do can be seen, and is there. Those below
 * one that left no mark are asked too.
 */
async function doubtfulOf(look: Look, { stamp, differences }: Identification): Promise<string[]> {
  const { opened, catalogue, observed } = look;
  const { graph, revisions } = opened.project;
  const objects = new Set(differences.map(({ object }) => object));
  const marks = marksOf(catalogue, observed);
  const doubtful: string[] = [];
  const asked = new Set(stamp);
  for (const id of asked) {
    const revision = revisions.get(id) as Revision;
    const before = new Map((catalogue.get(id)?.removes ?? []).map((fact) => [subjectOf(fact), fact]));
    const isMarked = marks(id).some(
      (fact) => !objects.has(subjectOf(fact)) && !wentAlong(before.get(subjectOf(fact)), differences),
    );
    if (isMarked && (await removedAll(look, differences, revision))) continue;
    if (await leavesMore(revision)) doubtful.push(id);
    else if (!isMarked) for (const parent of graph.parentsOf(id)) asked.add(parent);
  }
  return doubtful;
}

/** Whether what a revision removes is gone because it ran. */
async function removedAll(
  { catalogue, observed }: Look,
  differences: Identification['differences'],
  revision: Revision,
): Promise<boolean> {
  const id = revision.revision;
  if ((catalogue.get(id)?.removes ?? []).length === 0) return true;
  const spanOf = await spansOf(revision);
  const one = {
    catalogue,
    observed,
    differences,
    spanOf: (_: string, object: string) => spanOf?.(object) ?? null,
  };
  return unshownRemovals(one, id).length === 0;
}

async function judged(
  { opened: { project }, catalogue, observed }: Look,
  applied: Uint8Array,
  { differences }: Identification,
): Promise<ObjectDrift[]> {
  const { graph, revisions } = project;
  const at = { graph, catalogue, observed, applied, differences };
  const spans = new Map<string, SpanOfObject | null>();
  const objects = new Set(differences.map(({ object }) => object));
  const writing = new Map<string, boolean>();
  const { writers, tops } = groundsOf(at);
  const mayPass = tops.filter((n) => mayName(revisions.get(graph.idOf(n)), objects));
  for (const n of new Set([...writers.values(), ...mayPass])) {
    const id = graph.idOf(n);
    spans.set(id, await spansOf(revisions.get(id) as Revision));
    writing.set(id, await writesRows(revisions.get(id) as Revision));
  }
  for (const { object } of differences)
    for (const id of pendingWriters(at, object))
      writing.set(id, writing.get(id) ?? (await writesRows(revisions.get(id) as Revision)));
  return judgeDrift({
    ...at,
    spanOf: (revision, object) => spans.get(revision)?.(object) ?? null,
    writesRows: (revision) => writing.get(revision) ?? true,
  });
}

/** Of revisions that never ran, those that did more than make indexes. */
async function runsOf({ opened, catalogue }: Look, missing: readonly Finding[]): Promise<string[]> {
  const found: string[] = [];
  for (const { revision } of missing) {
    const { adds = [], removes = [] } = catalogue.get(revision) ?? {};
    const onlyIndexes =
      adds.length > 0 && removes.length === 0 && isPerformanceOnly({ missing: adds, unexpected: [] });
    const file = opened.project.revisions.get(revision) as Revision;
    if (!onlyIndexes || (await leavesMore(file))) found.push(revision);
  }
  return found;
}

/** A claim, and what the facts say of it. */
interface ToldClaim {
  readonly claimed: Uint8Array;
  readonly said: Diagnosis;
  readonly nature: Witnesses['nature'];
}

/** What the facts say of a claim, where no ledger is asked. */
async function diagnoseClaim(look: Look, claimed: Uint8Array): Promise<ToldClaim> {
  const { opened, catalogue, observed, asked } = look;
  const { graph } = opened.project;
  const blind = diagnose(graph, catalogue, observed, claimed, { nature: () => 'matters' });
  const silent = [...blind.undetermined, ...blind.missing.map(({ revision }) => revision)];
  const natures = await naturesOf(opened.project, silent);
  const passing = await passingOf(opened.project, silent);
  const nature: Witnesses['nature'] = (revision) => natures.get(revision) ?? 'matters';
  const said = diagnose(graph, catalogue, observed, claimed, {
    nature,
    probes: await askProbes(opened, blind.undetermined, asked),
    passes: (revision) => passing.has(revision),
  });
  return { claimed, said, nature };
}
