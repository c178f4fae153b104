/** The document of a registered model; loaded when the first one is opened. */
export type { IModelContext } from './context';
export { ModelDocument } from './model';
export { ModelView } from './ModelView';
export { createModelDocument } from './widget';
