import { type Opened, withDatabase } from '../access/open.js';
import { stateOf } from '../access/state.js';
import type { DatabaseOptions } from '../config/options.js';
import { counted } from '../errors/words.js';
import type { Catalogue } from '../fingerprint/catalogue.js';
import type { Diagnosis, Finding } from '../fingerprint/diagnose.js';
import type { Fact } from '../fingerprint/fact.js';
import { releaseOfRows } from '../project/targets.js';
import type { FoundState } from './examine.js';
import { type Examination, examine, foundState } from './examine.js';

/** See `doctor`. */
export async function diagnoseDatabase(options: DatabaseOptions): Promise<DoctorResult> {
  return withDatabase(options, async (opened) => {
    const { project, rows } = opened;
    const examined = await examine(opened);
    const { diagnosis, identification: found, unclaimed } = examined;
    const state = await stateOf(opened);
    const noTable = !opened.table.exists && state !== 'empty';
    const claims = rows.some((row) => project.graph.has(row));
    const findings = [
      ...rows.filter((row) => !project.graph.has(row)).map(unknownRow),
      ...findingsOf(diagnosis),
      ...(noTable ? [noVersionTable(found.match, found.stamp)] : unclaimed.map(notClaimed)),
    ];
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
      foreign: diagnosis.foreign,
    };
  });
}

/** Differences between the version table and the schema, revision by revision. */
export function findingsOf({ missing, undone, drift, unsettled }: Diagnosis): DoctorFinding[] {
  return [
    ...missing.map((finding) => findingOf('missing', finding, whyMissing(finding))),
    ...unsettled.map((revision) =>
      findingOf(
        'unsettled',
        { revision, missing: [], unexpected: [] },
        'is in the version table and follows a revision that never ran; the schema does not show whether it ran itself',
      ),
    ),
    ...undone.map((finding) =>
      findingOf(
        'undone',
        finding,
        'ran here according to the ledger, but its work was taken away: the schema has none of its changes',
      ),
    ),
    ...drift.map((finding) =>
      findingOf('drift', finding, 'ran, but the schema no longer has all of its changes'),
    ),
  ];
}

function whyMissing({ missing, unexpected }: Finding): string {
  const facts = missing.length + unexpected.length;
  if (facts === 0) return 'is in the version table, leaves no trace, and follows a revision that never ran';
  return `is claimed, but never ran: the schema has none of its changes (${counted(facts, 'fact')})`;
}

function findingOf(code: DoctorFinding['code'], finding: Finding, what: string): DoctorFinding {
  return { code, ...finding, message: `${finding.revision} ${what}` };
}

const bare = { missing: [], unexpected: [] };

const unknownRow = (row: string): DoctorFinding => ({
  code: 'unknown_row',
  revision: row,
  message: `${row} is in the version table, but is not one of these revisions`,
  ...bare,
});

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
    match === 'exact'
      ? `the database has tables but no version table; the schema matches ${stamp.join(', ')}`
      : 'the database has tables but no version table, and the schema does not match any revision',
  ...bare,
});

/** The same for a caller that has the database open, under its lock. */
export async function contradictions(
  opened: Pick<Opened, 'project' | 'session' | 'table' | 'rows'>,
  catalogue?: Catalogue,
): Promise<Examination | null> {
  if (!opened.rows.some((row) => opened.project.graph.has(row))) return null;
  const examined = await examine(opened, { catalogue });
  const { missing, unsettled, undone } = examined.diagnosis;
  return missing.length + unsettled.length + undone.length === 0 ? null : examined;
}

/** One difference between the version table and the schema. */
export interface DoctorFinding {
  /**
   * `missing`: in the version table, but the schema shows that it never ran · `unsettled`: follows a missing one, leaves
   * no trace and must not run twice · `undone`: it ran, but the schema has none of its changes any more · `drift`: it ran, but the schema no longer has all of its changes · `unclaimed`: in
   * the schema, but not in the version table · `unknown_row`: not one of these revisions · `no_version_table`: tables, but
   * no version table
   */
  readonly code:
    | 'missing'
    | 'unsettled'
    | 'undone'
    | 'drift'
    | 'unclaimed'
    | 'unknown_row'
    | 'no_version_table';
  readonly revision: string | null;
  readonly message: string;
  /** Facts that the schema lacks, and facts that it should not have. */
  readonly missing: readonly Fact[];
  readonly unexpected: readonly Fact[];
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
  /** Objects that no revision touches. They are not findings. */
  readonly foreign: readonly Fact[];
}
