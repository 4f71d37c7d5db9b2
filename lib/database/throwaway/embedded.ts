import { createHash } from 'node:crypto';
import { readdir, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { withSession } from '../connection/connect.js';
import { bytesOf, DataDirectory, dumpOf, keptDirectory } from '../connection/data-directory.js';
import {
  type Compiled,
  compiled,
  createInstance,
  embeddedCache,
  emptyContents,
  type PGlite,
} from '../connection/instance.js';
import { assertFinished } from '../connection/transaction.js';
import type { ThrowAway, ThrowAways } from './template.js';

/** Databases in memory: a dumped data directory is loaded in a tenth of the time that making one takes. */
export async function throwAwaysInMemory(extensions: readonly string[]): Promise<ThrowAways> {
  const open = new Set<PGlite>();
  const names = new Set(extensions);
  const label = 'PGlite in memory';
  let empty: Promise<DataDirectory> | null = null;
  let wasm: Compiled | null = null;
  const load = async (contents: DataDirectory): Promise<ThrowAway> => {
    wasm ??= compiled();
    const pglite = await createInstance({ directory: null, names, label, contents, wasm });
    open.add(pglite);
    return {
      database: pglite,
      run: (script) =>
        withSession(pglite, {}, async (session) => {
          await session.query(script);
          await assertFinished(session);
          // There is one session for everybody: a dump's empty search path must not stay.
          await session.query('RESET ALL');
        }),
      drop: () => close(pglite),
      dump: async () => {
        // What is in the log only would have to be read again at every start from the dump.
        await pglite.exec('CHECKPOINT');
        return (await pglite.dumpDataDir('none')).stream();
      },
    };
  };
  const close = async (pglite: PGlite): Promise<void> => {
    if (open.delete(pglite)) await pglite.close();
  };
  return {
    kind: 'embedded',
    label,
    fresh: async () => {
      empty ??= emptyContents(label);
      return load(await empty);
    },
    load: (dump) => load(new DataDirectory(bytesOf(dump))),
    keep: async ({ database, drop }) => {
      const contents = await dumpOf(database as unknown as PGlite);
      await drop();
      return { copy: () => load(contents) };
    },
    shared: async (key, fill) => {
      const make = async (): Promise<DataDirectory> => {
        empty ??= emptyContents(label);
        const filled = await load(await empty);
        try {
          await fill(filled);
          await (filled.database as unknown as PGlite).exec('CHECKPOINT');
          return await dumpOf(filled.database as unknown as PGlite);
        } finally {
          await filled.drop();
        }
      };
      const file = await sharedFile(`${key} ${[...names].sort().join(' ')}`);
      const contents = (file === null ? null : await keptDirectory(file, make)) ?? (await make());
      return { copy: () => load(contents) };
    },
    close: async () => {
      for (const pglite of [...open]) await close(pglite);
    },
  };
}

/** Templates that are kept: those that were used last, of some 40 MB each. */
const KEPT = 6;

/** Where a template is kept, beside PGlite; null where nothing can be. */
async function sharedFile(key: string): Promise<string | null> {
  const cache = await embeddedCache();
  if (cache === null) return null;
  const hash = createHash('sha256').update(`${cache.version} ${key}`).digest('hex').slice(0, 32);
  const file = join(cache.folder, `template-${hash}.tar`);
  const now = new Date();
  await utimes(file, now, now).catch(() => {});
  const names = (await readdir(cache.folder).catch(() => [])).filter((name) =>
    /^template-\w+\.tar$/.test(name),
  );
  const others = names.map((name) => join(cache.folder, name)).filter((other) => other !== file);
  const used = await Promise.all(
    others.map(async (other) => ({
      other,
      at: await stat(other).then(
        ({ mtimeMs }) => mtimeMs,
        () => 0,
      ),
    })),
  );
  // Whoever reads one of them at this moment has it open, and makes it anew the next time.
  for (const { other } of used.sort((a, b) => b.at - a.at).slice(KEPT - 1))
    await rm(other, { force: true }).catch(() => {});
  return file;
}
