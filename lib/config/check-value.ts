import type { GivenType, Option, OptionIssue } from '../options/option.js';
import { HOOKS } from '../options/table.js';
import { readVersion } from '../revision/header/tag-value.js';
import type { EventLevel } from '../run/events.js';

/** Methods of a logger. */
const LEVELS: readonly EventLevel[] = ['debug', 'info', 'warn', 'error'];
/** PostgreSQL keeps timeouts as milliseconds in 32 bits. */
const MOST = 2_147_483_647;
/** Bytes of a name in PostgreSQL. */
const LONGEST_NAME = 63;

/** Types with a schema of their own, which is only loaded for a value that needs it. */
const STRUCTURED: readonly string[] = [
  'releases',
  'runsOn',
  'checks',
  'expect',
  'backup',
  'limits',
  'override',
];

/** What is wrong with the value of an option. Plain values need no schema; structured ones load zod. */
export async function checkValue(name: string, { type }: Option, value: unknown): Promise<OptionIssue[]> {
  if (value === undefined) return [];
  if (typeof type === 'string' && STRUCTURED.includes(type)) {
    const { structureIssues } = await import('./structured.js');
    return structureIssues(name, type as GivenType, value);
  }
  const message = plainProblem(type, value);
  return message === null ? [] : [{ path: name, message }];
}

const isText = (value: unknown): value is string => typeof value === 'string';
const areTexts = (value: unknown): boolean =>
  Array.isArray(value) && value.every((one) => isText(one) && one !== '');
const areHooks = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  Object.entries(value).every(
    ([name, hook]) =>
      (HOOKS as readonly string[]).includes(name) && (hook === undefined || typeof hook === 'function'),
  );
/** A logger may be a function that has them. */
const isLogger = (value: unknown): boolean =>
  value !== null &&
  value !== undefined &&
  LEVELS.every((level) => typeof (value as Record<string, unknown>)[level] === 'function');
const isWhole = (value: unknown, least: number): boolean =>
  Number.isInteger(value) && Number(value) >= least && Number(value) <= MOST;

function plainProblem(type: Option['type'], value: unknown): string | null {
  const say = (ok: boolean, message: string): string | null => (ok ? null : message);
  switch (type) {
    case 'text':
      return say(isText(value), 'must be a string');
    case 'name':
      return say(
        isText(value) && value !== '' && !value.includes('\0') && Buffer.byteLength(value) <= LONGEST_NAME,
        `must be a name of 1 to ${LONGEST_NAME} bytes`,
      );
    case 'version':
      return say(isText(value) && readVersion(value).ok, 'must be a version such as 2.4.0');
    case 'oneOrMore':
      return say((isText(value) && value !== '') || areTexts(value), 'must be a string or a list of strings');
    case 'texts':
      return say(areTexts(value), 'must be a list of strings');
    case 'boolean':
      return say(typeof value === 'boolean', 'must be true or false');
    case 'ms':
      return say(
        typeof value === 'number' && value >= 0 && value <= MOST,
        `must be a number of milliseconds from 0 to ${MOST}`,
      );
    case 'count':
      return say(isWhole(value, 0), 'must be a whole number from 0');
    case 'positive':
      return say(isWhole(value, 1), 'must be a whole number from 1');
    case 'function':
      return say(typeof value === 'function', 'must be a function');
    case 'logger':
      return say(isLogger(value), `must be a logger with functions ${LEVELS.join(', ')}`);
    case 'hooks':
      return say(areHooks(value), `must be an object with functions ${HOOKS.join(', ')}`);
    case 'signal':
      return say(value instanceof AbortSignal, 'must be an AbortSignal');
    case 'given':
      return say(value !== null, 'must not be null');
    default:
      return say(
        typeof type !== 'string' && isText(value) && type.includes(value),
        `must be ${[type]
          .flat()
          .join(', ')
          .replace(/, (?=[^,]*$)/, ' or ')}`,
      );
  }
}
