/** The document of the trash; loaded when it is opened for the first time. */
export { createTrashDocument } from './widget';
