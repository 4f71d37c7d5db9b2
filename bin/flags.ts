import type { Options } from 'yargs';
import type { Option } from '../lib/index.js';

/** PostgreSQL keeps timeouts as milliseconds in 32 bits. */
const MOST_SECONDS = 2_147_483;

/** The help text of an option: what it does, and what counts where it is left out. */
export function helpOf({ help, type, default: value }: Option): string {
  const text = type === 'ms' ? `${help} (seconds)` : help;
  // yargs itself shows the default of a switch.
  if (value === undefined || isSwitch(type)) return text;
  return `${text}  [default: ${type === 'ms' ? Number(value) / 1000 : value}]`;
}

const isCheckOrOff = (type: Option['type']): boolean => Array.isArray(type) && type.join() === 'check,off';
const isSwitch = (type: Option['type']): boolean => type === 'boolean' || isCheckOrOff(type);

/** An option as yargs reads it. `check` and `off` are a switch; milliseconds are typed in seconds. */
export function flag(option: Option): Options {
  const { type, default: value } = option;
  const describe = helpOf(option);
  if (isSwitch(type)) return { type: 'boolean', default: value === true || value === 'check', describe };
  if (type === 'ms') return { type: 'string', requiresArg: true, describe, coerce: each(toSeconds) };
  if (type === 'count' || type === 'positive')
    return { type: 'string', requiresArg: true, default: String(value), describe, coerce: each(toCount) };
  if (Array.isArray(type)) return { choices: type, describe };
  return { type: 'string', requiresArg: true, describe, ...(isList(type) ? { array: true } : {}) };
}

const isList = (type: Option['type']): boolean => type === 'texts' || type === 'oneOrMore';

/** Values of an option made into something else; a repeated one stays a list, which is refused with all others. */
function each<T>(convert: (value: string) => T): (typed: string | string[] | undefined) => unknown {
  return (typed) =>
    typed === undefined
      ? undefined
      : Array.isArray(typed)
        ? typed.map(convert)
        : // `--no-…` makes false of it.
          convert(String(typed));
}

function toSeconds(value: string): number {
  const number = Number(value);
  if (!Number.isFinite(number) || number < 0 || number > MOST_SECONDS || value.trim() === '')
    throw new Error(`${JSON.stringify(value)} is not a number of seconds between 0 and ${MOST_SECONDS}`);
  return number;
}

function toCount(value: string): number {
  const number = Number(value);
  if (Number.isInteger(number) && number >= 0 && number <= 1000) return number;
  throw new Error(`${JSON.stringify(value)} is not a number between 0 and 1000`);
}
