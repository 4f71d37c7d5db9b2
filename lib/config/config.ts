import { dirname, extname, isAbsolute, join, resolve } from 'node:path';
import { RevgraphError } from '../errors/error.js';
import { importCode } from '../revision/import.js';
import { lookAt, readWhole } from '../revision/whole-file.js';
import type { MatrixSettings } from './matrix.js';
import type { Config } from './schema.js';

const NAMES = ['ts', 'js', 'mjs', 'json'].map((ending) => `revgraph.config.${ending}`);

/** Types a configuration in a `.ts` or `.js` file. */
export function defineConfig(config: Config): Config {
  return config;
}

/**
 * Reads `file`, or `revgraph.config.ts|js|mjs|json` of the working directory if there is one.
 * @throws `config_invalid` with the path of every value that is wrong, or where there are several files; `file_unreadable`
 */
export async function readConfig(file?: string): Promise<Config> {
  const found = file === undefined ? NAMES.filter((name) => lookAt(name) !== null) : [file];
  const [path, other] = found;
  if (path === undefined) return {};
  // Which of them is meant, nobody can know.
  if (other !== undefined)
    throw new RevgraphError('config_invalid', {
      file: path,
      issues: [
        { path: '', message: `${other} is there as well: keep one of them, or name one with --config` },
      ],
    });
  const raw = await load(path);
  const { parseConfig } = await import('./schema.js');
  const config = await parseConfig(raw, path);
  const { revisions, matrix, backup } = config;
  // A path in a configuration means the same wherever the command is called from.
  const folder = dirname(path);
  if (folder === '.') return config;
  return {
    ...config,
    ...(revisions === undefined ? {} : { revisions: join(folder, revisions) }),
    ...(matrix === undefined ? {} : { matrix: (await import('./matrix.js')).matrixIn(folder, matrix) }),
    ...(backup?.file === undefined || isAbsolute(backup.file)
      ? {}
      : { backup: { ...backup, file: join(folder, backup.file) } }),
  };
}

async function load(path: string): Promise<unknown> {
  const invalid = (message: string, cause?: unknown): RevgraphError =>
    new RevgraphError('config_invalid', { file: path, issues: [{ path: '', message }] }, { cause });
  const text = readWhole(path);
  if (text === null) throw invalid('the file does not exist');
  try {
    if (extname(path) === '.json') return JSON.parse(text.replace(/^\uFEFF/, ''));
    const module = await importCode(resolve(path));
    return module.default ?? module;
  } catch (error) {
    throw invalid((error as Error).message, error);
  }
}

/**
 * The options of `runMatrix` that a configuration means.
 * @param revisions the folder, where the configuration doesn't say it
 */
export function matrixOptions(config: Config, revisions = './revisions'): MatrixSettings {
  const { releases: releaseStarts, ...matrix } = config.matrix ?? {};
  return {
    ...matrix,
    releaseStarts,
    revisions: config.revisions ?? revisions,
    releases: config.releases,
    versionTable: config.versionTable,
    schema: config.schema,
    connectTimeoutMs: config.connectTimeoutMs,
  };
}

/** The same with other targets: how many revisions are run is only expected of those that the configuration meant. */
export function withTargets(options: MatrixSettings, targets: readonly string[] | undefined): MatrixSettings {
  if (targets === undefined) return options;
  const starts = Object.entries(options.starts ?? {}).map(([name, start]) => {
    if (typeof start.expect?.run !== 'number') return [name, start] as const;
    const { run: _, ...expect } = start.expect;
    return [name, { ...start, expect }] as const;
  });
  return { ...options, targets, starts: Object.fromEntries(starts) };
}
