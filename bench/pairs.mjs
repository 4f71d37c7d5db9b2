import { spawnSync } from 'node:child_process';
import { median } from './median.mjs';

const SLOW = 20;

/** A whole process, in ms. @throws if it fails */
export function wallTime({ program = process.execPath, args, cwd, env = {} }) {
  const begun = performance.now();
  const { status, stderr, stdout, error } = spawnSync(program, args, {
    encoding: 'utf8',
    cwd,
    env: { ...process.env, ...env },
    maxBuffer: 1 << 28,
  });
  const ms = performance.now() - begun;
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} failed: ${error ?? ''}${stderr}${stdout}`);
  return ms;
}

/**
 * Times several things in turn, round by round, and compares each with the first, which is the floor: the ratio is the median of
 * the rounds' own ratios, for the machine may be slower in one round than in another. What takes 20 times as long as the floor is
 * measured once.
 * @param contenders name → async function that answers ms
 * @returns `{ name, ratio, ms, floor }` of each, the floor first
 */
export async function compare(contenders, { rounds = 7, warmUp = 1 } = {}) {
  const names = Object.keys(contenders);
  const all = [];
  const [floor] = names;
  const once = {};
  for (let round = -warmUp; round < rounds; round++) {
    const spent = {};
    for (const name of names) {
      if (once[name] !== undefined) continue;
      spent[name] = await contenders[name]();
      if (spent[name] > SLOW * spent[floor]) once[name] = { ...spent };
    }
    if (round >= 0) all.push(spent);
  }
  return names.map((name) => {
    const measured = once[name] === undefined ? all : [once[name]];
    return {
      name,
      ratio: median(measured.map((spent) => spent[name] / spent[floor])),
      ms: median(measured.map((spent) => spent[name])),
      floor: median(measured.map((spent) => spent[floor])),
      once: once[name] !== undefined,
    };
  });
}
