export { excerpt, factsDiffer, list, seconds } from '../errors/words.js';
