import type { AcceptOptions, Decided, ForgetOptions } from '../apply/decide.js';
import type { Retried, RetryOptions } from '../apply/retry.js';

/**
 * Records that a revision is meant as it is: one that was edited after it ran counts as it is now, one that is missed counts as
 * applied without ever having run. The schema is not changed.
 *
 * @throws `nothing_to_accept`, `reason_missing`
 */
export async function accept(options: AcceptOptions): Promise<Decided> {
  const { checkOptions } = await import('../config/check-options.js');
  const { acceptRevision } = await import('../apply/decide.js');
  return acceptRevision(await checkOptions('accept', options));
}

/**
 * Takes the row of a retired line away, which no file has any more. What its revisions made stays in the schema.
 *
 * @throws `not_unknown`, `reason_missing`; `confirmation_needed` without `confirmed`
 */
export async function forget(options: ForgetOptions): Promise<Decided> {
  const { checkOptions } = await import('../config/check-options.js');
  const { forgetRow } = await import('../apply/decide.js');
  return forgetRow(await checkOptions('forget', options));
}

/**
 * Lets a revision be tried again whose last attempt did not end well: one that was given up after several failures, or one with a
 * statement outside a transaction of which nobody knows whether it was finished. With `done` that one counts as finished.
 *
 * @throws `nothing_to_retry`
 */
export async function retry(options: RetryOptions): Promise<Retried> {
  const { checkOptions } = await import('../config/check-options.js');
  const { retryRevision } = await import('../apply/retry.js');
  return retryRevision(await checkOptions('retry', options));
}
