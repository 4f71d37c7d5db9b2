export {
  openThrowAways as throwAwayDatabases,
  type Template,
  type ThrowAway,
  type ThrowAwayOptions,
  type ThrowAways,
} from '../database/throwaway.js';
export { type MatrixTestOptions, matrixTests, type TestRunner } from './matrix-tests.js';
export { type ThrowAwayDatabase, throwAwayDatabase } from './throw-away-database.js';
