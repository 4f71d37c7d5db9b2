import { RevgraphError } from '../errors/error.js';
import type { Option, OptionIssue, OptionsOf } from '../options/option.js';
import { RUN } from '../options/table.js';
import type { Releases } from '../project/releases.js';
import type { CheckDefinition } from '../revision/object-body.js';
import type { RunHooks } from '../run/code/hooks.js';
import { checkValue } from './check-value.js';
import type { MatrixConfig } from './matrix.js';
import { bareVersion, unknownText } from './names.js';
import type { Backup, Expect, PreflightLimits } from './options.js';

type Configured = Pick<
  typeof RUN,
  | 'versionTable'
  | 'schema'
  | 'role'
  | 'connectTimeoutMs'
  | 'connectRetryMs'
  | 'unknownRows'
  | 'edited'
  | 'silenceTimeoutMs'
  | 'lock'
  | 'destructive'
  | 'missed'
  | 'lines'
  | 'application'
  | 'lockTimeoutMs'
  | 'lockRetries'
  | 'statementTimeoutMs'
  | 'compatible'
  | 'keepDowngrades'
  | 'lockWaitMs'
  | 'minimum'
>;

/** What a configuration file may say. Paths are relative to the file. */
export interface Config extends OptionsOf<Configured> {
  readonly revisions?: string | undefined;
  /** The database. */
  readonly url?: string | undefined;
  /** Version of the product → revision, or revisions, that it ends in. */
  readonly releases?: Releases | undefined;
  /** What releases run on: version → comparators. */
  readonly runsOn?: Readonly<Record<string, string>> | undefined;
  /** What has to hold when nothing is pending: `revgraph verify` asks, and every upgrade that ends there. */
  readonly checks?: readonly CheckDefinition[] | undefined;
  /** The upgrade paths that `revgraph matrix` walks. */
  readonly matrix?: MatrixConfig | undefined;
  /** The database that is meant: every command that writes refuses any other. */
  readonly expect?: Expect | undefined;
  /** Functions around a run, of a configuration that is code. */
  readonly hooks?: RunHooks | undefined;
  /** A backup that must be there before anything runs. */
  readonly backup?: Backup | undefined;
  /** What is big and what is long for the preflight. */
  readonly preflight?: PreflightLimits | undefined;
}

/** Texts of a file where a program may give objects. */
const IN_A_FILE: Readonly<Record<string, Option>> = {
  $schema: { type: 'text', help: 'JSON schema of the file' },
  revisions: { ...RUN.revisions, type: 'text' },
  url: { ...RUN.database, type: 'text' },
};

/** The options that a file may say, by the name that they have there. */
export const CONFIGURABLE: Readonly<Record<string, Option>> = {
  ...Object.fromEntries(
    Object.entries<Option>(RUN).flatMap(([name, option]) =>
      option.config === undefined ? [] : [[option.config === true ? name : option.config, option] as const],
    ),
  ),
  ...IN_A_FILE,
};

/**
 * Checks a configuration once, at the edge. Every command reads one, so a schema is only loaded for what has structure.
 * @throws `config_invalid`
 */
export async function parseConfig(raw: unknown, file: string): Promise<Config> {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw))
    throw new RevgraphError('config_invalid', { file, issues: [{ path: '', message: 'must be an object' }] });
  const issues: OptionIssue[] = [];
  for (const [name, value] of Object.entries(raw)) {
    // A name of every object (`__proto__`) is none of an option.
    const option = Object.hasOwn(CONFIGURABLE, name) ? CONFIGURABLE[name] : undefined;
    if (name === 'matrix') issues.push(...(await matrixIssues(value)));
    else if (option === undefined)
      issues.push({ path: name, message: unknownText(name, [...Object.keys(CONFIGURABLE), 'matrix']) });
    else if (option.type === 'text' && value === '')
      issues.push({ path: name, message: 'must not be empty' });
    else issues.push(...(await checkValue(name, option, value)));
  }
  const config = raw as Config;
  if (issues.length === 0) issues.push(...minimumIssues(config));
  if (issues.length > 0) throw new RevgraphError('config_invalid', { file, issues });
  return config;
}

async function matrixIssues(value: unknown): Promise<OptionIssue[]> {
  const { MATRIX_SCHEMA } = await import('./matrix-schema.js');
  const parsed = MATRIX_SCHEMA.safeParse(value);
  return (parsed.error?.issues ?? []).map(({ path, message }) => ({
    path: ['matrix', ...path].join('.'),
    message,
  }));
}

function minimumIssues({ minimum, releases = {} }: Config): OptionIssue[] {
  const known = Object.keys(releases).some((release) => bareVersion(release) === bareVersion(minimum ?? ''));
  return minimum === undefined || known
    ? []
    : [{ path: 'minimum', message: `release ${minimum} is not configured` }];
}
