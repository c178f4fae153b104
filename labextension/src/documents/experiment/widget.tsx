import type { MainAreaWidget } from '@jupyterlab/apputils';
import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { CommandRegistry } from '@lumino/commands';
import * as React from 'react';

import { DocumentContent, type IDocumentTitle, inMainArea } from '../../components/DocumentContent';
import { useSignal } from '../../components/hooks';
import { ExperimentDocument } from './document';
import { experimentIcon } from './icon';
import type { IExperimentOptions } from './model';
import { Table } from './Table';

/** What the view of a document of experiments needs. */
interface IViewContext {
  commands: CommandRegistry;
  rendermime: IRenderMimeRegistry;
}

/** What stands in the main area. */
export class ExperimentContent extends DocumentContent<ExperimentDocument> {
  constructor(
    document: ExperimentDocument,
    private readonly context: IViewContext
  ) {
    super(document, { icon: experimentIcon, className: 'jp-TracksideExperiment' });
  }

  protected titles({ table, tracks }: ExperimentDocument): IDocumentTitle {
    return { label: table.title, caption: tracks.trans.__('Experiments: %1', table.title) };
  }

  protected view(): JSX.Element {
    return <Chosen document={this.document} {...this.context} />;
  }
}

/** The table of the experiments that are chosen. */
function Chosen(props: IViewContext & { document: ExperimentDocument }): JSX.Element {
  const { document, commands, rendermime } = props;
  const { table } = document;
  useSignal(document.chosen);
  return (
    <Table
      key={table.experimentIds.join(',')}
      table={table}
      commands={commands}
      rendermime={rendermime}
      onChoose={ids => document.choose(ids)}
    />
  );
}

/** The document of some experiments, as it is added to the shell. */
export function createExperimentDocument(
  options: IExperimentOptions & IViewContext
): MainAreaWidget<ExperimentContent> {
  const { commands, rendermime, ...shown } = options;
  return inMainArea(new ExperimentContent(new ExperimentDocument(shown), { commands, rendermime }));
}
