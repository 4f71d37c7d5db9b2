const idOf = (n) => `r${String(n).padStart(6, '0')}`;

const graphOf = (revises) => (size) =>
  Array.from({ length: size }, (_, n) => ({ id: idOf(n), revises: revises(n).map(idOf) }));

/** Graphs by shape: size → revisions. */
export const SHAPES = {
  chain: graphOf((n) => (n === 0 ? [] : [n - 1])),

  /*
   *               ┌ 8 ┐
   * 0 ─ 1 ─ … 7 ─ ┤   ├ 10 ─ …       a branch and a merge every ten revisions
   *               └ 9 ┘
   */
  braid: graphOf((n) => {
    if (n === 0) return [];
    if (n % 10 === 9) return [n - 2];
    return n % 10 === 0 ? [n - 2, n - 1] : [n - 1];
  }),
};
