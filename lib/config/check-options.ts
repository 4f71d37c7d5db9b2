import { RevgraphError } from '../errors/error.js';
import { OPTIONS, type OptionsFunction } from '../options/functions.js';
import type { Option, OptionIssue, Options } from '../options/option.js';
import { checkValue } from './check-value.js';
import { unknownText } from './names.js';

/** Words that `verify` took. */
const FORMER_WORDS: Readonly<Record<string, boolean>> = { after: true, off: false };

/**
 * Checks the options of an exported function, and brings former spellings to those of today. An option of another function
 * is passed over, so that one object may serve several; what is an option of none is refused.
 *
 * @throws `usage` with every name and value that is wrong
 */
export async function checkOptions<T extends object>(name: OptionsFunction, given: T): Promise<T> {
  if (typeof given !== 'object' || given === null)
    throw invalid(name, [{ path: '', message: 'an object with options is needed' }]);
  const group: Options = OPTIONS[name];
  const options = modernised(group, given as Readonly<Record<string, unknown>>);
  const issues: OptionIssue[] = [];
  for (const [key, option] of Object.entries(group)) {
    const value = options[key];
    if (option.required === true && (value === undefined || value === null))
      issues.push({ path: key, message: 'is missing' });
    else issues.push(...(await checkValue(key, option, value)));
  }
  for (const key of Object.keys(options))
    if (!KNOWN.has(key)) issues.push({ path: key, message: unknownText(key, Object.keys(group)) });
  if (issues.length > 0) throw invalid(name, issues);
  return options as T;
}

const KNOWN: ReadonlySet<string> = new Set(
  Object.values<Options>(OPTIONS).flatMap((group) =>
    Object.entries(group).flatMap(([key, { formerly }]) =>
      formerly === undefined ? [key] : [key, formerly],
    ),
  ),
);

function modernised(
  group: Options,
  given: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const options: Record<string, unknown> = { ...given };
  for (const [key, option] of Object.entries<Option>(group)) {
    const { formerly, type } = option;
    if (formerly !== undefined && options[formerly] !== undefined) {
      options[key] ??= options[formerly];
      delete options[formerly];
    }
    if (key === 'verify' && typeof options.verify === 'string')
      options.verify = FORMER_WORDS[options.verify] ?? options.verify;
    if (type === 'override' && (typeof options[key] === 'string' || Array.isArray(options[key])))
      options[key] = { revision: options[key], reason: options.reason };
  }
  return options;
}

function invalid(name: OptionsFunction, issues: readonly OptionIssue[]): RevgraphError {
  const told = issues.map(({ path, message }) => (path === '' ? message : `${path} ${message}`));
  return new RevgraphError('usage', {
    message: `The options of ${name}() are wrong: ${told.join('; ').replace(/[^?]$/, '$&.')}`,
    hint: 'docs/options.md lists every option.',
  });
}
