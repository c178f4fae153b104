import type { MainAreaWidget } from '@jupyterlab/apputils';
import type { CommandRegistry } from '@lumino/commands';
import * as React from 'react';

import { DocumentContent, type IDocumentTitle, inMainArea } from '../../components/DocumentContent';
import { compareIcon } from '../compare/icon';
import type { PipelineCompareModel } from './model';
import { PipelineCompareView } from './PipelineCompareView';

/** What stands in the main area. */
export class PipelineCompareContent extends DocumentContent<PipelineCompareModel> {
  constructor(
    document: PipelineCompareModel,
    private readonly commands: CommandRegistry
  ) {
    super(document, { icon: compareIcon });
  }

  protected titles({ runIds, runs, tracks }: PipelineCompareModel): IDocumentTitle {
    const label = tracks.trans._n(
      '%1 pipeline run compared',
      '%1 pipeline runs compared',
      runIds.length
    );
    return { label, caption: runs?.map(({ run }) => run.name).join('\n') ?? label };
  }

  protected view(): JSX.Element {
    return <PipelineCompareView document={this.document} commands={this.commands} />;
  }
}

/** The document of a comparison of pipeline runs, as it is added to the shell. */
export function createPipelineCompareDocument(
  document: PipelineCompareModel,
  commands: CommandRegistry
): MainAreaWidget<PipelineCompareContent> {
  return inMainArea(
    new PipelineCompareContent(document, commands),
    `trackside-pipeline-compare-${document.runIds.join('-')}`
  );
}
