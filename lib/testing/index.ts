export type { Template, ThrowAway, ThrowAwayOptions, ThrowAways } from '../database/throwaway/template.js';
export { openThrowAways as throwAwayDatabases } from '../database/throwaway/throwaway.js';
export { chaos } from './chaos/chaos.js';
export type { ChaosKind, ChaosOptions, ChaosReport, ChaosRow } from './chaos/options.js';
export { type MatrixTestOptions, matrixTests, type TestRunner } from './matrix-tests.js';
export { createTestDatabase, type TestDatabaseOptions } from './test-database.js';
export { type ThrowAwayDatabase, throwAwayDatabase } from './throw-away-database.js';
export { expectUpDown, type UpDownOptions, type UpDownResult } from './up-down.js';
