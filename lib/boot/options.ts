import { checkOptions } from '../config/check-options.js';
import type { DatabaseOptions, Override, RunOptions } from '../config/options.js';
import { shellWord } from '../errors/words.js';
import { defaultsOf, type OptionsOf } from '../options/option.js';
import { BOOT, READINESS } from '../options/verbs.js';

/**
 * What a service does if the database is not current. `migrate`: upgrades it; other processes wait · `wait`: waits until
 * another process has upgraded it · `verify`: refuses · `skip`: looks once and continues
 */
export type BootPolicy = (typeof BOOT)['policy']['type'][number];

export interface BootOptions extends RunOptions, OptionsOf<typeof BOOT> {
  /** The revision of a legacy database that can't be identified. */
  readonly override?: Override | undefined;
}

export interface ReadinessOptions extends DatabaseOptions, OptionsOf<typeof READINESS> {}

export const READINESS_DEFAULTS = defaultsOf(READINESS);

/** Options with the defaults that `boot` counts on. */
export interface BootSettings extends BootOptions {
  readonly policy: BootPolicy;
  readonly target: string | readonly string[];
  readonly waitMs: number;
  readonly evidence: 'check' | 'off';
  readonly drift: 'refuse' | 'accept';
  readonly prove: 'warn' | 'fail' | 'off';
  readonly connectRetryMs: number;
}

/** Checks the options once, at the edge, and fills in the defaults. @throws `usage` */
export async function bootSettings(given: BootOptions): Promise<BootSettings> {
  const options = await checkOptions('boot', given);
  const { policy, target, waitMs, evidence, drift, prove, connectRetryMs } = defaultsOf(BOOT);
  return {
    ...options,
    policy: options.policy ?? policy,
    target: options.target ?? target,
    waitMs: options.waitMs ?? waitMs,
    evidence: options.evidence ?? evidence,
    drift: options.drift ?? drift,
    prove: options.prove ?? prove,
    connectRetryMs: options.connectRetryMs ?? connectRetryMs,
  };
}

/** The command that goes on to the same target. */
export function bootAgain({ target, unknownRows }: BootSettings): string {
  const targets = [target].flat().map(shellWord).join(' ');
  return `revgraph boot${targets === defaultsOf(BOOT).target ? '' : ` --target ${targets}`}${unknownRows === undefined ? '' : ` --unknown-rows ${unknownRows}`}`;
}

/**
 * Checks the options of `readiness`. The words that `verify` of `boot` took mean nothing here.
 * @throws `usage`
 */
export function readinessOptions(given: ReadinessOptions): Promise<ReadinessOptions> {
  const { verify, ...rest } = given;
  return checkOptions('readiness', typeof verify === 'string' ? rest : given);
}
