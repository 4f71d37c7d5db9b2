import { z } from 'zod/v3';

/** An object of these keys and no others: what is not named is a mistake, not an extra. */
export const strict = <T extends z.ZodRawShape>(shape: T) => z.object(shape).strict();
