import { withSession } from '../connection/connect.js';
import { bytesOf, DataDirectory, dumpOf } from '../connection/data-directory.js';
import { createInstance, emptyContents, type PGlite } from '../connection/instance.js';
import { assertFinished } from '../connection/transaction.js';
import type { ThrowAway, ThrowAways } from './template.js';

/** Databases in memory: a dumped data directory is loaded in a tenth of the time that making one takes. */
export async function throwAwaysInMemory(extensions: readonly string[]): Promise<ThrowAways> {
  const open = new Set<PGlite>();
  const names = new Set(extensions);
  const label = 'PGlite in memory';
  let empty: Promise<DataDirectory> | null = null;
  const load = async (contents: DataDirectory): Promise<ThrowAway> => {
    const pglite = await createInstance({ directory: null, names, label, contents });
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
    close: async () => {
      for (const pglite of [...open]) await close(pglite);
    },
  };
}
