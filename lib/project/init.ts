import { isAbsolute, join } from 'node:path';
import { makeFolders } from '../database/wire/folders.js';
import { RevgraphError } from '../errors/error.js';
import { readingReason } from '../revision/text.js';
import { lookAt, readWhole, writeWhole } from '../revision/whole-file.js';

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
  const write = (path: string, text: string, fresh: boolean): void => {
    writeWhole(path, text, { fresh });
    made.push(path);
  };
  const folder = isAbsolute(revisions) ? revisions : join(directory, revisions);
  if (lookAt(folder) === null) {
    makeFolder(folder);
    made.push(`${folder}/`);
  }
  const config = join(directory, CONFIG);
  if (lookAt(config) === null)
    write(config, `${JSON.stringify(firstConfig(directory, revisions), null, 2)}\n`, true);
  const ignore = join(directory, '.gitignore');
  const ignored = readWhole(ignore) ?? '';
  if (!ignored.split(/\r?\n/).includes(IGNORED))
    write(ignore, `${ignored}${ignored === '' || ignored.endsWith('\n') ? '' : '\n'}${IGNORED}\n`, false);
  return { directory, made };
}

/** Where the package is installed, editors find what a configuration may say. */
function firstConfig(directory: string, revisions: string): object {
  const schema = './node_modules/revgraph/dist/schemas/config.json';
  const isThere = lookAt(join(directory, schema)) !== null;
  return { ...(isThere ? { $schema: schema } : {}), revisions: inProject(revisions) };
}

/** A folder as the configuration names it. */
const inProject = (folder: string): string =>
  isAbsolute(folder) || /^\.{1,2}(\/|$)/.test(folder) ? folder : `./${folder}`;

function makeFolder(file: string): void {
  try {
    makeFolders(file);
  } catch (error) {
    throw new RevgraphError('file_unwritable', { file, reason: readingReason(error) }, { cause: error });
  }
}
