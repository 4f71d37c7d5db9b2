import type { ErrorCode, ErrorDetails } from './details.js';
import type { FailedCheck } from './problem.js';

/** What happened, as a whole sentence, and what to do next, as an imperative. */
export interface Sentence {
  readonly message: string;
  readonly hint?: string;
}

/** The message and hint for each error code. */
export type Sentences<C extends ErrorCode = ErrorCode> = {
  readonly [K in C]: (details: ErrorDetails[K]) => Sentence;
};

/** Lines under a first one, indented. */
export const lines = (parts: readonly string[]): string => parts.join('\n  ');

/** A hint with suggestions, if there are any. */
export const didYouMean = (suggestions: readonly string[]): Pick<Sentence, 'hint'> =>
  suggestions.length === 0 ? {} : { hint: `Did you mean ${suggestions.join(' or ')}?` };

/** `FILE:LINE: "title" of REV: expected 0, found 3`. */
export function failedCheckText({ revision, title, expected, found, file, line }: FailedCheck): string {
  const place = file === null ? '' : `${file}:${line}: `;
  return `${place}${JSON.stringify(title)} of ${revision ?? 'the configuration'}: expected ${expected}, found ${found}`;
}

/** What a database from before a squash has to go through. */
export function olderProduct(release: string | null): string {
  return release === null
    ? 'a version of the product that still has these revisions'
    : `release ${release} of the product`;
}
