import type { MainAreaWidget } from '@jupyterlab/apputils';
import type { CommandRegistry } from '@lumino/commands';
import * as React from 'react';

import type { ChartPrefs } from '../../charts/prefs';
import { DocumentContent, type IDocumentTitle, inMainArea } from '../../components/DocumentContent';
import { Comparison } from './Comparison';
import { compareIcon } from './icon';
import type { CompareModel } from './model';

/** What stands in the main area. */
export class CompareContent extends DocumentContent<CompareModel> {
  constructor(
    document: CompareModel,
    private readonly commands: CommandRegistry,
    private readonly prefs: ChartPrefs
  ) {
    super(document, { icon: compareIcon });
  }

  protected titles({ comparison, runIds, tracks }: CompareModel): IDocumentTitle {
    const { trans } = tracks;
    const names = comparison?.runs.map(run => run.run_name) ?? [];
    return {
      label:
        names.length === 2
          ? trans.__('%1 and %2', names[0], names[1])
          : trans._n('%1 run compared', '%1 runs compared', runIds.length),
      caption: names.join('\n')
    };
  }

  protected view(): JSX.Element {
    return <Comparison compare={this.document} commands={this.commands} prefs={this.prefs} />;
  }
}

/** The document of a comparison, as it is added to the shell. */
export function createCompareDocument(
  compare: CompareModel,
  commands: CommandRegistry,
  prefs: ChartPrefs
): MainAreaWidget<CompareContent> {
  return inMainArea(
    new CompareContent(compare, commands, prefs),
    `trackside-compare-${compare.key}`
  );
}
