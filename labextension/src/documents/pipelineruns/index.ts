export { RunsDocumentModel } from './model';
export { createPipelineRunsDocument } from './widget';
