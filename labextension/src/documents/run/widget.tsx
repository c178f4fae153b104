import type { MainAreaWidget } from '@jupyterlab/apputils';
import * as React from 'react';

import { DocumentContent, type IDocumentTitle, inMainArea } from '../../components/DocumentContent';
import type { IRunContext } from './context';
import { runIcon } from './icon';
import { RunView } from './RunView';

/** What stands in the main area. */
export class RunContent extends DocumentContent<IRunContext['run']> {
  constructor(private readonly context: IRunContext) {
    super(context.run, { icon: runIcon, className: 'jp-TracksideRun' });
  }

  protected titles({ name, tracks }: IRunContext['run']): IDocumentTitle {
    return { label: name, caption: tracks.trans.__('Run %1', name) };
  }

  protected view(): JSX.Element {
    return <RunView {...this.context} />;
  }
}

/** The document of a run, as it is added to the shell. */
export function createRunDocument(context: IRunContext): MainAreaWidget<RunContent> {
  return inMainArea(new RunContent(context), `trackside-run-${context.run.runId}`);
}
