import parse from 'yargs-parser';
import { shellWord } from '../lib/render/words.js';
import { type Globals, PARSER_CONFIGURATION, type RunFlags } from './globals.js';

/** Where a command acts, as far as the command line says it. The environment and the default files say it again. */
export type Place = Partial<
  Pick<Globals, 'revisions' | 'config' | 'url' | 'schema' | 'role' | 'versionTable'> &
    Pick<RunFlags, 'unknownRows' | 'missed'>
>;

const FLAGS = {
  revisions: 'revisions',
  config: 'config',
  url: 'url',
  schema: 'schema',
  role: 'role',
  versionTable: 'version-table',
  unknownRows: 'unknown-rows',
  missed: 'missed',
} as const satisfies { readonly [K in keyof Required<Place>]: string };

type Part = keyof Place;

const FILES: readonly Part[] = ['revisions', 'config'];
const TABLES: readonly Part[] = [...FILES, 'schema', 'versionTable'];
const DATABASE: readonly Part[] = [...FILES, 'url', 'schema', 'role', 'versionTable'];
/** What goes on with a run is refused what the run was allowed, unless it says so again. */
const RUN: readonly Part[] = [...DATABASE, 'unknownRows', 'missed'];

/** What of a place each verb makes use of. Every option is read by every verb, but not heeded: `heads` asks no database. */
export const HEEDED: Readonly<Record<string, readonly Part[]>> = {
  init: ['revisions'],
  revision: FILES,
  merge: FILES,
  baseline: DATABASE,
  squash: FILES,
  heads: FILES,
  bases: FILES,
  branches: FILES,
  history: FILES,
  show: FILES,
  check: FILES,
  catalogue: FILES,
  matrix: TABLES,
  facts: ['config', 'url', 'schema', 'role', 'versionTable'],
  current: DATABASE,
  status: DATABASE,
  preflight: DATABASE,
  upgrade: RUN,
  downgrade: DATABASE,
  undo: DATABASE,
  switch: DATABASE,
  stamp: DATABASE,
  identify: DATABASE,
  doctor: DATABASE,
  repair: DATABASE,
  verify: DATABASE,
  boot: RUN,
  backfill: DATABASE,
  accept: DATABASE,
  forget: DATABASE,
  retry: DATABASE,
  log: DATABASE,
  explain: DATABASE,
  graph: DATABASE,
  completion: [],
};

/** `revgraph VERB …` in backticks, and behind what announces a command that goes on to the end of its line. */
const ADVICE = /(`|^→ |\b(?:run|Next): (?:cd .+ && )?)revgraph ([a-z]+)((?: [^`\n]*)?)(`|$)/gm;

/** A URL of known parts and no password; what is unusual may hide one anywhere. */
const WITHOUT_PASSWORD =
  /^(?:pglite:.*|postgres(?:ql)?:\/\/(?:[^:@/?#\s]*@)?(?:[^:@/?#\s]*|\[[\da-f:]+\])(?::\d+)?(?:\/[^@?#\s]*)?(?:\?(?!.*pass)[^%@#\s]*)?)$/i;

const VARIABLE = '--url "$DATABASE_URL"';
const REMARK =
  'Set DATABASE_URL to the URL of --url first: that one may hold a password, and is not printed.';

/** The place that a command line names, for what is said where its flags are not at hand. */
export function placeOf(args: readonly string[]): Place {
  const string = Object.values(FLAGS);
  return parse([...args], { string, configuration: PARSER_CONFIGURATION }) as unknown as Place;
}

/**
 * Completes every command that a text advises with the flags of the place where this one acts: typed as it stands, it goes
 * on there and nowhere else. A URL with a password becomes a variable.
 * @param set the DATABASE_URL of this process
 */
export function advisor(place: Place, set = process.env.DATABASE_URL): (text: string) => string {
  return (text) => {
    if (!text.includes('revgraph ')) return text;
    const completed = text.replace(
      ADVICE,
      (found, before: string, verb: string, rest: string, after: string) => {
        // Help needs no place.
        const flags = (/ --help\b/.test(rest) ? [] : (HEEDED[verb] ?? [])).flatMap((part) =>
          flagOf(part, place[part], rest),
        );
        // Of a pair of backticks both belong to the command, and neither to a line.
        return (before === '`') === (after === '`')
          ? `${before}revgraph ${verb}${rest}${flags.map((flag) => ` ${flag}`).join('')}${after}`
          : found;
      },
    );
    return completed !== text && completed.includes(VARIABLE) && set !== place.url
      ? `${completed}\n${REMARK}`
      : completed;
  };
}

function flagOf(part: Part, value: unknown, rest: string): string[] {
  if (typeof value !== 'string' || value === '') return [];
  const name = FLAGS[part];
  if (new RegExp(` --${name}(?=[ =]|$)`).test(rest)) return [];
  if (part === 'url' && !WITHOUT_PASSWORD.test(value)) return [VARIABLE];
  return [`--${name} ${shellWord(value)}`];
}
