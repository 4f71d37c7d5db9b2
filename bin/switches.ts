import { RevgraphError } from '../lib/index.js';

/**
 * A switch with a value of its own, such as `--dry-run=yes`, would be read as off, and `--no-revisions` as a folder.
 *
 * @param switches options without a value, under all of their names
 * @throws `usage`
 */
export function assertSwitches(args: readonly string[], switches: readonly string[]): void {
  const known = new Set(switches.map(camel));
  for (const arg of args) {
    if (arg === '--') return;
    const [, dashes = '', no, name = '', value] = /^(--?)(no-)?([^=]+)(?:=(.*))?$/s.exec(arg) ?? [];
    if (!known.has(camel(name))) {
      if (no === undefined || value !== undefined) continue;
      throw new RevgraphError('usage', {
        message: `--no-${name} is no option: --${name} takes a value.`,
        hint: `Leave --${name} out for its default.`,
      });
    }
    if (value === undefined || value === 'true' || value === 'false') continue;
    throw new RevgraphError('usage', {
      message: `${dashes}${name} takes no value, and was given ${JSON.stringify(value)}.`,
      hint: `Write ${dashes}${name}${dashes === '--' ? ` or --no-${name}` : ''}.`,
    });
  }
}

const camel = (name: string): string => name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
