import { z } from 'zod/v3';
import type { DatabaseOptions, RunOptions } from '../config/options.js';
import { BACKUP_SCHEMA, EXPECT_SCHEMA, LIMITS_SCHEMA, strict } from '../config/schema-parts.js';
import { RevgraphError } from '../errors/error.js';

/**
 * What a service does if the database is not current. `migrate`: upgrades it; other processes wait · `wait`: waits until
 * another process has upgraded it · `verify`: refuses · `skip`: looks once and continues
 */
export type BootPolicy = 'migrate' | 'wait' | 'verify' | 'skip';

export interface BootOptions extends RunOptions {
  /** Default `migrate`. */
  readonly policy?: BootPolicy | undefined;
  /** The target: `heads`, ids, a release. Default `heads`. */
  readonly target?: string | readonly string[] | undefined;
  /** Time limit of the policy `wait`, in ms. Default 300,000. */
  readonly waitMs?: number | undefined;
  /**
   * `check` (default): compare the version table with the schema if there is something to run and the revisions have a
   * catalogue. `off`: do not. A legacy database is always identified by its schema.
   */
  readonly evidence?: 'check' | 'off' | undefined;
  /** The revision of a legacy database that can't be identified. The ledger stores the reason and the evidence. */
  readonly override?: { readonly revision: string; readonly reason: string } | undefined;
}

export interface ReadinessOptions extends DatabaseOptions {
  /** Shown in `pg_stat_activity`. */
  readonly application?: string | undefined;
  /** The target that the database must have reached. Default `heads`. */
  readonly target?: string | readonly string[] | undefined;
  /** Whether the checks of applied revisions, and `checks`, must pass too. Default false. */
  readonly verify?: boolean | undefined;
  /** How long an answer is kept, in ms. Default 5,000. */
  readonly ttlMs?: number | undefined;
  /** Time limit of a look at the database, in ms. Default 2,000. */
  readonly timeoutMs?: number | undefined;
}

export const BOOT_DEFAULTS = {
  policy: 'migrate',
  target: 'heads',
  waitMs: 300_000,
  evidence: 'check',
} as const;

export const READINESS_DEFAULTS = { target: 'heads', ttlMs: 5_000, timeoutMs: 2_000 } as const;

/** Options that were given: what is undefined takes its default. */
export function defined<T extends object>(options: T): Partial<T> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Partial<T>;
}

const ms = z.number().int().min(0).max(2_147_483_647).optional();
const target = z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]).optional();
const releases = z.record(z.string(), z.union([z.string(), z.array(z.string())])).optional();
const given = z.custom<unknown>((value) => value !== undefined && value !== null, { message: 'is missing' });

const DATABASE = {
  revisions: given,
  database: given,
  releases,
  minimum: z.string().optional(),
  versionTable: z.string().min(1).max(63).optional(),
  schema: z.string().min(1).max(63).optional(),
  checks: z.array(given).optional(),
  connectTimeoutMs: ms,
  unknownRows: z.enum(['refuse', 'warn', 'allow']).optional(),
  onEvent: z.custom<unknown>((value) => value === undefined || typeof value === 'function').optional(),
  signal: z.custom<unknown>((value) => value === undefined || value instanceof AbortSignal).optional(),
};

const BOOT = strict({
  ...DATABASE,
  policy: z.enum(['migrate', 'wait', 'verify', 'skip']).optional(),
  target,
  waitMs: ms,
  evidence: z.enum(['check', 'off']).optional(),
  override: strict({ revision: z.string().min(1), reason: z.string().trim().min(1) }).optional(),
  lock: z.enum(['advisory', 'off']).optional(),
  lockWaitMs: ms,
  lockTimeoutMs: ms,
  lockRetries: z.number().int().min(0).max(100).optional(),
  statementTimeoutMs: ms,
  background: z.enum(['queue', 'inline']).optional(),
  actor: z.string().optional(),
  application: z.string().optional(),
  verify: z.enum(['after', 'off']).optional(),
  dryRun: z.boolean().optional(),
  expect: EXPECT_SCHEMA.optional(),
  backup: BACKUP_SCHEMA.optional(),
  preflight: z.enum(['check', 'off']).optional(),
  limits: LIMITS_SCHEMA.optional(),
});

/** Those of `boot` are passed over, so that one object may serve both; its `verify` is no wish of this one. */
const READINESS = z.object({
  ...DATABASE,
  target,
  ttlMs: ms,
  timeoutMs: ms,
  verify: z.union([z.boolean(), z.enum(['after', 'off'])]).optional(),
});

/** Checks the options once, at the edge. @throws `usage` with the path of every value that is wrong */
export function parseBootOptions(options: BootOptions): BootOptions {
  return parse(BOOT, options, 'boot()');
}

export function parseReadinessOptions(options: ReadinessOptions): ReadinessOptions {
  return parse(READINESS, options, 'readiness()');
}

function parse<T extends object>(schema: z.ZodTypeAny, options: T, what: string): T {
  const parsed = schema.safeParse(options);
  if (parsed.success) return options;
  const issues = parsed.error.issues.map(({ path, message }) =>
    path.length === 0 ? message : `${path.join('.')}: ${message}`,
  );
  throw new RevgraphError('usage', {
    message: `The options of ${what} are not valid: ${issues.join('; ')}.`,
    hint: 'See docs/boot.md.',
  });
}

/** Options with their defaults. */
export interface BootSettings extends BootOptions {
  readonly policy: BootPolicy;
  readonly target: string | readonly string[];
  readonly waitMs: number;
  readonly evidence: 'check' | 'off';
}
