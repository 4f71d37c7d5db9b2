export { excerpt, list, seconds } from '../errors/words.js';
