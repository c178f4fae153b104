/** TensorBoard in a tab; loaded when the first one is opened. */
export { BoardModel } from './model';
export { createBoardDocument } from './widget';
