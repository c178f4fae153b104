import * as React from 'react';

/** The views of documents, each loaded with the first output that shows it. */
export const ExperimentView = React.lazy(async () => ({
  default: (await import('../documents/experiment')).ExperimentView
}));

export const CompareView = React.lazy(() => import('../documents/compare/CompareView'));

export const ModelOutput = React.lazy(() => import('./ModelOutput'));

export const PipelineOutput = React.lazy(() => import('./PipelineOutput'));
