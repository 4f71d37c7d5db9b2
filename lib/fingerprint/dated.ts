import type { Effect } from './contested.js';
import { isComment, subjectOf } from './fact.js';
import { tableOf } from './partitions.js';
import { partsOf } from './remade.js';

/**
 * Objects whose names hold the date of the day on which a graph was replayed, and that no text names: `log_2026_01`, `part_20260131`. The
 * next replay makes others, and so did every database that ran the revision on another day: such a name is no evidence.
 *
 * @param text all that a revision runs, in which a name may stand as it is
 */
export function datedNames(
  effects: ReadonlyMap<string, Effect>,
  today: Date,
  text: (revision: string) => string,
): Set<string> {
  const date = datePattern(today);
  const found = new Set<string>();
  for (const [revision, { adds, removes }] of effects) {
    const written = text(revision).toLowerCase();
    for (const fact of [...adds, ...removes]) {
      const isMade = (name: string): boolean => date.test(name) && !written.includes(name.toLowerCase());
      if (!isComment(fact) && partsOf(fact).names.some(isMade)) found.add(subjectOf(fact));
    }
  }
  return found;
}

/** Yesterday and tomorrow too: the clock of a server may stand in another zone. */
function datePattern(today: Date): RegExp {
  const days = [-1, 0, 1].map((shift) => new Date(today.getTime() + shift * 86_400_000));
  const forms = days.flatMap((day) => {
    const [year, month, date] = day.toISOString().slice(0, 10).split('-');
    return ['', '_', '-'].flatMap((sep) => [`${year}${sep}${month}${sep}${date}`, `${year}${sep}${month}`]);
  });
  // What goes on with digits is another number.
  return new RegExp(`(?<!\\d)(?:${[...new Set(forms)].join('|')})(?!\\d)`);
}

/**
 * Objects that a revision made or dropped and whose names no text has: where it may make names by the clock or by chance, they are
 * made so. A name that the server makes from that of a table counts as the table's does.
 *
 * @param isWritten whether a name stands in a text that has run
 */
export function unwrittenNames({ adds, removes }: Effect, isWritten: (name: string) => boolean): Set<string> {
  const found = new Set<string>();
  for (const fact of [...adds, ...removes]) {
    if (isComment(fact)) continue;
    const { kind, names } = partsOf(fact);
    const owner = tableOf(fact)?.split('.').at(-1);
    const isServers = kind === 'index' && SERVERS.test(names[1] ?? '');
    const asked = isServers ? [names[0], owner?.replaceAll('"', '')] : [names[0], names[1]];
    if (asked.some((name) => name !== undefined && name !== 'public' && !isWritten(name)))
      found.add(subjectOf(fact));
  }
  return found;
}

/** How names of indexes end where nobody gave one. */
const SERVERS = /_(?:idx|key|pkey|excl)\d*$/;
