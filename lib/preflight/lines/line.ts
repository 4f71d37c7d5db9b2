import { counted } from '../../errors/words.js';
import type { QuestionPlace } from '../simulate/questions.js';

/** One line of the checklist. */
export interface PreflightCheck {
  /** What kind of check, for programs: `privilege`, `loss`, `orphans` … */
  readonly name: string;
  /** `ok` · `warn`: it may go wrong, or something is lost · `no`: it would fail · `skipped`: not looked at */
  readonly status: 'ok' | 'warn' | 'no' | 'skipped';
  /** What was looked at. */
  readonly title: string;
  readonly found: string;
  /** What to do about it. */
  readonly remedy: string | null;
  /** The statement that it is about; null where it is about no single one. */
  readonly revision: string | null;
  readonly file: string | null;
  readonly line: number | null;
  /** Rows that are lost, or in the way. */
  readonly rows: number | null;
}

/** What is lost by a run. */
export interface Loss {
  readonly revision: string;
  /** `DROP TABLE topics`, or the words of `@loses`. */
  readonly what: string;
  /** Null: not counted. */
  readonly rows: number | null;
}

/** A line about a statement. */
export function lineAt(
  { revision, file, line }: Pick<QuestionPlace, 'revision' | 'file' | 'line'>,
  check: Pick<PreflightCheck, 'name' | 'status' | 'title' | 'found'> & Partial<PreflightCheck>,
): PreflightCheck {
  return { remedy: null, rows: null, revision, file, line, ...check };
}

/** A line about no single statement. */
export function lineOf(
  name: string,
  status: PreflightCheck['status'],
  title: string,
  found: string,
  remedy: string | null = null,
): PreflightCheck {
  return { name, status, title, found, remedy, revision: null, file: null, line: null, rows: null };
}

/** What would fail; where something earlier in the plan may settle it, only a warning. */
export const refusing = ({ sure }: QuestionPlace): 'no' | 'warn' => (sure ? 'no' : 'warn');

export const UNSURE = 'unless what comes before it in the plan, and can not be looked into, sees to it';

/** `1,234,567`. */
export const number = (value: number): string => value.toLocaleString('en-US');

/** `1 row`, `2 rows`. */
export const rowsText = (rows: number): string => counted(rows, 'row', 'rows', number(rows));

const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB'];

/** Bytes as people say them. */
export function sizeText(bytes: number): string {
  const unit = bytes < 1 ? 0 : Math.min(Math.floor(Math.log2(bytes) / 10), UNITS.length - 1);
  const value = bytes / 1024 ** unit;
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${UNITS[unit]}`;
}
