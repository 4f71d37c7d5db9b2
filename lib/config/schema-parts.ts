import { z } from 'zod/v3';

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
