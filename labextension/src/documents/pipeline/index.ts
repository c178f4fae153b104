/** The document of a pipeline run; loaded when the first one is opened. */
export type { IPipelineContext } from './context';
export { PipelineRunModel } from './model';
export { createPipelineDocument } from './widget';
