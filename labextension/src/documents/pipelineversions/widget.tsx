import type { MainAreaWidget } from '@jupyterlab/apputils';
import type { CommandRegistry } from '@lumino/commands';
import * as React from 'react';

import { DocumentContent, type IDocumentTitle, inMainArea } from '../../components/DocumentContent';
import { pipelineIcon } from '../pipeline/icon';
import type { PipelineDocumentModel } from './model';
import { PipelineDocumentView } from './PipelineDocumentView';

/** What stands in the main area. */
export class PipelineDocumentContent extends DocumentContent<PipelineDocumentModel> {
  constructor(
    document: PipelineDocumentModel,
    private readonly commands: CommandRegistry
  ) {
    super(document, { icon: pipelineIcon });
  }

  protected titles({ name, tracks }: PipelineDocumentModel): IDocumentTitle {
    return { label: name, caption: tracks.trans.__('Pipeline %1', name) };
  }

  protected view(): JSX.Element {
    return <PipelineDocumentView document={this.document} commands={this.commands} />;
  }
}

/** The document of a pipeline, as it is added to the shell. */
export function createPipelineDocument(
  document: PipelineDocumentModel,
  commands: CommandRegistry
): MainAreaWidget<PipelineDocumentContent> {
  return inMainArea(
    new PipelineDocumentContent(document, commands),
    `trackside-pipeline-versions-${document.pipelineId}`
  );
}
