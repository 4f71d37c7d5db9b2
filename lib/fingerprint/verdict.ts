/** How a fact stands to the revision that it is charged to. */
export type Verdict = 'agree' | 'against' | 'changed' | 'waits' | 'softAgree' | 'softAgainst' | 'nothing';

/** Facts per revision, by how they stand to it. */
export type VerdictCounts = { readonly [V in Exclude<Verdict, 'nothing'>]: Int32Array };

export function noCounts(revisions: number): VerdictCounts {
  const counter = (): Int32Array => new Int32Array(revisions);
  return {
    agree: counter(),
    against: counter(),
    changed: counter(),
    waits: counter(),
    softAgree: counter(),
    softAgainst: counter(),
  };
}
