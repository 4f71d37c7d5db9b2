import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { RevgraphError } from '../errors/error.js';
import { readRevisionFolder } from '../revision/folder.js';
import type { Revision } from '../revision/revision.js';

const run = promisify(execFile);

/** The revisions of a folder as a git ref has them, and the ids that were there when this branch left it. */
export interface AtBase {
  readonly atBase: readonly Revision[];
  readonly atFork: ReadonlySet<string>;
}

/** @throws `usage` where git is missing, the folder is in no repository, or the ref is unknown */
export async function revisionsAt(directory: string, ref: string): Promise<AtBase> {
  const atBase = await readAt(directory, ref);
  const fork = await git(directory, ['merge-base', 'HEAD', ref]).then(
    (answer) => answer.trim(),
    () => null,
  );
  const atFork = fork === null ? [] : await readAt(directory, fork);
  return { atBase, atFork: new Set(atFork.map((revision) => revision.revision)) };
}

async function git(directory: string, args: readonly string[]): Promise<string> {
  try {
    const { stdout } = await run('git', ['-C', directory, ...args], { maxBuffer: 1 << 28 });
    return stdout;
  } catch (error) {
    const { stderr, code } = error as { stderr?: string; code?: unknown };
    const reason = code === 'ENOENT' ? 'git is not installed' : (stderr ?? '').trim().split('\n')[0];
    throw new RevgraphError('base_unreadable', { reason: reason ?? '' }, { cause: error });
  }
}

/** Writes the files of a ref to a folder that is thrown away, and reads that: one reader for all. */
async function readAt(directory: string, ref: string): Promise<readonly Revision[]> {
  const listed = await git(directory, ['ls-tree', '-r', '-z', '--name-only', ref, '--', '.']);
  const names = listed.split('\0').filter(Boolean);
  const folder = mkdtempSync(join(tmpdir(), 'revgraph-base-'));
  try {
    for (const [name, content] of await contents(directory, ref, names)) {
      const path = join(folder, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, content);
    }
    const revisions = await readRevisionFolder(folder);
    const shown = (file: string | null): string | null =>
      file?.replace(`${folder}/`, `${directory.replace(/\/$/, '')}/`) ?? null;
    // The bodies are read now or never: the folder goes.
    return await Promise.all(
      revisions.map(async (revision) => {
        const body =
          revision.header.kind === 'sql' ? await revision.body().catch((error: unknown) => error) : null;
        return { ...revision, file: shown(revision.file), body: bodyOrError(body) };
      }),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** All files in one call: a process per file would take minutes for thousands. */
async function contents(
  directory: string,
  ref: string,
  names: readonly string[],
): Promise<Map<string, Buffer>> {
  const found = new Map<string, Buffer>();
  if (names.length === 0) return found;
  const batch = run('git', ['-C', directory, 'cat-file', '--batch'], {
    maxBuffer: 1 << 30,
    encoding: 'buffer',
  });
  batch.child.stdin?.end(names.map((name) => `${ref}:./${name}\n`).join(''));
  const { stdout } = await batch;
  let at = 0;
  for (const name of names) {
    const end = stdout.indexOf(10, at);
    const size = Number(/ blob (\d+)$/.exec(stdout.toString('utf8', at, end))?.[1] ?? 0);
    found.set(name, stdout.subarray(end + 1, end + 1 + size));
    at = end + 1 + size + 1;
  }
  return found;
}

function bodyOrError(body: unknown): Revision['body'] {
  return async () => {
    if (body instanceof Error) throw body;
    return body as Awaited<ReturnType<Revision['body']>>;
  };
}
