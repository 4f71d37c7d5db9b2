import type { ApplyResult } from '../apply/apply.js';
import type { UpgradeOptions } from '../apply/upgrade.js';
import type { SchemaProof } from '../evidence/mending/schema-proof.js';

export type { ApplyResult, UpgradeOptions };

export interface UpgradeResult extends ApplyResult {
  /** Whether the schema is what the catalogue has for the rows; null if nothing was run, or with `prove: 'off'`. */
  readonly proof: SchemaProof | null;
}

/**
 * Upgrades a database to a target. Other processes that call this wait for the lock, then find nothing to do.
 *
 * @throws RevgraphError. Before the first step: errors of the files, the target, `@requires` and `@precheck`. Later:
 * `step_failed` with `applied`, `failed` and `remaining`; finished steps stay applied.
 */
export async function upgrade(options: UpgradeOptions): Promise<UpgradeResult> {
  const { checkOptions } = await import('../config/check-options.js');
  const { isSurelyWithoutCatalogue, whyNoCatalogue } = await import('../project/catalogue-place.js');
  // Loaded when something is to be run: lists need neither a driver nor a parser.
  const { upgradeDatabase } = await import('../apply/upgrade.js');
  const checked = await checkOptions('upgrade', options);
  const mode = checked.prove ?? 'warn';
  let proof: SchemaProof | null = null;
  const result = await upgradeDatabase(
    checked,
    async (opened, plan) => {
      if (isSurelyWithoutCatalogue(opened.project.folder)) return;
      const { warnOfContradiction } = await import('../evidence/contradiction.js');
      await warnOfContradiction(opened, plan);
    },
    async (locked, ...run) => {
      const none = whyNoCatalogue(locked.project.folder);
      if (none !== null) {
        const { notCompared } = await import('../evidence/mending/schema-proof.js');
        if (mode !== 'off') proof = notCompared(none);
        return undefined;
      }
      const { proving } = await import('../evidence/mending/prove.js');
      const prover = proving(mode, (found) => {
        proof = found;
      });
      return prover?.(locked, ...run);
    },
  );
  return { ...result, proof };
}
