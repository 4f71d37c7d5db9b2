import type { AcceptedDrift } from '../../database/tables/accepted-drift.js';
import type { Finding, WholeDiagnosis } from '../../fingerprint/diagnose.js';
import type { ObjectDrift } from '../../fingerprint/drift/judge.js';

/** What a stamp keeps of the drift that it accepts. */
export function accepting(drift: readonly ObjectDrift[]): AcceptedDrift[] {
  return drift.map(({ object, missing, unexpected, renamed }) => ({
    object,
    missing,
    unexpected: renamed === null ? unexpected : [...unexpected, renamed],
  }));
}

/**
 * A diagnosis without what was accepted: facts that differ as they did when the database was stamped. A revision of which nothing is
 * left is told of as before, unless all of that was accepted.
 */
export function withoutAccepted(
  diagnosis: WholeDiagnosis,
  accepted: readonly AcceptedDrift[],
): { diagnosis: WholeDiagnosis; accepted: readonly AcceptedDrift[] } {
  if (accepted.length === 0) return { diagnosis, accepted };
  const missing = new Set(accepted.flatMap((one) => one.missing));
  const unexpected = new Set(accepted.flatMap((one) => one.unexpected));
  const rest = (finding: Finding): Finding => ({
    ...finding,
    missing: finding.missing.filter((fact) => !missing.has(fact)),
    unexpected: finding.unexpected.filter((fact) => !unexpected.has(fact)),
  });
  const isEmpty = (finding: Finding): boolean => finding.missing.length + finding.unexpected.length === 0;
  const isAccepted = (finding: Finding): boolean => !isEmpty(finding) && isEmpty(rest(finding));
  const settled = diagnosis.missing.filter(isAccepted).map(({ revision }) => revision);
  const shorter = (findings: readonly Finding[]): Finding[] =>
    findings.filter((finding) => !isAccepted(finding)).map(rest);
  const told = [
    ...diagnosis.missing,
    ...diagnosis.undone,
    ...diagnosis.drift,
    ...diagnosis.changed,
    ...diagnosis.early,
  ];
  const facts = new Set(told.flatMap((finding) => [...finding.missing, ...finding.unexpected]));
  return {
    diagnosis: {
      ...diagnosis,
      missing: diagnosis.missing.filter(({ revision }) => !settled.includes(revision)),
      undone: shorter(diagnosis.undone),
      drift: shorter(diagnosis.drift),
      changed: shorter(diagnosis.changed),
      early: shorter(diagnosis.early),
    },
    accepted: accepted.filter((one) => [...one.missing, ...one.unexpected].some((fact) => facts.has(fact))),
  };
}
