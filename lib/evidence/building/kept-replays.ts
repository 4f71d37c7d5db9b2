import { createHash } from 'node:crypto';
import { createWriteStream, existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { createGzip, gunzip } from 'node:zlib';
import type { ReplayedStep } from './replayed.js';

/** How far a replay has come, to go on from. */
export interface ReplayState {
  readonly steps: readonly ReplayedStep[];
  /** Extensions that its database may hold. */
  readonly extensions: readonly string[];
  /** What its steps took, in ms of this machine: what going on from here saves. */
  readonly ms: number;
}

/** Each has some 6 MB. */
const MOST = 12;

const unpack = promisify(gunzip);

/**
 * Replays that earlier builds have kept in a folder: what each step did, and the database behind the last one. Their names are
 * their keys (see `replayKeys`). One that can't be read, or was cut off, is none.
 */
export class KeptReplays {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * The one that has come furthest: its end, if that was kept, or the last place from which a database can go on.
   * @param keys of the replay that is wanted
   */
  async furthest(
    keys: readonly string[],
  ): Promise<{ state: ReplayState; dump: () => Promise<Uint8Array> } | null> {
    for (let at = keys.length - 1; at > 0; at--) {
      const file = this.#file(keys[at] as string);
      if (at < keys.length - 1 && !existsSync(`${file}.tar.gz`)) continue;
      const state = await readState(`${file}.json.gz`);
      if (state === null || state.steps.length !== at) continue;
      const now = new Date();
      // Those that were used last are the last to go.
      await utimes(`${file}.json.gz`, now, now).catch(() => {});
      return { state, dump: async () => unpack(await readFile(`${file}.tar.gz`)) };
    }
    return null;
  }

  /** Keeps a replay. @param dump null at its end, where there is nothing to go on to. @returns false where that can't be done: nothing is lost then but the time of the next build */
  async keep(
    key: string,
    state: ReplayState,
    dump: (() => Promise<AsyncIterable<Uint8Array>>) | null,
  ): Promise<boolean> {
    const file = this.#file(key);
    try {
      await mkdir(this.#folder, { recursive: true });
      // What names the dump comes last.
      if (dump !== null) await writeAtOnce(`${file}.tar.gz`, await dump());
      await writeAtOnce(`${file}.json.gz`, [Buffer.from(JSON.stringify(state))]);
      await this.#dropOldest();
      return true;
    } catch {
      await this.forget(key);
      return false;
    }
  }

  async forget(key: string): Promise<void> {
    const file = this.#file(key);
    for (const part of [`${file}.json.gz`, `${file}.tar.gz`]) await rm(part, { force: true }).catch(() => {});
  }

  async #dropOldest(): Promise<void> {
    const states = (await readdir(this.#folder)).filter((name) => name.endsWith('.json.gz'));
    const ages = await Promise.all(
      states.map(async (name) => ({ name, at: (await stat(join(this.#folder, name))).mtimeMs })),
    );
    ages.sort((a, b) => b.at - a.at);
    for (const { name } of ages.slice(MOST)) await this.forget(name.replace('.json.gz', ''));
  }

  #file(key: string): string {
    return join(this.#folder, key);
  }
}

/** Of folders of revisions that nobody has built for as long. */
const OLD_MS = 30 * 86_400_000;

/**
 * What is kept for a folder of revisions. Each has a folder of its own, so that one does not drop what another keeps.
 * @param cache where all of them are
 */
export async function keptReplays(cache: string, revisions: string): Promise<KeptReplays> {
  const all = join(cache, 'catalogue');
  for (const name of await readdir(all).catch(() => [])) {
    const { mtimeMs } = await stat(join(all, name)).catch(() => ({ mtimeMs: Date.now() }));
    if (Date.now() - mtimeMs > OLD_MS)
      await rm(join(all, name), { recursive: true, force: true }).catch(() => {});
  }
  const own = createHash('sha256').update(resolve(revisions)).digest('hex').slice(0, 16);
  return new KeptReplays(join(all, own));
}

async function readState(file: string): Promise<ReplayState | null> {
  try {
    return JSON.parse((await unpack(await readFile(file))).toString()) as ReplayState;
  } catch {
    return null;
  }
}

/** Packed. Two builds at the same time write the same under the same name. */
async function writeAtOnce(
  file: string,
  content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<void> {
  const own = `${file}.${process.pid}`;
  try {
    await pipeline(content, createGzip({ level: 1 }), createWriteStream(own));
    await rename(own, file);
  } catch (error) {
    await rm(own, { force: true }).catch(() => {});
    throw error;
  }
}
