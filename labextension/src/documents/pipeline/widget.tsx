import type { MainAreaWidget } from '@jupyterlab/apputils';
import * as React from 'react';

import { DocumentContent, type IDocumentTitle, inMainArea } from '../../components/DocumentContent';
import type { IPipelineContext } from './context';
import { pipelineIcon } from './icon';
import type { PipelineRunModel } from './model';
import { PipelineView } from './PipelineView';

/** What stands in the main area. */
export class PipelineContent extends DocumentContent<PipelineRunModel> {
  constructor(private readonly context: IPipelineContext) {
    super(context.document, { icon: pipelineIcon, className: 'jp-TracksidePipeline' });
  }

  protected titles({ name, tracks }: PipelineRunModel): IDocumentTitle {
    return { label: name, caption: tracks.trans.__('Pipeline run %1', name) };
  }

  protected view(): JSX.Element {
    return <PipelineView {...this.context} />;
  }
}

/** The document of a pipeline run, as it is added to the shell. */
export function createPipelineDocument(context: IPipelineContext): MainAreaWidget<PipelineContent> {
  return inMainArea(new PipelineContent(context), `trackside-pipeline-${context.document.runId}`);
}
