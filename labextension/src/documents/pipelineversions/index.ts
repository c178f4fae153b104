export { PipelineDocumentModel } from './model';
export { createPipelineDocument } from './widget';
