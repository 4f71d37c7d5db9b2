import { judge } from '../access/judgement.js';
import { type Opened, withDatabase } from '../access/open.js';
import { type State, stateOf } from '../access/state.js';
import type { DatabaseOptions } from '../config/options.js';
import type { Mend } from '../database/mend/mend.js';
import type { AcceptedDrift } from '../database/tables/accepted-drift.js';
import type { Fact } from '../fingerprint/fact.js';
import { releaseOfRows } from '../project/targets.js';
import { mendsOf } from './drift/mends.js';
import type { FoundState } from './examine.js';
import { type Examination, examine, examinedDrift, foundState } from './examine.js';
import { type DoctorFinding, findingsOf } from './finding.js';

export type { DoctorFinding } from './finding.js';

/** See `doctor`. */
export async function diagnoseDatabase(options: DatabaseOptions): Promise<DoctorResult> {
  return withDatabase(options, async (opened) => {
    const { project, rows } = opened;
    const examined = await examine(opened);
    const { diagnosis, identification: found, unclaimed } = examined;
    const state = await stateOf(opened);
    const claims = rows.some((row) => project.graph.has(row));
    const findings = allFindings(opened, examined, state);
    return {
      ok: findings.length === 0,
      state: foundState(state, examined),
      claimed: rows,
      evidence: claims ? diagnosis.evidence : found.stamp,
      missing: diagnosis.missing.map(({ revision }) => revision),
      undone: diagnosis.undone.map(({ revision }) => revision),
      undetermined: claims ? diagnosis.undetermined : found.undetermined,
      unclaimed,
      release: await releaseOfRows(
        project.graph,
        options.releases,
        claims ? diagnosis.evidence : found.stamp,
      ),
      findings,
      accepted: examined.accepted,
      mends: mendsOf(examined.catalogue, examinedDrift(examined), examined.observed),
      foreign: diagnosis.foreign,
    };
  });
}

/** All that is to be said of a database, as `doctor` and `repair` say it. */
export function allFindings(
  opened: Pick<Opened, 'project' | 'rows' | 'table' | 'record' | 'begun'>,
  { diagnosis, identification: { match, stamp }, unclaimed }: Examination,
  state: State,
): DoctorFinding[] {
  const { rows, table } = opened;
  const { graph } = opened.project;
  const noTable = !table.exists && state !== 'empty';
  return [
    ...rows.filter((row) => !graph.has(row)).map(unknownRow),
    ...findingsOf({ ...diagnosis, early: earlyIn(opened, diagnosis) }),
    ...notRecorded(opened, diagnosis),
    ...(noTable ? [noVersionTable(match, stamp)] : unclaimed.map(notClaimed)),
  ];
}

/** Without what was begun and has not ended: its work stays, and it goes on. Where nothing is claimed nothing is early. */
function earlyIn(
  { project: { graph }, rows, begun }: Parameters<typeof allFindings>[0],
  { early }: Examination['diagnosis'],
): Examination['diagnosis']['early'] {
  if (!rows.some((row) => graph.has(row))) return [];
  const open = new Set(begun.map(({ revision }) => graph.today(revision) ?? revision));
  return early.filter(({ revision }) => !open.has(revision));
}

const bare = { missing: [], unexpected: [], reshaped: [] };

const unknownRow = (row: string): DoctorFinding => ({
  code: 'unknown_row',
  revision: row,
  message: `${row} is in the version table, but is not one of these revisions`,
  ...bare,
});

/** What never ran by the ledger, and of which the schema says nothing else. */
function notRecorded(
  { project: { graph }, rows, record, begun, table }: Parameters<typeof allFindings>[0],
  { missing }: Examination['diagnosis'],
): DoctorFinding[] {
  const told = new Set(missing.map(({ revision }) => revision));
  return judge(graph, { rows, record, begun, table }).missed.flatMap(({ revision }) =>
    told.has(revision)
      ? []
      : [
          {
            code: 'missed' as const,
            revision,
            message: `${revision} is claimed by the version table, but never ran according to the ledger`,
            ...bare,
          },
        ],
  );
}

const notClaimed = (revision: string): DoctorFinding => ({
  code: 'unclaimed',
  revision,
  message: `${revision} is in the schema, but not in the version table: an upgrade would run it again`,
  ...bare,
});

const noVersionTable = (match: string, stamp: readonly string[]): DoctorFinding => ({
  code: 'no_version_table',
  revision: null,
  message:
    match === 'exact' || match === 'drifted'
      ? `the database has tables but no version table; the schema matches ${stamp.join(', ')}${match === 'drifted' ? ', with drift' : ''}`
      : 'the database has tables but no version table, and the schema does not match any revision',
  ...bare,
});

/** The same for a caller that has the database open, under its lock. */
export async function contradictions(
  opened: Pick<Opened, 'project' | 'session' | 'table' | 'rows'>,
): Promise<Examination | null> {
  if (!opened.rows.some((row) => opened.project.graph.has(row))) return null;
  const examined = await examine(opened);
  const { missing, unsettled, undone } = examined.diagnosis;
  return missing.length + unsettled.length + undone.length === 0 ? null : examined;
}

export interface DoctorResult {
  /** True if there are no findings. */
  readonly ok: boolean;
  readonly state: FoundState;
  /** Rows of the version table. */
  readonly claimed: readonly string[];
  /** Rows that the schema proves. */
  readonly evidence: readonly string[];
  /** Revisions that the version table claims and the schema contradicts, parents first. */
  readonly missing: readonly string[];
  /** Revisions that ran according to the ledger, and of which the schema has nothing any more. */
  readonly undone: readonly string[];
  /** Revisions that the version table claims and that leave no evidence. */
  readonly undetermined: readonly string[];
  /** Revisions that are in the schema, but not in the version table. */
  readonly unclaimed: readonly string[];
  readonly release: string | null;
  readonly findings: readonly DoctorFinding[];
  /** What differs as it did when the database was stamped, and was accepted then. It is no finding. */
  readonly accepted: readonly AcceptedDrift[];
  /** Statements that would mend what has drifted, accepted or not, object by object. */
  readonly mends: readonly Mend[];
  /** Objects that no revision touches. They are not findings. */
  readonly foreign: readonly Fact[];
}
