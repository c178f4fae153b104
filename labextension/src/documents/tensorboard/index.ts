/** TensorBoard in a tab; loaded when the first one is opened. */
export { BoardModel } from './model';
export { readWords } from './read';
export { createBoardDocument } from './widget';
