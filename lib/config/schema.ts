import { z } from 'zod/v3';
import { RevgraphError } from '../errors/error.js';
import type { Releases } from '../project/releases.js';
import type { CheckDefinition } from '../revision/object-body.js';
import type { MatrixConfig } from './matrix.js';
import { MATRIX_SCHEMA } from './matrix-schema.js';
import type { Backup, Expect, Limits } from './options.js';
import { BACKUP_SCHEMA, EXPECT_SCHEMA, LIMITS_SCHEMA, strict } from './schema-parts.js';

/** PostgreSQL keeps timeouts as milliseconds in 32 bits. */
const ms = z.number().int().min(0).max(2_147_483_647);

const VERSION = /^v?\d+\.\d+\.\d+([-+][0-9A-Za-z.+-]+)?$/;
const version = z.string().regex(VERSION, 'is not a version such as 1.0.28');
const ids = z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]);

const bare = (release: string): string => release.replace(/^v/, '');

/** `v1.0.0` and `1.0.0` are one release. */
function assertDistinct(releases: Record<string, unknown>, context: z.RefinementCtx): void {
  const seen = new Set<string>();
  for (const release of Object.keys(releases)) {
    if (seen.has(bare(release)))
      context.addIssue({
        code: 'custom',
        path: [release],
        message: 'is configured twice, with and without v',
      });
    seen.add(bare(release));
  }
}

export const CHECK = strict({
  title: z.string().trim().min(1),
  sql: z.string().trim().min(1),
  expect: z.union([z.string(), z.number(), z.boolean()]).optional(),
});

const SCHEMA = strict({
  $schema: z.string().optional(),
  revisions: z.string().min(1).optional(),
  url: z.string().min(1).optional(),
  versionTable: z.string().min(1).max(63).optional(),
  schema: z.string().min(1).max(63).optional(),
  lockWaitMs: ms.optional(),
  lockTimeoutMs: ms.optional(),
  lockRetries: z.number().int().min(0).max(100).optional(),
  statementTimeoutMs: ms.optional(),
  connectTimeoutMs: ms.optional(),
  unknownRows: z.enum(['refuse', 'warn', 'allow']).optional(),
  application: z.string().optional(),
  releases: z.record(version, ids).superRefine(assertDistinct).optional(),
  minimum: version.optional(),
  checks: z.array(CHECK).optional(),
  matrix: MATRIX_SCHEMA.optional(),
  expect: EXPECT_SCHEMA.optional(),
  backup: BACKUP_SCHEMA.optional(),
  preflight: LIMITS_SCHEMA.optional(),
});

/**
 * Checks a configuration once, at the edge. Read by every command, also by those that list something: the older interface of zod loads in a
 * sixth of the time of the newer one.
 * @throws `config_invalid`
 */
export function parseConfig(raw: unknown, file: string): Config {
  const parsed = SCHEMA.safeParse(raw);
  const issues = parsed.error?.issues.map(({ path, message }) => ({ path: path.join('.'), message })) ?? [];
  const { minimum, releases = {} } = parsed.data ?? {};
  if (minimum !== undefined && !Object.keys(releases).some((release) => bare(release) === bare(minimum)))
    issues.push({ path: 'minimum', message: `release ${minimum} is not configured` });
  if (parsed.success && issues.length === 0) return parsed.data;
  throw new RevgraphError('config_invalid', { file, issues });
}

/** What a configuration file may say. Paths are relative to the file. */
export interface Config {
  readonly revisions?: string | undefined;
  readonly url?: string | undefined;
  readonly versionTable?: string | undefined;
  readonly schema?: string | undefined;
  readonly lockWaitMs?: number | undefined;
  readonly lockTimeoutMs?: number | undefined;
  readonly lockRetries?: number | undefined;
  readonly statementTimeoutMs?: number | undefined;
  readonly connectTimeoutMs?: number | undefined;
  readonly unknownRows?: 'refuse' | 'warn' | 'allow' | undefined;
  readonly application?: string | undefined;
  /** Version of the product → revision, or revisions, that it ends in. */
  readonly releases?: Releases | undefined;
  /** The oldest release whose databases are still upgraded. */
  readonly minimum?: string | undefined;
  /** What has to hold when nothing is pending: `revgraph verify` asks, and every upgrade that ends there. */
  readonly checks?: readonly CheckDefinition[] | undefined;
  /** The upgrade paths that `revgraph matrix` walks. */
  readonly matrix?: MatrixConfig | undefined;
  /** The database that is meant: every command that writes refuses any other. */
  readonly expect?: Expect | undefined;
  /** A backup that must be there before anything runs. */
  readonly backup?: Backup | undefined;
  /** What is big and what is long for the preflight. */
  readonly preflight?: Limits | undefined;
}
