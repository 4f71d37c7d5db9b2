/** A new `.sql` revision; its sections are left to be written. */
export function sqlTemplate(header: readonly string[], merge: boolean): string {
  const head = header.map((line) => `-- ${line}`.trimEnd()).join('\n');
  if (merge) return `${head}\n`;
  return `${head}

-- @upgrade
-- write SQL here

-- @downgrade
-- write SQL here
`;
}

/** A new `.ts` revision. It throws until it is written: a function that does nothing would count as applied. */
export function codeTemplate(header: readonly string[], merge: boolean): string {
  const head = ['/**', ...header.map((line) => ` * ${line}`.trimEnd()), ' */'].join('\n');
  if (merge) return `${head}\nexport {};\n`;
  return `${head}
import type { RevisionContext } from 'revgraph';

export async function upgrade({ revision }: RevisionContext): Promise<void> {
  throw new Error(\`write the upgrade of \${revision} here\`);
}

export async function downgrade({ revision }: RevisionContext): Promise<void> {
  throw new Error(\`write the downgrade of \${revision} here\`);
}
`;
}
