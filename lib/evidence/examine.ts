import type { Opened } from '../access/open.js';
import type { State } from '../access/state.js';
import { type AcceptedDrift, readAcceptedDrift } from '../database/tables/accepted-drift.js';
import { doneRevisions } from '../database/tables/last-entries.js';
import { type Catalogue, madeEarly } from '../fingerprint/catalogue.js';
import { comparable } from '../fingerprint/comparable.js';
import { type ClaimWitnesses, diagnose, type Finding, type WholeDiagnosis } from '../fingerprint/diagnose.js';
import type { ObjectDifference } from '../fingerprint/differences.js';
import type { SettledIdentification } from '../fingerprint/drift/settled.js';
import type { Snapshot } from '../fingerprint/fact.js';
import { fittingCatalogue } from './catalogue-fit.js';
import { withoutAccepted } from './drift/accepted.js';
import { driftOf } from './drift/mends.js';
import { identifyFacts, observe } from './observe.js';
import { askProbes, naturesOf, type ProbeAnswers, passingOf } from './probes.js';

/** What the rows claim, and what the schema says of it. */
export interface Examination {
  readonly catalogue: Catalogue;
  readonly observed: Snapshot;
  /** Marks of the revisions that the rows include. */
  readonly claimed: Uint8Array;
  /** Revisions that the schema has and the rows do not claim. */
  readonly unclaimed: readonly string[];
  /** What the schema says, whatever the rows say. */
  readonly identification: SettledIdentification;
  /** Without what was accepted. */
  readonly diagnosis: WholeDiagnosis;
  /** What still differs as it did when the database was stamped, and was accepted then. */
  readonly accepted: readonly AcceptedDrift[];
  /** Facts of what revisions that are still to run make, accepted or not: nothing of it is mended. */
  readonly early: Snapshot;
}

/**
 * Judges the version table of a database that is open.
 * @param known.settled answers of the user's: true for a revision that is held to have run, false for one that never did
 * @param known.catalogue default: the one beside the revisions, which then must fit them
 */
export async function examine(
  opened: Pick<Opened, 'project' | 'session' | 'table' | 'rows'> & Partial<Pick<Opened, 'emit'>>,
  known: {
    readonly answers?: ReadonlyMap<string, boolean>;
    readonly catalogue?: Catalogue | undefined;
  } = {},
): Promise<Examination> {
  const { project, session, table, rows } = opened;
  const { graph } = project;
  const catalogue = known.catalogue ?? (await fittingCatalogue(project));
  const observed = comparable(catalogue, await observe(opened));
  const claimed = graph.closureOf(rows);
  // What the rows don't claim may be there all the same, and have changed what they do.
  const asked: ProbeAnswers = new Map();
  const identification = await identifyFacts(opened, catalogue, observed, asked);
  const { applied } = identification;
  const judged = graph.closureOf([...rows, ...applied]);
  const within = (ids: readonly string[]) => ids.filter((id) => claimed[graph.numberOf(id) as number] === 1);
  const blind = diagnose(graph, catalogue, observed, judged, { nature: () => 'matters' });
  const clean = blind.missing.length + blind.unsettled.length === 0;
  // Only where the schema leaves something open there is a question to be asked, and a body to be read.
  const silent = [
    ...blind.undetermined,
    ...blind.missing.flatMap((one) => (isSilent(one) ? [one.revision] : [])),
  ];
  const natures = clean ? new Map() : await naturesOf(project, silent);
  const passing = clean ? new Set() : await passingOf(project, silent);
  const probes = await askProbes(opened, blind.undetermined, asked);
  const recorded = (clean ? null : await doneRevisions(session, table)) ?? new Set<string>();
  const hearing: ClaimWitnesses = {
    nature: (revision) => natures.get(revision) ?? 'matters',
    probes: new Map([...probes, ...(known.answers ?? [])]),
    recorded,
    passes: (revision) => passing.has(revision),
  };
  const all: WholeDiagnosis = {
    ...diagnose(graph, catalogue, observed, judged, hearing),
    early: [...madeEarly(graph, catalogue, observed, judged)].map(([revision, unexpected]) => ({
      revision,
      missing: [],
      unexpected,
    })),
  };
  const told = withoutAccepted(
    all,
    clean && all.drift.length + all.changed.length + all.early.length === 0
      ? []
      : await readAcceptedDrift(session, table),
  );
  const isClaimed = ({ revision }: Finding): boolean => within([revision]).length > 0;
  const diagnosis = {
    ...told.diagnosis,
    missing: told.diagnosis.missing.filter(isClaimed),
    undone: told.diagnosis.undone.filter(isClaimed),
    changed: told.diagnosis.changed.filter(isClaimed),
    undetermined: within(all.undetermined),
    unsettled: within(all.unsettled),
  };
  const unclaimed = applied.filter((id) => within([id]).length === 0);
  const early = new Set(all.early.flatMap(({ unexpected }) => unexpected));
  const { accepted } = told;
  return { catalogue, observed, claimed, unclaimed, identification, diagnosis, accepted, early };
}

/** The objects that differ where revisions ran: from the rows, or, where there are none, from what the schema is nearest to. */
export function examinedDrift({
  claimed,
  identification,
  diagnosis,
  accepted,
  early,
}: Examination): ObjectDifference[] {
  const mendable = accepted.filter(({ unexpected }) => !unexpected.some((fact) => early.has(fact)));
  if (claimed.includes(1)) return driftOf(diagnosis, mendable);
  return identification.match === 'drifted' ? [...identification.drift] : [];
}

/** Struck for what it stands on, not for facts of its own. */
const isSilent = ({ missing, unexpected }: Finding): boolean => missing.length + unexpected.length === 0;

/** The state of a database whose schema was looked at. */
export function foundState(state: State, { identification, diagnosis }: Examination): FoundState {
  if (diagnosis.missing.length + diagnosis.unsettled.length > 0) return 'contradicted';
  const isKnown = identification.match === 'exact' || identification.match === 'drifted';
  return state === 'legacy' && !isKnown ? 'unidentified' : state;
}

/**
 * A state that also considers the schema. `contradicted`: the schema contradicts the version table · `unidentified`: no version
 * table, and the schema does not match a revision
 */
export type FoundState = State | 'contradicted' | 'unidentified';
