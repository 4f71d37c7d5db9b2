import { z } from 'zod/v3';
import { bareVersion } from './names.js';

/** An object of these keys and no others: what is not named is a mistake, not an extra. */
export const strict = <T extends z.ZodRawShape>(shape: T) => z.object(shape).strict();

const words = z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]).optional();

/** See `Expect`. */
export const EXPECT_SCHEMA = strict({ database: words, host: words, systemIdentifier: words, label: words });

/** See `Backup`. */
export const BACKUP_SCHEMA = strict({
  file: z.string().min(1).optional(),
  command: z.string().min(1).optional(),
  maxAgeHours: z.number().positive().optional(),
  minBytes: z.number().int().min(1).optional(),
  timeoutSeconds: z.number().positive().max(86_400).optional(),
}).refine(({ file, command }) => file !== undefined || command !== undefined, {
  message: 'names neither a file nor a command',
});

/** See `Limits`. */
export const LIMITS_SCHEMA = strict({
  bigTableRows: z.number().int().min(1).optional(),
  longTransactionSeconds: z.number().min(0).optional(),
});

const VERSION = /^v?\d+\.\d+\.\d+([-+][0-9A-Za-z.+-]+)?$/;
const version = z.string().regex(VERSION, 'is not a version such as 1.0.28');
const ids = z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]);

/** No release twice, with and without v. */
function assertDistinct(releases: Record<string, unknown>, context: z.RefinementCtx): void {
  const seen = new Set<string>();
  for (const release of Object.keys(releases)) {
    if (seen.has(bareVersion(release)))
      context.addIssue({
        code: 'custom',
        path: [release],
        message: 'is configured twice, with and without v',
      });
    seen.add(bareVersion(release));
  }
}

/** See `Releases`. */
export const RELEASES_SCHEMA = z.record(version, ids).superRefine(assertDistinct);

const COMPARATORS = /^\s*(>=|<)[A-Za-z0-9_.]{1,64}(\s+(>=|<)[A-Za-z0-9_.]{1,64})*\s*$/;

/** Version → comparators. */
export const RUNS_ON_SCHEMA = z.record(
  version,
  z.string().regex(COMPARATORS, 'is not a list such as `>=b2 <f6`'),
);

/** See `CheckDefinition`. */
export const CHECK_SCHEMA = strict({
  title: z.string().trim().min(1),
  sql: z.string().trim().min(1),
  expect: z.union([z.string(), z.number(), z.boolean()]).optional(),
});
