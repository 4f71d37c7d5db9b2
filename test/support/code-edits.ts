import { graphOf } from '../../lib/project/project.js';
import { below, type Code, dependenciesOf, type File, headsOf, made, revisionOf } from './changing-code.js';

/** A whole number from 0 to below `below`. */
export type Dice = (below: number) => number;

/** One edit of the files, as teams do it; the same code where the dice want what is not possible. */
export function edited(code: Code, dice: Dice, fresh: () => string): Code {
  const edit = EDITS[dice(EDITS.length)] as Edit;
  const next = edit(code, dice, fresh);
  return isGraph(next) ? next : code;
}

type Edit = (code: Code, dice: Dice, fresh: () => string) => Code;

/** A `LABEL@head` may come to mean two revisions, or a ring. */
function isGraph(code: Code): boolean {
  try {
    graphOf(code.map(revisionOf));
    return true;
  } catch {
    return false;
  }
}

const pick = (code: Code, dice: Dice): File => code[dice(code.length)] as File;
const put = (code: Code, file: File): Code => code.map((one) => (one.id === file.id ? file : one));
/** What a squash of it takes the place of: of another squash, those whose place that took. */
const namesOf = ({ id, formerly, replaces }: File): string[] =>
  replaces.length > 0 ? [...replaces] : [...formerly, id];

const born = (id: string, revises: readonly string[], dice: Dice): File => ({
  ...made(id, revises),
  outside: dice(5) === 0,
});

const append: Edit = (code, dice, fresh) => {
  const heads = headsOf(code);
  return [...code, born(fresh(), dice(4) === 0 ? heads : [heads[dice(heads.length)] as string], dice)];
};

const insertBelow: Edit = (code, dice, fresh) => {
  const child = pick(code, dice);
  const id = fresh();
  return [...put(code, { ...child, revises: [id] }), born(id, child.revises, dice)];
};

/** Another base, or none. */
const reparent: Edit = (code, dice) => {
  const child = pick(code, dice);
  const older = [...below(code, child.id)];
  return put(code, { ...child, revises: dice(3) === 0 ? [] : older.slice(0, 1) });
};

const dependOn: Edit = (code, dice) => {
  const [child, needed] = [pick(code, dice), pick(code, dice)];
  const isAbove = child.id === needed.id || below(code, needed.id).has(child.id);
  return isAbove ? code : put(code, { ...child, dependsOn: [needed.id] });
};

/** On whatever a line ends with, which moves on with the line. */
const dependOnHead: Edit = (code, dice) => {
  const [child, start] = [pick(code, dice), pick(code, dice)];
  const label = start.label ?? `l-${start.id}`;
  return put(put(code, { ...start, label }), {
    ...child,
    label: child.id === start.id ? label : child.label,
    dependsOn: [`${label}@head`],
  });
};

/** Who stood on it stands on what it stood on. */
const remove: Edit = (code, dice) => {
  const gone = pick(code, dice);
  if (code.length < 3) return code;
  const over = (parents: readonly string[], instead: readonly string[]) => [
    ...new Set(parents.flatMap((id) => (id === gone.id ? instead : [id]))),
  ];
  return code
    .filter(({ id }) => id !== gone.id)
    .map((file) => ({
      ...file,
      revises: over(file.revises, gone.revises),
      dependsOn: over(file.dependsOn, []),
    }));
};

const rename: Edit = (code, dice, fresh) => {
  const old = pick(code, dice);
  const id = fresh();
  const renamed = (ids: readonly string[]) => ids.map((one) => (one === old.id ? id : one));
  return code.map((file) =>
    file.id === old.id
      ? { ...old, id, formerly: [...old.formerly, old.id] }
      : { ...file, revises: renamed(file.revises), dependsOn: renamed(file.dependsOn) },
  );
};

/** A base and what alone stands on it, under a new id, or under that of the last of them. */
const squash: Edit = (code, dice, fresh) => {
  const needsOf = (file: File) => [...file.revises, ...dependenciesOf(code, file)];
  const bases = code.filter((file) => needsOf(file).length === 0);
  const first = bases[dice(bases.length)];
  const next = code.filter((file) => needsOf(file).includes(first?.id ?? ''));
  const [second] = next;
  const alone = next.length === 1 && second?.revises.length === 1 && second.dependsOn.length === 0;
  if (first === undefined || second === undefined || !alone) return code;
  const id = dice(2) === 0 ? second.id : fresh();
  const forgot = id !== second.id && dice(3) === 0;
  const squashed: File = {
    ...made(id, []),
    label: second.label ?? first.label,
    forgot,
    replaces: forgot ? [] : [...namesOf(first), ...namesOf(second)],
    does: [...first.does, ...second.does],
    outside: (first.outside || second.outside) && dice(3) > 0,
  };
  const instead = (ids: readonly string[]) => ids.map((one) => (one === second.id ? id : one));
  return [
    squashed,
    ...code
      .filter((file) => file.id !== first.id && file.id !== second.id)
      .map((file) => ({ ...file, revises: instead(file.revises), dependsOn: instead(file.dependsOn) })),
  ];
};

const editBody: Edit = (code, dice) => {
  const file = pick(code, dice);
  return put(code, { ...file, edits: file.edits + 1 });
};

const EDITS: readonly Edit[] = [
  append,
  append,
  insertBelow,
  reparent,
  dependOn,
  dependOnHead,
  remove,
  rename,
  squash,
  editBody,
];

/** xorshift32: a history is its seed. */
export function diceOf(seed: number): Dice {
  let x = (seed * 2_654_435_761) >>> 0 || 1;
  return (limit) => {
    x ^= x << 13;
    x >>>= 0;
    x ^= x >>> 17;
    x ^= x << 5;
    x >>>= 0;
    return limit <= 0 ? 0 : x % limit;
  };
}
