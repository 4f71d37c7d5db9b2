import type { Header } from './assemble.js';

/** What a body has, as far as the rules ask. */
export interface Parts {
  readonly upgrade: boolean;
  readonly downgrade: boolean;
  readonly verify: boolean;
  /** `@batch` sections of a SQL file. */
  readonly batch?: boolean;
}

/**
 * What a revision must and must not have, the same for SQL, code and objects: a documentation revision
 * (`@adopt`) only verifies, a merge point may be empty, all others upgrade.
 *
 * @param name how a part is called there: `@upgrade`, `export upgrade`, …
 */
export function ruleProblems(
  parts: Parts,
  { revises, header }: { revises: readonly string[]; header: Header },
  name: (part: keyof Parts) => string,
): { message: string; hint: string }[] {
  const problems: { message: string; hint: string }[] = [];
  const report = (message: string, hint: string): void => void problems.push({ message, hint });
  if (header.background && header.kind === 'sql' && !parts.batch)
    report('@background requires @batch', 'Background work runs in batches. Write it as @batch sections');
  if (header.adopt) {
    const hint = 'A documentation revision changes nothing. It only verifies that its objects exist';
    if (parts.upgrade) report(`@adopt and ${name('upgrade')} exclude each other`, hint);
    if (parts.downgrade) report(`@adopt and ${name('downgrade')} exclude each other`, hint);
    if (!parts.verify) report(`@adopt requires ${name('verify')}`, hint);
  } else if (!parts.upgrade && revises.length < 2) {
    const only = 'Only a merge point (two or more parents) may be empty';
    const onPurpose = '. If it does nothing on purpose, write `-- @upgrade` with `-- nothing` below it';
    report(`${name('upgrade')} is missing`, header.kind === 'sql' ? only + onPurpose : only);
  }
  if (header.irreversible !== null && parts.downgrade) {
    report(`@irreversible and ${name('downgrade')} exclude each other`, 'Remove one of the two');
  }
  return problems;
}
