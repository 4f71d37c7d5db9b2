import type { Catalogue } from '../fingerprint/catalogue.js';
import type { Diagnosis, Finding } from '../fingerprint/diagnose.js';
import type { DoctorFinding, DoctorResult } from './doctor.js';
import { type Examined, examine, foundState } from './examine.js';
import { type Opened, withDatabase } from './open.js';
import type { DatabaseOptions } from './options.js';
import { releaseOfRows } from './release-name.js';
import { stateOf } from './state.js';

/** See `doctor`. */
export async function examineDatabase(options: DatabaseOptions): Promise<DoctorResult> {
  return withDatabase(options, async (opened) => {
    const { project, rows } = opened;
    const examined = await examine(opened);
    const { diagnosis, identification: found, unclaimed } = examined;
    const state = await stateOf(opened);
    const claims = rows.some((row) => project.graph.has(row));
    const findings = [
      ...rows.filter((row) => !project.graph.has(row)).map(unknownRow),
      ...findingsOf(diagnosis),
      ...(state === 'legacy' ? [noVersionTable(found.match, found.stamp)] : unclaimed.map(notClaimed)),
    ];
    return {
      ok: findings.length === 0,
      state: foundState(state, examined),
      claimed: rows,
      evidence: claims ? diagnosis.evidence : found.stamp,
      missing: diagnosis.missing.map(({ revision }) => revision),
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

/** What contradicts the rows, revision by revision. */
export function findingsOf({ missing, drift, unsettled }: Diagnosis): DoctorFinding[] {
  return [
    ...missing.map((finding) => told('missing', finding, whyMissing(finding))),
    ...unsettled.map((revision) =>
      told(
        'unsettled',
        { revision, missing: [], unexpected: [] },
        'is claimed and stands on one that never ran; whether it ran itself leaves no trace',
      ),
    ),
    ...drift.map((finding) => told('drift', finding, 'has run, but not all is as it left it')),
  ];
}

function whyMissing({ missing, unexpected }: Finding): string {
  const facts = missing.length + unexpected.length;
  if (facts === 0) return 'is claimed, leaves no trace, and stands on one that never ran';
  return `is claimed, but never ran: nothing of what it did is there (${facts} ${facts === 1 ? 'fact' : 'facts'})`;
}

function told(code: DoctorFinding['code'], finding: Finding, what: string): DoctorFinding {
  return { code, ...finding, message: `${finding.revision} ${what}` };
}

const bare = { missing: [], unexpected: [] };

const unknownRow = (row: string): DoctorFinding => ({
  code: 'unknown_row',
  revision: row,
  message: `${row} stands in the version table, but in none of these revisions`,
  ...bare,
});

const notClaimed = (revision: string): DoctorFinding => ({
  code: 'unclaimed',
  revision,
  message: `${revision} is in the schema, but the version table does not claim it: an upgrade would run it again`,
  ...bare,
});

const noVersionTable = (match: string, stamp: readonly string[]): DoctorFinding => ({
  code: 'no_version_table',
  revision: null,
  message:
    match === 'exact'
      ? `there are tables but no version table; the schema is that of ${stamp.join(', ')}`
      : 'there are tables but no version table, and the schema is that of no revision',
  ...bare,
});

/** The same for a caller that has the database open, under its lock. */
export async function contradictions(
  opened: Pick<Opened, 'project' | 'session' | 'table' | 'rows'>,
  catalogue?: Catalogue,
): Promise<Examined | null> {
  if (!opened.rows.some((row) => opened.project.graph.has(row))) return null;
  const examined = await examine(opened, { catalogue });
  const { missing, unsettled } = examined.diagnosis;
  return missing.length + unsettled.length === 0 ? null : examined;
}
