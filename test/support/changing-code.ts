import { defineRevision, type Revision } from '../../lib/index.js';

/** A revision of a code version. `does`: the tokens of its work, more than one for a squash. */
export interface File {
  readonly id: string;
  readonly revises: readonly string[];
  /** Ids, or `LABEL@head`. */
  readonly dependsOn: readonly string[];
  readonly label: string | null;
  readonly formerly: readonly string[];
  readonly replaces: readonly string[];
  /** A squash that does not say so: `replaces` was forgotten. */
  readonly forgot: boolean;
  readonly does: readonly string[];
  /** It runs outside a transaction, where it may stop halfway. */
  readonly outside: boolean;
  /** How often it was edited. */
  readonly edits: number;
}

export type Code = readonly File[];

export const made = (id: string, revises: readonly string[]): File => ({
  id,
  revises,
  dependsOn: [],
  label: null,
  formerly: [],
  replaces: [],
  forgot: false,
  does: [id],
  outside: false,
  edits: 0,
});

/**
 * Its work: a row per token of `oracle.ran`, where a token can be only once, and one of `oracle.ended`. Between the two it asks, outside
 * a transaction, whether it is to fail.
 */
export const revisionOf = (file: File): Revision => {
  const may = file.outside ? ['SELECT oracle.may()'] : [];
  return defineRevision({
    revision: file.id,
    revises: file.revises,
    dependsOn: file.dependsOn,
    ...(file.outside ? { transaction: 'none' as const } : {}),
    ...(file.label === null ? {} : { labels: [file.label] }),
    ...(file.formerly.length === 0 ? {} : { formerly: file.formerly }),
    ...(file.replaces.length === 0 ? {} : { replaces: file.replaces }),
    upgrade: file.does
      .flatMap((token) => [
        `INSERT INTO oracle.ran VALUES ('${token}')`,
        ...may,
        `INSERT INTO oracle.ended VALUES ('${token}')`,
        `VALUES (${file.edits})`,
      ])
      .join(';\n'),
    downgrade: file.does
      .flatMap((token) => [
        `DELETE FROM oracle.ended WHERE token = '${token}'`,
        ...may,
        `DELETE FROM oracle.ran WHERE token = '${token}'`,
      ])
      .join(';\n'),
  });
};

export const fileOf = (code: Code, id: string): File | undefined => code.find((file) => file.id === id);

/** A file and what follows it by `revises`. */
function lineFrom(code: Code, id: string): Set<string> {
  const line = new Set([id]);
  for (let size = 0; size !== line.size; ) {
    size = line.size;
    for (const file of code) if (file.revises.some((parent) => line.has(parent))) line.add(file.id);
  }
  return line;
}

/** What the dependencies of a file mean in this code: `LABEL@head` is the end of a line, without what stands on the file. */
export function dependenciesOf(code: Code, file: File): string[] {
  return file.dependsOn.flatMap((name) => {
    const label = name.endsWith('@head') ? name.slice(0, -'@head'.length) : null;
    if (label === null) return [name];
    const start = code.find((one) => one.label === label);
    if (start === undefined) return [];
    const own = lineFrom(code, file.id);
    const line = [...lineFrom(code, start.id)].filter((id) => !own.has(id));
    return line.filter((id) => !code.some((one) => line.includes(one.id) && one.revises.includes(id)));
  });
}

/** Everything below a revision; `needs` of a file: its dependencies, where they are not those of the code. */
export function below(
  code: Code,
  id: string,
  needs: (file: File) => readonly string[] = (file) => dependenciesOf(code, file),
): Set<string> {
  const found = new Set<string>();
  const open = [id];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const file = fileOf(code, next);
    if (file === undefined) continue;
    for (const parent of [...file.revises, ...needs(file)])
      if (!found.has(parent)) {
        found.add(parent);
        open.push(parent);
      }
  }
  return found;
}

export const headsOf = (code: Code): string[] => {
  const isBelow = new Set(code.flatMap((file) => [...file.revises, ...dependenciesOf(code, file)]));
  return code.map(({ id }) => id).filter((id) => !isBelow.has(id));
};
