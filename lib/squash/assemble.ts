import { newestFirst } from '../project/releases.js';
import { readCheckTag } from '../revision/check.js';
import { escapedMessage } from '../revision/header/prose.js';
import type { Requirement } from '../revision/header/tag-value.js';
import type { Revision } from '../revision/revision.js';
import { type RawSection, splitSections } from '../revision/sections.js';
import { normalised } from '../revision/text.js';
import type { SquashRange } from './range.js';
import { inTransaction } from './statements.js';

/** A revision that somebody should look at, and why. */
export interface Review {
  readonly revision: string;
  readonly file: string | null;
  readonly why: string;
}

export interface Assembled {
  /** The file, whole. */
  readonly text: string;
  readonly review: readonly Review[];
}

/** What is taken of one revision. */
interface Taken {
  readonly upgrade: string | null;
  readonly verify: readonly string[];
  /** Null where it can't be taken back by SQL; '' where there is nothing to take back. */
  readonly downgrade: string | null;
  readonly notes: readonly string[];
}

/**
 * The text of a squash: the SQL of the revisions whose place it takes, one after the other. What can't be SQL of one transaction
 * (code, batches) is left out and told; the proof says whether it was needed.
 */
export async function squashText(
  id: string,
  message: string,
  members: readonly Revision[],
  range: SquashRange,
  typed: string,
): Promise<Assembled> {
  const inside = new Set(range.replaces);
  const review: Review[] = [];
  const taken: [Revision, Taken][] = [];
  for (const member of members) {
    const part = member.header.kind === 'sql' ? await takeSql(member, inside, typed) : CODE;
    taken.push([member, part]);
    for (const why of part.notes) review.push({ revision: member.revision, file: member.file, why });
  }
  const upgrades = taken.flatMap(([member, { upgrade }]) =>
    upgrade === null ? [] : [titled(member, upgrade)],
  );
  const downgrades = taken
    .toReversed()
    .flatMap(([member, { downgrade }]) => (downgrade ? [titled(member, downgrade)] : []));
  const stuck = taken.find(([, { downgrade }]) => downgrade === null)?.[0];
  const header = headerOf(id, message, members, range, stuck);
  const sections = [
    ['@upgrade', ...upgrades].join('\n'),
    ...taken.flatMap(([, { verify }]) => verify),
    ...(stuck === undefined && downgrades.length > 0 ? [['@downgrade', ...downgrades].join('\n')] : []),
  ].map((section) => `-- ${section}\n`);
  return {
    text: `${header.map((line) => `-- ${line}`.trimEnd()).join('\n')}\n\n${sections.join('\n')}`,
    review,
  };
}

const CODE: Taken = {
  upgrade: null,
  verify: [],
  downgrade: null,
  notes: ['it is code, which was left out'],
};

const titled = ({ revision, message }: Revision, sql: string): string =>
  `\n-- of ${revision}${message === '' ? '' : `: ${message}`}\n${sql}`;

async function takeSql(member: Revision, inside: ReadonlySet<string>, typed: string): Promise<Taken> {
  const file = member.file ?? member.revision;
  // Of a file with a mistake in it nothing is taken.
  await member.body();
  const { sections } = await splitSections(normalised(member.body.text?.() ?? ''), file);
  const named = (name: RawSection['name']): RawSection[] =>
    sections.filter((section) => section.name === name);
  const notes: string[] = [];
  const partOf = async (section: RawSection | undefined, told: boolean): Promise<string | null> => {
    if (section === undefined) return null;
    const part = await inTransaction(section.sql, { file, line: section.line }, typed);
    if (told) notes.push(...part.notes);
    return part.sql;
  };
  const [upgrade] = named('upgrade');
  const batches = named('batch').length > 0;
  if (batches) notes.push('its batches were left out');
  if (named('precheck').length > 0) notes.push('its @precheck was left out');
  const runs = upgrade !== undefined || batches;
  return {
    upgrade: await partOf(upgrade, true),
    verify: named('verify').flatMap(({ value, sql }) => {
      const until = readCheckTag(value)?.until ?? null;
      return until !== null && inside.has(until) ? [] : [`@verify ${value}\n${sql}`];
    }),
    downgrade: batches ? null : runs ? await partOf(named('downgrade')[0], false) : '',
    notes,
  };
}

function headerOf(
  id: string,
  message: string,
  members: readonly Revision[],
  { replaces, revises, dependsOn }: SquashRange,
  stuck: Revision | undefined,
): string[] {
  const list = (tag: string, names: readonly string[]): string[] =>
    names.length === 0 ? [] : [`@${tag} ${names.join(', ')}`];
  const loses = members.flatMap(({ header }) => header.loses ?? []);
  const inside = new Set(replaces);
  // A backfill of one of them has nothing to wait for: it is left out.
  const asked = members.flatMap(({ header }) =>
    header.requires.filter((one) => one.kind !== 'backfill' || !inside.has(one.revision)),
  );
  const requires = [...new Set(asked.map(written))];
  const [breaks] = newestFirst(
    Object.fromEntries(
      members.flatMap(({ header }) => (header.breaksBefore === undefined ? [] : [[header.breaksBefore, '']])),
    ),
  );
  // What is optional stays so, whether it is there now or not.
  const optional = [
    ...new Set(members.flatMap((one) => one.dependsOn.filter((name) => name.startsWith('?')))),
  ].filter((name) => !inside.has(name.slice(1)));
  const firm = dependsOn.filter((id) => !optional.includes(`?${id}`));
  return [
    escapedMessage(message),
    '',
    `@revision ${id}`,
    ...list('revises', revises),
    ...list('depends-on', [...firm, ...optional]),
    ...list('label', [...new Set(members.flatMap(({ labels }) => labels))]),
    ...list('replaces', replaces),
    ...requires.map((requirement) => `@requires ${requirement}`),
    ...(breaks === undefined ? [] : [`@breaks-before ${breaks}`]),
    ...(loses.length === 0 || stuck !== undefined
      ? []
      : [`@loses ${quoted([...new Set(loses)].join('; '))}`]),
    ...(stuck === undefined
      ? []
      : [
          `@irreversible ${quoted(`${stuck.revision}, which it took the place of, has no downgrade in SQL`)}`,
        ]),
  ];
}

function written(requirement: Requirement): string {
  switch (requirement.kind) {
    case 'postgres':
      return `postgres ${requirement.range}`;
    case 'privilege':
      return `privilege ${requirement.privilege}`;
    case 'backfill':
      return `backfill ${requirement.revision}`;
    default:
      return `extension ${requirement.name}`;
  }
}

const quoted = (sentence: string): string => `"${sentence.replaceAll(/(["\\])/g, '\\$1')}"`;
