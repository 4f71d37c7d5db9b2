import { type Paint, PLAIN } from './lists.js';
import { list } from './words.js';

/** What a stamp does beside moving rows, a line each; none for a plain one. */
export function stampConsequences({
  forgets,
  runsAgain,
  neverRan,
  halfDone = [],
}: {
  readonly halfDone?: readonly string[];
  readonly forgets: readonly string[];
  readonly runsAgain: readonly string[];
  readonly neverRan: readonly string[];
}): string[] {
  const line = (ids: readonly string[], what: string): string[] =>
    ids.length === 0 ? [] : [`${list(ids)}: ${what}`];
  return [
    ...line(forgets, 'no file has it, and its row goes'),
    ...line(runsAgain, 'ran here, and the next upgrade runs it again'),
    ...line(neverRan, 'never ran here, and counts as applied'),
    ...line(halfDone, 'a step of it did not come to its end, and nothing goes on with it'),
  ];
}

const DECIDED = {
  edited: 'counts as it is now',
  missed: 'counts as applied, and will not run',
  unknown: 'is forgotten, and its row is gone',
} as const;

/** A decision that was written into the ledger, or would be. */
export function decisionText(
  {
    revision,
    was,
    to,
    why,
    dryRun,
  }: {
    readonly revision: string;
    readonly was: keyof typeof DECIDED;
    readonly to: readonly string[];
    readonly why: string;
    readonly dryRun: boolean;
  },
  paint: Paint = PLAIN,
): string {
  return [
    `${dryRun ? 'dry run: ' : ''}${paint.id(revision)} (${was}) ${DECIDED[was]}: ${why}`,
    // What the run asks about first.
    ...(dryRun && was === 'unknown' ? ['Code that has it will run it again.'] : []),
    list(to.map(paint.id)) || 'base',
  ].join('\n');
}

/** That a revision is to be tried again, and where it goes on. */
export function retryText(
  {
    revision,
    was,
    finished,
    next,
    dryRun,
  }: {
    readonly revision: string;
    readonly next: string;
    readonly was: string;
    readonly finished: number | null;
    readonly dryRun: boolean;
  },
  paint: Paint = PLAIN,
): string {
  const from = finished === null ? '' : ` from statement ${finished + 1}`;
  return `${dryRun ? 'dry run: ' : ''}${paint.id(revision)} (${was}) is to be tried again${from}: \`${next}\` does it`;
}
