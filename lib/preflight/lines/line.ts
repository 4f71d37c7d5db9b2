import { counted } from '../../errors/words.js';
import type { QuestionPlace } from '../simulate/questions.js';

/** One line of the checklist. */
export interface PreflightCheck {
  /** What kind of check, for programs: `privilege`, `loss`, `orphans` … */
  readonly name: string;
  /** `ok` · `warn`: it may fail, or data is lost · `no`: a blocker, it would fail · `skipped`: not checked */
  readonly status: 'ok' | 'warn' | 'no' | 'skipped';
  /** What was checked. */
  readonly title: string;
  readonly found: string;
  /** What to do, or null. */
  readonly remedy: string | null;
  /** The statement that the check is about; null if it is not about a single one. */
  readonly revision: string | null;
  readonly file: string | null;
  readonly line: number | null;
  /** Number of rows that are lost or that block the statement; null if not counted. */
  readonly rows: number | null;
}

/** Data that a run destroys. */
export interface DataLoss {
  readonly revision: string;
  /** `DROP TABLE topics`, or the text of `@loses`. */
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

/** `no` for what would fail; only `warn` if an earlier step of the plan may change it. */
export const refusing = ({ sure }: QuestionPlace): 'no' | 'warn' => (sure ? 'no' : 'warn');

export const UNSURE = "unless an earlier part of the plan that can't be analysed changes this";

/** `1,234,567`. */
export const number = (value: number): string => value.toLocaleString('en-US');

/** `1 row`, `2 rows`. */
export const rowsText = (rows: number): string => counted(rows, 'row', 'rows', number(rows));

const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB'];

/** Bytes with a unit: `12 kB`. */
export function sizeText(bytes: number): string {
  const unit = bytes < 1 ? 0 : Math.min(Math.floor(Math.log2(bytes) / 10), UNITS.length - 1);
  const value = bytes / 1024 ** unit;
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${UNITS[unit]}`;
}
