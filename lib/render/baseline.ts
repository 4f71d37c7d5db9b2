import { type Paint, PLAIN } from './lists.js';
import { counted, printable } from './words.js';

/** What a baseline holds, what was proven, and what of the dump is not in it. */
export function baselineText(
  result: {
    readonly revision: string;
    readonly file: string;
    readonly statements: number;
    readonly leftOut: readonly { readonly line: number; readonly statement: string; readonly why: string }[];
    readonly facts: number;
    readonly catalogue: string | null;
    readonly stamped: boolean;
    readonly text: string;
    readonly dryRun: boolean;
  },
  paint: Paint = PLAIN,
): string {
  const { leftOut } = result;
  const reasons = [...new Set(leftOut.map(({ why }) => why))];
  const ofReason = (reason: string): string => {
    const those = leftOut.filter(({ why }) => why === reason);
    const where = those.length === 1 ? `line ${those[0]?.line}` : `the first in line ${those[0]?.line}`;
    return `  ${counted(those.length, 'statement')} (${where}): ${reason}`;
  };
  return [
    `proven: ${counted(result.facts, 'fact')} of the schema are the same in the database and where the baseline ran`,
    ...(reasons.length === 0 ? [] : ['left out:', ...reasons.map(ofReason)]),
    ...(result.dryRun ? ['', printable(result.text)] : []),
    `${result.dryRun ? 'dry run: ' : ''}${paint.id(result.revision)} has ${counted(result.statements, 'statement')}`,
    ...(result.stamped ? [`the database is stamped with ${paint.id(result.revision)}`] : []),
    ...(result.catalogue === null ? [] : [result.catalogue]),
    result.file,
  ].join('\n');
}
