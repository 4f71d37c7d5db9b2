import { type Judgement, unrecordedRows } from '../../access/judgement.js';
import type { Opened } from '../../access/open.js';
import type { Diagnosis } from '../../fingerprint/diagnose.js';

/**
 * `shown`: it ran · `drift`: it ran, but part of it has changed · `undone`: it ran, and nothing of it is left · `changed`: it is there
 * in another shape · `none`: no trace · `missing`: it never ran
 */
export type Evidence = 'shown' | 'drift' | 'undone' | 'changed' | 'none' | 'missing';

/** A revision that never ran by the ledger, which something contradicts: nobody but the user knows. */
interface Doubt {
  readonly revision: string;
  readonly why: string;
}

/**
 * What speaks against the ledger, of revisions that nobody has decided to run: the schema has what they make, or they are rows of
 * the version table, or the user says that they ran.
 */
export function ledgerDoubts(
  { project, rows, table }: Pick<Opened, 'project' | 'rows' | 'table'>,
  { missed }: Pick<Judgement, 'missed'>,
  answers: ReadonlyMap<string, boolean>,
  examined: { readonly diagnosis: Diagnosis } | null,
): Doubt[] {
  const evidence = examined === null ? null : evidenceOf(examined.diagnosis);
  const ofRows = unrecordedRows(project.graph, rows, missed);
  return missed.flatMap(({ revision, shaken, reused }): Doubt[] => {
    const answer = answers.get(revision);
    if (answer === false) return [];
    if (shaken === true)
      return [
        {
          revision,
          why: `${revision} ran; then what it stands on was taken back by code without it, and ran again`,
        },
      ];
    if (reused === true)
      return [{ revision, why: `what ran here as ${revision} had another text, and stood in another place` }];
    // That it ran is the ledger's to say, and no word of this command stays.
    if (answer === true) return [{ revision, why: `no entry of the ledger says that ${revision} ran` }];
    if (evidence?.(revision) === 'shown')
      return [
        {
          revision,
          why: `${revision} never ran according to the ledger, but the schema shows what it makes`,
        },
      ];
    return ofRows.includes(revision)
      ? [
          {
            revision,
            why: `${revision} is ${rows.includes(revision) ? `a row of ${table.name}` : `below a row of ${table.name} without an entry`}, but no entry of the ledger says that it ran`,
          },
        ]
      : [];
  });
}

/** What a diagnosis says of each revision, in a word. */
export function evidenceOf({
  missing,
  undone,
  drift,
  changed,
  undetermined,
}: Diagnosis): (id: string) => Evidence {
  const found = new Map<string, Evidence>();
  for (const id of undetermined) found.set(id, 'none');
  for (const { revision } of drift) found.set(revision, 'drift');
  for (const { revision } of changed) found.set(revision, 'changed');
  for (const { revision } of undone) found.set(revision, 'undone');
  for (const { revision } of missing) found.set(revision, 'missing');
  return (id) => found.get(id) ?? 'shown';
}
