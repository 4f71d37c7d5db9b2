import { type BatchSource, batchRows, keyOf } from '../database/batch-source.js';
import { readBatchStatement } from '../revision/batch-statement.js';
import type { BatchSection } from '../revision/batches.js';
import type { Settled } from './definition.js';
import type { Work } from './effect.js';
import type { Host } from './host.js';
import { samplesOf } from './run-rows.js';

/** Work of a `@batch` section: its statement over the CTE `batch`. */
export async function sqlRows(host: Host, { section }: Settled, source: BatchSource): Promise<Work> {
  const statement = await readBatchStatement(section as BatchSection);
  const sql = statement.over(batchRows(source));
  return {
    apply: async (client, rows) => {
      const keys = rows.map((row) => keyOf(row, source));
      const { rowCount } = await client.query(sql, [JSON.stringify(keys)]);
      const changed = rowCount ?? 0;
      const left = rows.length - changed;
      return {
        changed,
        skipped: new Map(left > 0 ? [['not changed by the statement', left]] : []),
        failed: [],
        created: new Map(),
        fills: [],
        samples: await samplesOf(client, host, source, rows, null),
      };
    },
  };
}
