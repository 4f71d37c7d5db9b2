export { printable } from '../errors/printable.js';
export {
  agree,
  counted,
  differenceText,
  driftDoubt,
  duration,
  excerpt,
  factsDiffer,
  inLine,
  list,
  onTrustText,
  seconds,
  shellWord,
} from '../errors/words.js';
export { nearest } from '../graph/name.js';
