import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { RevgraphError } from '../../errors/error.js';
import { cacheFolder, type DataDirectory, dumpOf, keptDirectory } from './data-directory.js';
import { ended } from './ended.js';
import { translate } from './failure.js';

type PGliteModule = typeof import('@electric-sql/pglite');
export type PGlite = InstanceType<PGliteModule['PGlite']>;

const PACKAGE = '@electric-sql/pglite';

/** The default of 128 MB is zeroed at every start: a third of the time that a look at the database takes. */
const SHARED_BUFFERS = '16MB';

/** @throws `embedded_missing` */
export async function loadModule<T>(what: () => Promise<T>): Promise<T> {
  try {
    return await what();
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ERR_MODULE_NOT_FOUND')
      throw new RevgraphError('embedded_missing', { package: PACKAGE }, { cause: error });
    throw error;
  }
}

/**
 * A PGlite instance in a directory, or in memory.
 * @param contents a dumped data directory to begin with
 * @param wasm what was compiled for another instance; default: it is compiled anew
 */
export async function createInstance({
  directory,
  names,
  label,
  contents,
  wasm = compiled(),
}: {
  directory: string | null;
  names: ReadonlySet<string>;
  label: string;
  contents?: DataDirectory | undefined;
  wasm?: Compiled | undefined;
}): Promise<PGlite> {
  const { PGlite } = await loadModule(() => import('@electric-sql/pglite'));
  const extensions = await loadExtensions(names);
  try {
    const settings = await settingsOf(PGlite, wasm);
    const begin = contents ?? (isNew(directory) ? await emptyDirectory(() => PGlite.create(settings)) : null);
    const instance = new (withoutArrayTypes(PGlite))({
      ...settings,
      ...(directory === null ? {} : { dataDir: join(directory, 'data') }),
      ...(begin === null ? {} : { loadDataDir: begin }),
      extensions,
    });
    await instance.waitReady;
    return instance;
  } catch (error) {
    throw translate(error, 'opening the database', label);
  }
}

/** PGlite asks for all array types when it opens, a tenth of the time, to parse what is here parsed by `pg`. */
function withoutArrayTypes(PGlite: PGliteModule['PGlite']): PGliteModule['PGlite'] {
  return class extends PGlite {
    override async _initArrayTypes(): Promise<void> {}
  };
}

/** Whether there is no database yet. */
export function isNew(directory: string | null): boolean {
  return directory === null || !existsSync(join(directory, 'data', 'PG_VERSION'));
}

/** What a new database begins with: the same for all, so it is made once. Null where it can't be kept beside PGlite. */
async function emptyDirectory(create: () => Promise<PGlite>): Promise<DataDirectory | null> {
  const cache = await embeddedCache();
  if (cache === null) return null;
  return keptDirectory(join(cache.folder, `pglite-${cache.version}.tar`), () => dumpedOnce(create));
}

async function dumpedOnce(create: () => Promise<PGlite>): Promise<DataDirectory> {
  const pglite = await create();
  return ended(
    () => dumpOf(pglite),
    () => pglite.close(),
  );
}

/** Where data directories may be kept, and the version of PGlite that makes them. Null where it can't be found. */
export async function embeddedCache(): Promise<{ folder: string; version: string } | null> {
  try {
    const main = createRequire(import.meta.url).resolve(PACKAGE);
    const about = await readFile(join(dirname(main), '..', 'package.json'), 'utf8');
    const { version } = JSON.parse(about) as { version: string };
    return { folder: cacheFolder(main), version };
  } catch {
    return null;
  }
}

/**
 * The WebAssembly, compiled from its file: left to itself PGlite asks `fetch` for it, which brings a web client with it and
 * costs a tenth of a second. Where the file is not where it was, PGlite finds it its own way.
 */
export async function compiled(): Promise<{ pgliteWasmModule?: never }> {
  try {
    const folder = dirname(createRequire(import.meta.url).resolve(PACKAGE));
    return { pgliteWasmModule: await WebAssembly.compile(await readFile(join(folder, 'pglite.wasm'))) };
  } catch {
    return {};
  }
}

/** For a caller that opens many: to compile it takes a third of the time that opening one takes. */
export type Compiled = ReturnType<typeof compiled>;

/** Node has it; only the types of browsers name it. */
declare const WebAssembly: { compile(bytes: Uint8Array): Promise<never> };

/** An empty data directory, for a caller that begins many databases with it. */
export async function emptyContents(label: string): Promise<DataDirectory> {
  const { PGlite } = await loadModule(() => import('@electric-sql/pglite'));
  try {
    // Mostly it is there, and nothing has to be compiled.
    const create = async (): Promise<PGlite> => PGlite.create(await settingsOf(PGlite, compiled()));
    return (await emptyDirectory(create)) ?? (await dumpedOnce(create));
  } catch (error) {
    throw translate(error, 'opening the database', label);
  }
}

async function settingsOf({ defaultStartParams }: PGliteModule['PGlite'], wasm: Compiled) {
  return {
    ...(await wasm),
    startParams: [...defaultStartParams, '-c', `shared_buffers=${SHARED_BUFFERS}`],
  };
}

/** Extensions of PGlite by their SQL names; what it doesn't have is left to fail at CREATE EXTENSION. */
async function loadExtensions(names: ReadonlySet<string>): Promise<Record<string, never>> {
  const loaded: Record<string, never> = {};
  for (const name of names) {
    const key = name.replaceAll('-', '_');
    if (!/^[a-z0-9_]+$/.test(key)) continue;
    for (const path of [`${PACKAGE}/contrib/${key}`, `${PACKAGE}/${key}`]) {
      const module = (await import(path).catch(() => null)) as Record<string, never> | null;
      if (module?.[key] === undefined) continue;
      loaded[key] = module[key];
      break;
    }
  }
  return loaded;
}
