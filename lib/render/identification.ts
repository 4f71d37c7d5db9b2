import type { Identification } from '../fingerprint/identify.js';
import { type Paint, PLAIN } from './lists.js';
import { excerpt, factsDiffer, list, onTrustText } from './words.js';

const SHOWN_FACTS = 8;

const MATCHES: { readonly [M in Identification['match']]: string } = {
  exact: 'the schema matches',
  ambiguous:
    'the schema matches, but it does not show whether these revisions ran, and they must not run twice:',
  near: 'the schema does not match any revision; the nearest is',
  none: 'the database is not empty, but it has nothing that these revisions create',
  empty: 'the database is empty',
};

interface Shown extends Omit<Identification, 'candidates'> {
  readonly state?: string;
  readonly claimed?: readonly string[];
  readonly release?: string | null;
  readonly candidates: readonly ShownCandidate[];
}

type ShownCandidate = Identification['candidates'][number] & { readonly release?: string | null };

const releaseText = (release: string | null | undefined): string =>
  release == null ? '' : ` (release ${release})`;

/** What `identify` found, for people. */
export function identificationText(found: Shown, paint: Paint = PLAIN): string {
  const { match, stamp, undetermined, unsettled, willRun, candidates, foreign } = found;
  const named =
    match === 'none' || match === 'empty'
      ? ''
      : ` ${list((match === 'ambiguous' ? unsettled : stamp).map((id) => paint.id(id)))}`;
  const said =
    match === 'none' && found.overlaps
      ? 'the schema does not match any revision'
      : `${MATCHES[match]}${named}`;
  const lines = [`${said}${match === 'exact' ? releaseText(found.release) : ''}`];
  if (found.state === 'contradicted')
    lines.push(
      `${paint.bad('contradicted')}: the version table has ${list((found.claimed ?? []).map((id) => paint.id(id)))}; see \`revgraph doctor\``,
    );
  if (undetermined.length > 0) lines.push(`no evidence either way: ${list(undetermined)}`);
  if (match === 'exact') lines.push(`an upgrade would run ${willRun.length}: ${list(willRun) || 'nothing'}`);
  else for (const candidate of candidates) lines.push(...candidateLines(candidate, paint));
  if (match === 'exact' && found.onTrust.length > 0)
    lines.push(`on trust, because no schema shows it: ${onTrustText(found.onTrust)}`);
  if (foreign.length > 0)
    lines.push(
      `foreign: ${foreign.length}, ${list(
        foreign.map((fact) => excerpt(fact, 60)),
        4,
      )}`,
    );
  return lines.join('\n');
}

function candidateLines(
  { stamp, missing, unexpected, score, release }: ShownCandidate,
  paint: Paint,
): string[] {
  const facts = [
    ...missing.map((fact) => `${paint.bad('-')} ${excerpt(fact)}`),
    ...unexpected.map((fact) => `${paint.good('+')} ${excerpt(fact)}`),
  ];
  const more = facts.length > SHOWN_FACTS ? [`  … ${facts.length - SHOWN_FACTS} more`] : [];
  return [
    `candidate ${list(stamp.map((id) => paint.id(id)))}${releaseText(release)}: ${factsDiffer(score)}`,
    ...facts.slice(0, SHOWN_FACTS).map((f) => `  ${f}`),
    ...more,
  ];
}
