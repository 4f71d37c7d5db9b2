import { OPTIONS } from '../../lib/index.js';
import type { Option, Options } from '../../lib/options/option.js';
import { DATABASE, PROJECT, RUN, STEP } from '../../lib/options/table.js';

const GROUPS: readonly [string, string, Options][] = [
  ['ProjectOptions', 'of everything that reads revisions', PROJECT],
  ['DatabaseOptions', 'of everything that reads a database, besides those above', DATABASE],
  ['StepOptions', 'of everything that runs revisions', STEP],
  ['RunOptions', 'of everything that writes, besides those above', RUN],
];

const TYPES: Readonly<Record<string, string>> = {
  name: 'string',
  text: 'string',
  texts: 'string[]',
  oneOrMore: 'string \\| string[]',
  ms: 'ms',
  count: 'number',
  positive: 'number',
  signal: 'AbortSignal',
  function: 'function',
  logger: 'Logger',
  given: '',
  releases: 'Releases',
  checks: 'CheckDefinition[]',
  expect: 'Expect',
  backup: 'Backup',
  limits: 'PreflightLimits',
  override: '{ revision, reason }',
};

const typeOf = ({ type }: Option): string =>
  typeof type === 'string' ? (TYPES[type] ?? type) : type.map((word) => `\`${word}\``).join(' \\| ');

const defaultOf = ({ default: value, required }: Option): string => {
  if (required === true) return '**required**';
  if (typeof value === 'number') return value.toLocaleString('en');
  return value === undefined ? '' : typeof value === 'boolean' ? String(value) : `\`${value}\``;
};

const row = ([name, option]: readonly [string, Option]): string => {
  const { flag, config, help } = option;
  const flags = flag === undefined ? '' : `\`--${flag}\``;
  const configured = config === undefined ? '' : `\`${config === true ? name : config}\``;
  return `| \`${name}\` | ${typeOf(option)} | ${defaultOf(option)} | ${flags} | ${configured} | ${help} |`;
};

function table(options: readonly (readonly [string, Option])[]): string {
  return [
    '| option | type | default | flag | configuration | meaning |',
    '|---|---|---|---|---|---|',
    ...options.map(row),
  ].join('\n');
}

/** The reference of all options, as `docs/options.md` has it. */
export function optionsReference(): string {
  const told = new Set<Option>();
  const parts = GROUPS.map(([name, of, group]) => {
    const own = Object.entries(group).filter(([, option]) => !told.has(option));
    for (const [, option] of own) told.add(option);
    return `## ${name}\n\nOptions ${of}.\n\n${table(own)}\n`;
  });
  const functions = new Map<string, { names: string[]; own: readonly (readonly [string, Option])[] }>();
  for (const [name, group] of Object.entries<Options>(OPTIONS)) {
    const own = Object.entries(group).filter(([, option]) => !told.has(option));
    if (own.length === 0) continue;
    const key = JSON.stringify(own);
    functions.set(key, { names: [...(functions.get(key)?.names ?? []), `\`${name}\``], own });
  }
  for (const { names, own } of functions.values()) parts.push(`## ${names.join(', ')}\n\n${table(own)}\n`);
  return [
    '# Options\n',
    'This page is made from the table of options, `lib/options/`; `npx vitest run test/options -u` writes it anew.',
    'A flag that takes milliseconds here takes seconds on the command line. A name that no function knows is refused;',
    'an option of another function is passed over, so that one object may serve several.\n',
    'A `revgraph.config.json` with `"$schema": "./node_modules/revgraph/dist/schemas/config.json"` is completed and checked by editors.\n',
    ...parts,
  ].join('\n');
}
