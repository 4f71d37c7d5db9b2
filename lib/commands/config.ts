import { existsSync, readFileSync } from 'node:fs';
import { dirname, extname, isAbsolute, join, resolve } from 'node:path';
import { RevgraphError } from '../errors.js';
import type { CheckDefinition } from '../revision/define.js';
import { importCode } from '../revision/import.js';
import { type MatrixConfig, matrixIn } from './matrix-config.js';
import type { Backup, Expect, Limits, Releases } from './options.js';

/** What a configuration file may say. Paths are relative to the file. */
export interface Config {
  readonly revisions?: string | undefined;
  readonly url?: string | undefined;
  readonly versionTable?: string | undefined;
  readonly schema?: string | undefined;
  readonly lockWaitMs?: number | undefined;
  readonly lockTimeoutMs?: number | undefined;
  readonly lockRetries?: number | undefined;
  readonly statementTimeoutMs?: number | undefined;
  readonly connectTimeoutMs?: number | undefined;
  readonly unknownRows?: 'refuse' | 'warn' | 'allow' | undefined;
  readonly application?: string | undefined;
  /** Version of the product → revision, or revisions, that it ends in. */
  readonly releases?: Releases | undefined;
  /** The oldest release whose databases are still upgraded. */
  readonly minimum?: string | undefined;
  /** What has to hold when nothing is pending: `revgraph verify` asks, and every upgrade that ends there. */
  readonly checks?: readonly CheckDefinition[] | undefined;
  /** The upgrade paths that `revgraph matrix` walks. */
  readonly matrix?: MatrixConfig | undefined;
  /** The database that is meant: every command that writes refuses any other. */
  readonly expect?: Expect | undefined;
  /** A backup that must be there before anything runs. */
  readonly backup?: Backup | undefined;
  /** What is big and what is long for the preflight. */
  readonly preflight?: Limits | undefined;
}

const NAMES = ['ts', 'js', 'mjs', 'json'].map((ending) => `revgraph.config.${ending}`);

/** Types a configuration in a `.ts` or `.js` file. */
export function defineConfig(config: Config): Config {
  return config;
}

/**
 * Reads `file`, or `revgraph.config.ts|js|mjs|json` of the working directory if there is one.
 * @throws `config_invalid` with the path of every value that is wrong
 */
export async function readConfig(file?: string): Promise<Config> {
  const path = file ?? NAMES.find((name) => existsSync(name));
  if (path === undefined) return {};
  const raw = await load(path);
  const { parseConfig } = await import('./config-schema.js');
  const config = parseConfig(raw, path);
  const { revisions, matrix, backup } = config;
  // A path in a configuration means the same wherever the command is called from.
  const folder = dirname(path);
  if (folder === '.') return config;
  return {
    ...config,
    ...(revisions === undefined ? {} : { revisions: join(folder, revisions) }),
    ...(matrix === undefined ? {} : { matrix: matrixIn(folder, matrix) }),
    ...(backup?.file === undefined || isAbsolute(backup.file)
      ? {}
      : { backup: { ...backup, file: join(folder, backup.file) } }),
  };
}

async function load(path: string): Promise<unknown> {
  const invalid = (message: string, cause?: unknown): RevgraphError =>
    new RevgraphError('config_invalid', { file: path, issues: [{ path: '', message }] }, { cause });
  if (!existsSync(path)) throw invalid('there is no such file');
  try {
    if (extname(path) === '.json') return JSON.parse(readFileSync(path, 'utf8').replace(/^\uFEFF/, ''));
    const module = await importCode(resolve(path));
    return module.default ?? module;
  } catch (error) {
    throw invalid((error as Error).message, error);
  }
}
