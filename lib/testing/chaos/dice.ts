/** A number from 0 to below 1, like `Math.random`. */
export type ChaosDice = () => number;

/** The dice of one case: the same seed, kind and number throw the same, whatever was thrown for other cases. */
export function diceOf(seed: number, ...about: readonly (string | number)[]): ChaosDice {
  let state = hash(`${seed}/${about.join('/')}`);
  // mulberry32
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** FNV-1a. */
function hash(text: string): number {
  let state = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) state = Math.imul(state ^ text.charCodeAt(i), 0x01000193);
  return state;
}
