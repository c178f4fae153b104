export { PipelineCompareModel } from './model';
export { createPipelineCompareDocument } from './widget';
