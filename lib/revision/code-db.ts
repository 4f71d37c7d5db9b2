import type { Bulk } from '../database/bulk/bulk.js';
/** The connection that the code of a revision works on, and what writes many rows at once there. */
export interface CodeDb extends Bulk {
  query(
    sql: string,
    params?: readonly unknown[],
  ): Promise<{ rows: Record<string, unknown>[]; rowCount: number | null }>;
}
