/* `revgraph/matrix`: every upgrade path of a product, walked and judged. */
export { runMatrix } from '../commands/matrix.js';
export { matrixOptions, readConfig, withTargets } from '../config/config.js';
export type {
  MatrixCheck,
  MatrixConfig,
  MatrixExpectation,
  MatrixSettings,
  MatrixStart,
} from '../config/matrix.js';
export type {
  MatrixAnswer,
  MatrixEvent,
  MatrixFailure,
  MatrixOptions,
  MatrixPath,
  MatrixResult,
  MatrixStage,
} from '../matrix/result.js';
