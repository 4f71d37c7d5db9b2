import { RevgraphError } from '../lib/index.js';
import { agree, nearest } from '../lib/render/words.js';

/**
 * What yargs says of arguments that nobody declared, with the names as they were typed and those that were meant.
 * @param message of yargs, in English
 * @param declared options of the command, without dashes
 * @returns null where it complains of something else
 */
export function unknownArguments(
  message: string | null,
  args: readonly string[],
  declared: readonly string[],
): RevgraphError<'usage'> | null {
  const told = /^Unknown arguments?: (.+)$/s.exec(message ?? '')?.[1];
  if (told === undefined) return null;
  const names = told.split(', ');
  // `--lock-timout` is told of as lockTimout too.
  const doubles = new Set(
    names.map(camel).filter((name) => names.some((n) => n !== name && camel(n) === name)),
  );
  const typed = names.filter((name) => !doubles.has(name)).map((name) => asTyped(name, args));
  const options = declared.filter((name) => name.length > 1 && name === name.toLowerCase());
  const meant = typed.flatMap((word) => {
    const [, dashes = '', name = ''] = /^(--no-|--|-)(.+)$/s.exec(word) ?? [];
    return nearest(name, options).map((option) => (dashes === '--no-' ? '--no-' : '--') + option);
  });
  return new RevgraphError('usage', {
    message: `${agree(typed.length, 'Unknown argument', 'Unknown arguments')}: ${typed.join(', ')}.`,
    ...(meant.length === 0 ? {} : { hint: `Did you mean ${[...new Set(meant)].join(' or ')}?` }),
  });
}

const camel = (name: string): string => name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());

function asTyped(name: string, args: readonly string[]): string {
  const words = args.map((arg) => arg.replace(/=.*$/s, ''));
  return [`--${name}`, `--no-${name}`, `-${name}`].find((word) => words.includes(word)) ?? name;
}
