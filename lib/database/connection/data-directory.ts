import { constants } from 'node:fs';
import { access, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';

/**
 * A dumped data directory. Node copies a Blob piece by piece, which takes as long as PGlite needs to start: this one hands
 * out the bytes that it was made of.
 */
export class DataDirectory extends Blob {
  override readonly size: number;
  readonly #bytes: ArrayBuffer;

  constructor(bytes: ArrayBuffer) {
    super([]);
    this.#bytes = bytes;
    this.size = bytes.byteLength;
  }

  override async arrayBuffer(): Promise<ArrayBuffer> {
    return this.#bytes;
  }
}

/** The data directory of an instance as it is now. */
export async function dumpOf(pglite: {
  dumpDataDir(compression: 'none'): Promise<Blob>;
}): Promise<DataDirectory> {
  return new DataDirectory(await (await pglite.dumpDataDir('none')).arrayBuffer());
}

/**
 * An empty data directory, kept in a file: loading one takes a tenth of the time that making one takes.
 * @param file where it is kept; its name has the version of PGlite
 * @returns null where it can't be kept
 */
export async function keptDirectory(
  file: string,
  make: () => Promise<DataDirectory>,
): Promise<DataDirectory | null> {
  const kept = await readFile(file).catch(() => null);
  if (kept !== null && isWhole(kept)) return new DataDirectory(bytesOf(kept));
  const own = `${file}.${process.pid}`;
  try {
    await mkdir(dirname(file), { recursive: true });
    await access(dirname(file), constants.W_OK);
  } catch {
    return null;
  }
  const made = await make();
  try {
    await writeFile(own, Buffer.from(await made.arrayBuffer()));
    // Whoever else makes one at the same time makes the same.
    await rename(own, file);
  } catch {
    await rm(own, { force: true }).catch(() => {});
  }
  return made;
}

/** `node_modules/.cache/revgraph/` of the `node_modules` in which a file of a package is. */
export function cacheFolder(fileOfPackage: string): string {
  const name = `${sep}node_modules${sep}`;
  const end = fileOfPackage.lastIndexOf(name);
  return join(fileOfPackage.slice(0, end + name.length - 1), '.cache', 'revgraph');
}

const BLOCK = 512;

/** A tar archive ends with two empty blocks: one that was cut off does not. */
function isWhole(tar: Buffer): boolean {
  return (
    tar.length > 2 * BLOCK && tar.length % BLOCK === 0 && tar.subarray(-2 * BLOCK).every((byte) => byte === 0)
  );
}

/** The bytes of a view, by themselves. */
export function bytesOf({ buffer, byteOffset, byteLength }: Uint8Array): ArrayBuffer {
  if (byteOffset === 0 && byteLength === buffer.byteLength) return buffer as ArrayBuffer;
  return buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer;
}
