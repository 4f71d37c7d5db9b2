import type { EvidenceDetails } from './evidence-details.js';
import { lines, olderProduct, type Sentence } from './sentence.js';
import { agree, counted, differenceText, excerpt, factsDiffer, list, shellWord } from './words.js';

type Unidentified = EvidenceDetails['unidentified'];

/** What the schema does not prove. */
export const EVIDENCE_SENTENCES: {
  readonly [C in keyof EvidenceDetails]: (details: EvidenceDetails[C]) => Sentence;
} = {
  unproven: ({ revision, differences }) => ({
    message: lines([
      `After ${revision}, ${counted(differences.length, 'object')} would not be as the catalogue has ${agree(differences.length, 'it', 'them')}:`,
      ...differences.slice(0, SHOWN).map(differenceText),
    ]),
    hint: 'If the catalogue is wrong, rebuild it with `revgraph catalogue build`. To go on all the same, use `revgraph upgrade --prove warn`.',
  }),
  baseline_refused: ({ reason, way }) => ({
    message: `The baseline can't be made: ${reason}${reason.endsWith('.') ? '' : '.'}`,
    hint: way,
  }),
  baseline_differs: ({ missing, unexpected }) => ({
    message: lines([
      'The baseline does not end in the schema of the database, and was not written:',
      ...missing.slice(0, SHOWN).map((line) => `only in the database: ${excerpt(line)}`),
      ...unexpected.slice(0, SHOWN).map((line) => `only in the baseline: ${excerpt(line)}`),
    ]),
    hint: 'Somebody may have changed the schema since the dump was made: try again. If versions or extensions differ, name a server of the same kind with --on.',
  }),
  squash_refused: ({ range, reason }) => ({
    message: `${range === '' ? 'The range' : JSON.stringify(range)} can't be squashed: ${reason}.`,
    hint: 'See the revisions and what they lead to with `revgraph history`.',
  }),
  squash_differs: ({ missing, unexpected, rows, values }) => ({
    message: lines([
      'The squash does not end in what its revisions end in, and was not written:',
      ...missing.slice(0, SHOWN).map((line) => `only without it: ${excerpt(line)}`),
      ...unexpected.slice(0, SHOWN).map((line) => `only with it: ${excerpt(line)}`),
      ...rows
        .slice(0, SHOWN)
        .map(
          ({ table, before, after }) =>
            `rows of ${table}: ${before ?? 'none'} without it, ${after ?? 'none'} with it`,
        ),
      ...values.slice(0, SHOWN).map((name) => `${name} has other values`),
    ]),
    hint: 'Code and batches are left out of a squash. Squash a shorter range, or write that part in SQL as a revision first.',
  }),
  unidentified: (details) =>
    details.match === 'drifted'
      ? drifted(details)
      : details.hole !== null
        ? withHole(details.hole)
        : other(details),
};

function other({ match, candidates, unsettled, squashes }: Unidentified): Sentence {
  return {
    message: lines([
      match === 'ambiguous'
        ? `The schema matches, but it does not show whether ${list(unsettled)} ran. Nothing was written:`
        : match === 'none' && candidates.length === 0
          ? 'The database has tables, but none of these revisions created them. Nothing was written.'
          : 'The schema does not match any revision. Nothing was written. The nearest are:',
      ...candidates.flatMap(({ stamp, missing, unexpected, score }) => [
        `${list(stamp)}: ${factsDiffer(score)}`,
        ...missing.slice(0, 3).map((fact) => `  - ${excerpt(fact)}`),
        ...unexpected.slice(0, 3).map((fact) => `  + ${excerpt(fact)}`),
      ]),
    ]),
    hint:
      match === 'ambiguous'
        ? 'Add a @probe to the revision, or @idempotent if it may run twice. Or stamp a revision by name with --reason.'
        : squashes.length > 0
          ? `If it is older than ${list(squashes.map(({ squash }) => squash))}, first upgrade it with ${olderProduct(squashes[0]?.release ?? null)}, up to ${squashes[0]?.last}. See all differences with \`revgraph identify\`.`
          : 'See all differences with `revgraph identify`. To decide without evidence, use `revgraph stamp REVISION --reason "…" --yes`.',
  };
}

const SHOWN = 8;

function drifted({ candidates, drift }: Unidentified): Sentence {
  const more = drift.length > SHOWN ? [`… ${drift.length - SHOWN} more`] : [];
  return {
    message: lines([
      `The schema matches ${list(candidates[0]?.stamp ?? [])}, with ${counted(drift.length, 'drift')}. Nothing was written:`,
      ...drift.slice(0, SHOWN).map(differenceText),
      ...more,
    ]),
    hint: 'Print the statements that mend it with `revgraph doctor --sql`, or accept it with `revgraph stamp --auto --accept-drift`.',
  };
}

function withHole({ stamp, without, unsettled }: NonNullable<Unidentified['hole']>): Sentence {
  const open =
    unsettled.length === 0 ? [] : [`The schema does not show whether these ran: ${list(unsettled)}.`];
  return {
    message: lines([
      `The schema is that of ${list(stamp)} without ${list(without)}. Nothing was written.`,
      ...open,
    ]),
    hint: holeAdvice({ stamp, without }),
  };
}

/** How a database gets the revisions that were left out. */
export function holeAdvice({
  stamp,
  without,
}: {
  readonly stamp: readonly string[];
  readonly without: readonly string[];
}): string {
  const reason = shellWord(`all but ${list(without)}`);
  return `Stamp it with \`revgraph stamp ${stamp.map(shellWord).join(' ')} --reason ${reason} --yes\`, then run what was left out with \`revgraph repair\`. That runs ${agree(without.length, 'it', 'them')} and nothing else.`;
}
