import { holeAdvice } from '../errors/evidence-sentences.js';
import type { Hole } from '../fingerprint/drift/holes.js';
import type { SettledIdentification } from '../fingerprint/drift/settled.js';
import { type Paint, PLAIN } from './lists.js';
import {
  agree,
  counted,
  differenceText,
  driftDoubt,
  excerpt,
  factsDiffer,
  list,
  onTrustText,
} from './words.js';

const SHOWN_FACTS = 8;

const MATCHES: { readonly [M in Exclude<SettledIdentification['match'], 'drifted'>]: string } = {
  exact: 'the schema matches',
  ambiguous:
    'the schema matches, but it does not show whether these revisions ran, and they must not run twice:',
  near: 'the schema does not match any revision; the nearest is',
  none: 'the database is not empty, but it has nothing that these revisions create',
  empty: 'the database is empty',
};

interface Shown extends Omit<SettledIdentification, 'candidates'> {
  readonly state?: string;
  readonly claimed?: readonly string[];
  readonly release?: string | null;
  readonly candidates: readonly ShownCandidate[];
}

type ShownCandidate = SettledIdentification['candidates'][number] & { readonly release?: string | null };

const releaseText = (release: string | null | undefined): string =>
  release == null ? '' : ` (release ${release})`;

/** What `identify` found, for people. */
export function identificationText(found: Shown, paint: Paint = PLAIN): string {
  const { match, undetermined, willRun, candidates, foreign, early } = found;
  const isKnown = match === 'exact' || match === 'drifted';
  const lines = firstLines(found, paint);
  if (found.elsewhere !== null)
    lines.push(
      `the tables of these revisions are in the schema ${found.elsewhere}, and not where the catalogue describes them`,
    );
  if (found.state === 'contradicted')
    lines.push(
      `${paint.bad('contradicted')}: the version table has ${list((found.claimed ?? []).map((id) => paint.id(id)))}; see \`revgraph doctor\``,
    );
  if (undetermined.length > 0) lines.push(`no evidence either way: ${list(undetermined)}`);
  if (isKnown) lines.push(`an upgrade would run ${willRun.length}: ${list(willRun) || 'nothing'}`);
  else for (const candidate of candidates) lines.push(...candidateLines(candidate, paint));
  if (match === 'near') lines.push(...doubtLines(found));
  if (isKnown && found.onTrust.length > 0)
    lines.push(`on trust, because no schema shows it: ${onTrustText(found.onTrust)}`);
  if (early.length > 0)
    lines.push(`there beforehand: ${list(early)}, which only revisions make that are still to run`);
  if (foreign.length > 0)
    lines.push(
      `foreign: ${foreign.length}, ${list(
        foreign.map((fact) => excerpt(fact, 60)),
        4,
      )}`,
    );
  const next = nextStep(found);
  return [...lines, ...(next === null ? [] : [`→ ${next}`])].join('\n');
}

/** What to do about a database without a version table that is nearly known. */
function nextStep({ match, drift, hole, claimed = [] }: Shown): string | null {
  if (claimed.length > 0) return null;
  if (hole !== null) return holeAdvice(hole);
  if (match !== 'drifted') return null;
  const accepted = drift.every(({ performanceOnly }) => performanceOnly) ? '' : ' --accept-drift';
  return `Stamp it as it is with \`revgraph stamp --auto${accepted}\`. To mend it, see the statements with \`revgraph doctor --sql\`, and run them with \`revgraph repair --drift\`.`;
}

/** What it is, in one line, or one for each object that differs. */
function firstLines(found: Shown, paint: Paint): string[] {
  const { match, stamp, unsettled, hole, release } = found;
  const ids = (of: readonly string[]): string => list(of.map((id) => paint.id(id)));
  if (match === 'drifted')
    return driftLines(found, `${release == null ? ids(stamp) : `v${release} (${ids(stamp)})`}`);
  if (hole !== null) return [holeText(hole, ids)];
  if (match === 'none' && found.overlaps) return ['the schema does not match any revision'];
  const named =
    match === 'none' || match === 'empty' ? '' : ` ${ids(match === 'ambiguous' ? unsettled : stamp)}`;
  return [`${MATCHES[match]}${named}${match === 'exact' ? releaseText(release) : ''}`];
}

function driftLines({ drift }: Shown, what: string): string[] {
  const said = drift.map(differenceText);
  const head = `${what}, with ${counted(drift.length, 'drift')}:`;
  return said.length === 1 ? [`${head} ${said[0]}`] : [head, ...said.map((line) => `  ${line}`)];
}

function holeText({ stamp, without, unsettled }: Hole, ids: (of: readonly string[]) => string): string {
  const open = unsettled.length === 0 ? '' : `; the schema does not show whether ${list(unsettled)} ran`;
  return `${ids(stamp)}, without ${ids(without)}: the schema has nothing of ${agree(without.length, 'it', 'them')}, and all of the rest${open}`;
}

/** Why the differences of the nearest are no drift that can be accepted. */
function doubtLines({ drift, doubtful, hole }: Shown): string[] {
  if (hole !== null) return [];
  const open = doubtful.map((id) => `  what shows that ${id} ran to its end may have been done by hand`);
  const doubts = drift.flatMap((one) => {
    const doubt = driftDoubt(one);
    return doubt === '' ? [] : [`  ${differenceText(one)}: ${doubt}`];
  });
  const all = [...open, ...doubts];
  if (all.length === 0) return [];
  const more = all.length > SHOWN_FACTS ? [`  … ${all.length - SHOWN_FACTS} more`] : [];
  return ['it is not the nearest with some drift, because:', ...all.slice(0, SHOWN_FACTS), ...more];
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
