import { agree, counted } from '../errors/words.js';
import type { Finding, WholeDiagnosis } from '../fingerprint/diagnose.js';
import { isExtension } from '../fingerprint/differences.js';
import { type Fact, subjectOf } from '../fingerprint/fact.js';

/** Differences between the version table and the schema, revision by revision. */
export function findingsOf({
  missing,
  undone,
  drift,
  changed,
  unsettled,
  early,
  shapes,
}: WholeDiagnosis): DoctorFinding[] {
  const open = new Set(unsettled);
  const isChanged = new Set(changed.map(({ revision }) => revision));
  const toFinding = (
    code: DoctorFinding['code'],
    finding: Finding,
    what: string | ((told: Reshaped) => string),
  ): DoctorFinding => {
    const reshaped = finding.missing.flatMap((expected) => {
      const found = shapes.get(subjectOf(expected));
      return found === undefined ? [] : [{ expected, found }];
    });
    const said = typeof what === 'string' ? what : what({ ...finding, reshaped });
    return { code, ...finding, reshaped, message: `${finding.revision} ${said}` };
  };
  return [
    ...missing.map((finding) => toFinding('missing', finding, whyMissing(finding))),
    ...unsettled
      .filter((revision) => !isChanged.has(revision))
      .map((revision) => toFinding('unsettled', { revision, missing: [], unexpected: [] }, UNSETTLED)),
    ...changed.map((finding) =>
      open.has(finding.revision)
        ? toFinding(
            'unsettled',
            finding,
            (told) => `${whyChanged(told)}, and the rest is missing, or it follows a revision that never ran`,
          )
        : toFinding('changed', finding, whyChanged),
    ),
    ...undone.map((finding) => toFinding('undone', finding, UNDONE)),
    ...drift.map((finding) => toFinding('drift', finding, whyDrift)),
    ...early.filter(isInTheWay).map((finding) => toFinding('early', finding, whyEarly)),
  ];
}

const UNSETTLED =
  'is in the version table and follows a revision that never ran; the schema does not show whether it ran itself';
const UNDONE =
  'ran here according to the ledger, but its work was taken away: the schema has none of its changes';

/** An extension that is there beforehand, as a provider makes it, is in nobody's way. */
const isInTheWay = ({ unexpected }: Finding): boolean => !unexpected.every(isExtension);

function whyEarly({ unexpected }: Pick<Finding, 'unexpected'>): string {
  const objects = new Set(unexpected.map(subjectOf)).size;
  return `has not run, but ${counted(objects, 'object')} that it makes ${agree(objects, 'is', 'are')} there already: an upgrade may fail there`;
}

type Reshaped = Pick<DoctorFinding, 'missing' | 'unexpected' | 'reshaped'>;

function whyMissing({ missing, unexpected }: Finding): string {
  const facts = missing.length + unexpected.length;
  if (facts === 0) return 'is in the version table, leaves no trace, and follows a revision that never ran';
  return `is claimed, but never ran: the schema has none of its changes (${counted(facts, 'fact')})`;
}

const inOtherShape = ({ reshaped }: Reshaped): string =>
  `${counted(reshaped.length, 'object')} of it ${agree(reshaped.length, 'is', 'are')} there in another shape or under another name`;

const whyChanged = (told: Reshaped): string =>
  `is in the version table; ${inOtherShape(told)}, which does not show whether it ran`;

function whyDrift(told: Reshaped): string {
  const { missing, unexpected, reshaped } = told;
  const isAll =
    reshaped.length > 0 && missing.length === reshaped.length && unexpected.length <= reshaped.length;
  return isAll ? `ran; ${inOtherShape(told)}` : 'ran, but the schema no longer has all of its changes';
}

/** One difference between the version table and the schema. */
export interface DoctorFinding {
  /**
   * `missing`: in the version table, but the schema shows that it never ran · `unsettled`: follows a missing one, leaves
   * no trace and must not run twice · `undone`: it ran, but the schema has none of its changes any more · `drift`: it ran, but the schema no longer has all of its changes · `unclaimed`: in
   * the schema, but not in the version table · `early`: still to run, and some of what it makes is there already · `changed`: what it makes is there in another shape, which does not show whether
   * it ran · `unknown_row`: not one of these revisions · `no_version_table`: tables, but
   * no version table
   */
  readonly code:
    | 'missing'
    | 'unsettled'
    | 'undone'
    | 'drift'
    | 'changed'
    | 'unclaimed'
    | 'early'
    | 'missed'
    | 'unknown_row'
    | 'no_version_table';
  readonly revision: string | null;
  readonly message: string;
  /** Facts that the schema lacks, and facts that it should not have. */
  readonly missing: readonly Fact[];
  readonly unexpected: readonly Fact[];
  /** Of those that are missing: what is there in another shape, or under another name. */
  readonly reshaped: readonly { readonly expected: Fact; readonly found: Fact }[];
}
