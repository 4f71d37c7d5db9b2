import { z } from 'zod/v3';
import type { GivenType, OptionIssue } from '../options/option.js';
import {
  BACKUP_SCHEMA,
  CHECK_SCHEMA,
  EXPECT_SCHEMA,
  LIMITS_SCHEMA,
  RELEASES_SCHEMA,
  RUNS_ON_SCHEMA,
  strict,
} from './schema-parts.js';

export const SCHEMAS: Readonly<Partial<Record<GivenType, z.ZodTypeAny>>> = {
  releases: RELEASES_SCHEMA,
  runsOn: RUNS_ON_SCHEMA,
  checks: z.array(CHECK_SCHEMA),
  expect: EXPECT_SCHEMA,
  backup: BACKUP_SCHEMA,
  limits: LIMITS_SCHEMA,
  override: strict({
    revision: z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]),
    reason: z.string().trim().min(1).optional(),
  }),
};

/** What is wrong with a structured value, with the path of each part. */
export function structureIssues(name: string, type: GivenType, value: unknown): OptionIssue[] {
  const parsed = SCHEMAS[type]?.safeParse(value);
  if (parsed === undefined || parsed.success) return [];
  return parsed.error.issues.map(({ path, message }) => ({ path: [name, ...path].join('.'), message }));
}
