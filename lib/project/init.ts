import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RevgraphError } from '../errors/error.js';

export interface InitOptions {
  /** The project's folder. Default: the working directory. */
  readonly directory?: string | undefined;
  /** Folder of the revisions, inside it. Default `revisions`. */
  readonly revisions?: string | undefined;
}

export interface InitResult {
  readonly directory: string;
  /** Files and folders that were made or added to; empty if everything was there. */
  readonly made: readonly string[];
}

const CONFIG = 'revgraph.config.json';
const IGNORED = '.revgraph/';

/** See `init`. */
export function initProject(options: InitOptions = {}): InitResult {
  const directory = options.directory ?? '.';
  const revisions = options.revisions ?? 'revisions';
  const made: string[] = [];
  const attempt = (path: string, action: () => void): void => {
    try {
      action();
      made.push(path);
    } catch (error) {
      throw new RevgraphError(
        'file_unwritable',
        { file: path, reason: (error as Error).message },
        { cause: error },
      );
    }
  };
  const folder = join(directory, revisions);
  if (!existsSync(folder)) attempt(`${folder}/`, () => mkdirSync(folder, { recursive: true }));
  const config = join(directory, CONFIG);
  if (!existsSync(config))
    attempt(config, () =>
      writeFileSync(config, `${JSON.stringify({ revisions: `./${revisions}` }, null, 2)}\n`),
    );
  const ignore = join(directory, '.gitignore');
  const ignored = existsSync(ignore) ? readFileSync(ignore, 'utf8') : '';
  if (!ignored.split(/\r?\n/).includes(IGNORED))
    attempt(ignore, () =>
      appendFileSync(ignore, `${ignored === '' || ignored.endsWith('\n') ? '' : '\n'}${IGNORED}\n`),
    );
  return { directory, made };
}
