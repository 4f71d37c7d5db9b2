import { readdirSync, type Stats, statSync } from 'node:fs';
import { dirname, join, parse, sep } from 'node:path';
import type { Backup } from '../config/options.js';
import { withoutSecrets } from '../errors/secrets.js';
import { runLimited } from './limited-command.js';

const DEFAULTS = { maxAgeHours: 24, minBytes: 1, timeoutSeconds: 60 } as const;
const KEPT = 1024;

/** What the ledger stores about a backup. */
export interface BackupRecord {
  readonly file?: string;
  readonly bytes?: number;
  /** ISO 8601. */
  readonly modified?: string;
  readonly command?: string;
  readonly output?: string;
}

/** A valid backup, or what is wrong with it. */
export type BackupFound =
  | { readonly ok: true; readonly record: BackupRecord; readonly found: string }
  | { readonly ok: false; readonly found: string; readonly remedy: string };

/** Looks for the backup: a recent file that is not empty, a command that exits with 0, or both. */
export async function findBackup(backup: Backup): Promise<BackupFound> {
  const parts: BackupFound[] = [];
  if (backup.file !== undefined) parts.push(lookAtFile(backup.file, backup));
  if (backup.command !== undefined) parts.push(await askCommand(backup.command, backup));
  const wrong = parts.find((part) => !part.ok);
  if (wrong !== undefined) return wrong;
  const good = parts.filter((part) => part.ok);
  return {
    ok: true,
    record: Object.assign({}, ...good.map(({ record }) => record)),
    found: good.map(({ found }) => found).join('; '),
  };
}

function lookAtFile(pattern: string, backup: Backup): BackupFound {
  const { maxAgeHours = DEFAULTS.maxAgeHours, minBytes = DEFAULTS.minBytes } = backup;
  const newest = matching(pattern)
    .map((file) => ({ file, ...measured(file) }))
    .sort((a, b) => b.modified - a.modified)[0];
  if (newest === undefined)
    return { ok: false, found: `no file matches ${pattern}`, remedy: 'Make a backup first.' };
  const { file, bytes, modified } = newest;
  const hours = (Date.now() - modified) / 3_600_000;
  const about = `${file}, ${bytes} bytes, ${age(hours)} old`;
  if (bytes < minBytes)
    return {
      ok: false,
      found: `${about}: smaller than ${minBytes} bytes`,
      remedy: 'Find out why the backup failed, then make it again.',
    };
  if (hours > maxAgeHours)
    return {
      ok: false,
      found: `${about}: older than ${maxAgeHours} h`,
      remedy: 'Make a new backup first.',
    };
  return { ok: true, record: { file, bytes, modified: new Date(modified).toISOString() }, found: about };
}

const age = (hours: number): string =>
  hours < 1 ? `${Math.max(0, Math.round(hours * 60))} min` : `${Math.round(hours)} h`;

/** Files and folders that a path with `*` and `?` in it names. */
function matching(pattern: string): string[] {
  const { root, dir, base } = parse(pattern);
  if (!/[*?]/.test(pattern)) return statOf(pattern) === null ? [] : [pattern];
  if (base === '') return [root];
  const folders = /[*?]/.test(dir) ? matching(dir) : [dirname(pattern)];
  const wanted = new RegExp(
    `^${base
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
  );
  return folders.flatMap((folder) =>
    listed(folder).flatMap((name) =>
      wanted.test(name) && (base.startsWith('.') || !name.startsWith('.'))
        ? [folder === '.' && !pattern.startsWith(`.${sep}`) ? name : join(folder, name)]
        : [],
    ),
  );
}

function listed(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** A file that can't be looked at is not there. */
function statOf(file: string): Stats | null {
  try {
    return statSync(file);
  } catch {
    return null;
  }
}

/** A folder, as `pg_dump -Fd` makes it, is as big as what is in it, and as old as the newest of that. */
function measured(file: string): { bytes: number; modified: number } {
  const own = statOf(file);
  if (own === null) return { bytes: 0, modified: 0 };
  if (!own.isDirectory()) return { bytes: own.size, modified: own.mtimeMs };
  const parts = listed(file).map((name) => statOf(join(file, name)));
  const bytes = parts.reduce((sum, part) => sum + (part?.isFile() ? part.size : 0), 0);
  return { bytes, modified: Math.max(...parts.map((part) => part?.mtimeMs ?? 0), 0) };
}

async function askCommand(command: string, backup: Backup): Promise<BackupFound> {
  const seconds = backup.timeoutSeconds ?? DEFAULTS.timeoutSeconds;
  const { exitValue, stdout, stderr, timedOut } = await runLimited(command, seconds * 1000);
  const text = redacted(command);
  const remedy = 'Make a backup, or fix `backup.command` in the configuration.';
  if (timedOut) return { ok: false, found: `\`${text}\` did not end within ${seconds} s`, remedy };
  if (exitValue !== 0) {
    const why = redacted(stderr.trim().split('\n').at(-1) ?? '').slice(0, 200);
    const ended = exitValue === null ? 'was ended by a signal' : `exited with ${exitValue}`;
    return { ok: false, found: `\`${text}\` ${ended}${why === '' ? '' : `: ${why}`}`, remedy };
  }
  const output = redacted(stdout.trim()).slice(0, KEPT);
  const first = output.split('\n')[0]?.slice(0, 200) ?? '';
  return {
    ok: true,
    record: { command: text, output },
    found: first === '' ? `\`${text}\` exited with 0` : first,
  };
}

/** Text without what looks like a password: of a command line, of what it prints, of a URL in it. */
export function redacted(text: string): string {
  return withoutSecrets(text)
    .replace(/((?:token|key)["']?\s*[=:]\s*)("[^"]*"|'[^']*'|[^\s"',;]+)/gi, '$1…')
    .replace(/(--(?:password|token|secret)\s+)\S+/gi, '$1…');
}
