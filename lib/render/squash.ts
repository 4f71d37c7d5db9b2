import { type Paint, PLAIN } from './lists.js';
import { counted } from './words.js';

/** What a squash was made of, what was proven, and what to look at. */
export function squashText(
  result: {
    readonly revision: string;
    readonly file: string;
    readonly replaces: readonly string[];
    readonly deleted: readonly string[];
    readonly review: readonly { readonly revision: string; readonly why: string }[];
    readonly proof: {
      readonly facts: number;
      readonly definitions: number;
      readonly tables: number;
      readonly rows: number;
      readonly differs: readonly string[];
    };
    readonly catalogue: string | null;
    readonly text: string;
    readonly dryRun: boolean;
  },
  paint: Paint = PLAIN,
): string {
  const { facts, definitions, tables, rows, differs } = result.proof;
  return [
    `proven: ${counted(facts, 'fact')}, ${counted(definitions, 'definition')} and ${counted(rows, 'row')} in ${counted(tables, 'table')} are the same with and without it`,
    ...differs.map((name) => `  ${name} differs from run to run: the clock, or a random value`),
    ...(result.review.length === 0 ? [] : ['look at:']),
    ...result.review.map(({ revision, why }) => `  ${paint.id(revision)}  ${why}`),
    ...(result.dryRun ? ['', result.text] : []),
    `${result.dryRun ? 'dry run: ' : ''}${paint.id(result.revision)} takes the place of ${counted(result.replaces.length, 'revision')}`,
    ...(result.dryRun ? [] : result.deleted.map((file) => paint.dim(`deleted ${file}`))),
    ...(result.catalogue === null ? [] : [result.catalogue]),
    result.file,
  ].join('\n');
}
