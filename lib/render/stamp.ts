import { list } from './words.js';

/** What a stamp does beside moving rows, a line each; none for a plain one. */
export function stampConsequences({
  forgets,
  runsAgain,
  neverRan,
}: {
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
  ];
}
