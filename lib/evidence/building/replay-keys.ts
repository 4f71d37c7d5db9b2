import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Plan } from '../../plan/plan.js';
import type { Project } from '../../project/project.js';
import { digestOf } from '../../revision/definition.js';
import type { Revision } from '../../revision/revision.js';

/**
 * A key per place in a replay, the one before its first step included: it names all that the database has gone through to get
 * there. The keys end where that can't be named: behind code that may read more than its own files.
 *
 * @param begun what all of it depends on: versions, and what is looked at
 */
export function replayKeys({ graph, revisions }: Project, { steps }: Plan, begun: string): string[] {
  const keys = [digest(begun)];
  for (const { revision, remove, add } of steps) {
    const content = contentOf(revisions.get(revision) as Revision);
    if (content === null) break;
    const parents = graph.parentsOf(revision);
    keys.push(digest(JSON.stringify([keys.at(-1), revision, parents, remove, add, content])));
  }
  return keys;
}

/** All that a revision runs, comments included; null where that is not known. */
function contentOf(revision: Revision): string | null {
  const content = digestOf(revision);
  if (content === null || revision.header.kind === 'sql') return content;
  const text = revision.body.text?.();
  if (text === undefined || revision.file === null) return null;
  const files = new Map<string, string>();
  if (!addImported(text, resolve(revision.file), files)) return null;
  return digest(JSON.stringify([content, ...[...files].sort()]));
}

/** What reaches beyond the files of the code: modules that are found at run time, the process, the network, the disk. */
const BEYOND = /\b(?:import|require)\s*\(\s*[^'"\s]|\b(?:process|fetch|eval|globalThis|createRequire)\b/;
const TYPES = /\bimport\s+type\b[^;'"]*from\s*(['"])[^'"]+\1/g;
const IMPORTED = /\b(?:from|import|require)\s*\(?\s*(['"])([^'"]+)\1/g;

/** @returns false where the code may read more than the files that are found by its imports */
function addImported(code: string, file: string, files: Map<string, string>): boolean {
  const text = code.replace(TYPES, '');
  if (BEYOND.test(text)) return false;
  for (const [, , name = ''] of text.matchAll(IMPORTED)) {
    if (/^revgraph(\/|$)/.test(name)) continue;
    const found = name.startsWith('.') ? readModule(join(dirname(file), name)) : null;
    if (found === null) return false;
    if (files.has(found.path)) continue;
    files.set(found.path, digest(found.text));
    if (!found.path.endsWith('.json') && !addImported(found.text, found.path, files)) return false;
  }
  return true;
}

function readModule(path: string): { path: string; text: string } | null {
  const bare = path.replace(/\.m?js$/, '');
  const tried = [
    path,
    `${bare}.ts`,
    `${bare}.js`,
    `${bare}.mjs`,
    join(path, 'index.ts'),
    join(path, 'index.js'),
  ];
  for (const candidate of tried)
    try {
      return { path: candidate, text: readFileSync(candidate, 'utf8') };
    } catch {
      // The next name, then; without any of them the module is not known.
    }
  return null;
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
