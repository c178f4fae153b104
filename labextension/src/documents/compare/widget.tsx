import { MainAreaWidget } from '@jupyterlab/apputils';
import { ReactWidget } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import * as React from 'react';

import type { ChartPrefs } from '../../charts/prefs';
import { ErrorBoundary } from '../../components/ErrorBoundary';
import { Comparison } from './Comparison';
import { compareIcon } from './icon';
import type { CompareModel } from './model';

/** What stands in the main area. */
export class CompareContent extends ReactWidget {
  constructor(
    readonly compare: CompareModel,
    private readonly commands: CommandRegistry,
    private readonly prefs: ChartPrefs
  ) {
    super();
    this.addClass('jp-TracksideDoc');
    this.title.icon = compareIcon;
    this.title.closable = true;
    compare.changed.connect(this.onChanged, this);
    this.onChanged();
  }

  override dispose(): void {
    if (!this.isDisposed) {
      this.compare.dispose();
      super.dispose();
    }
  }

  protected render(): JSX.Element {
    return (
      <ErrorBoundary trans={this.compare.tracks.trans}>
        <Comparison compare={this.compare} commands={this.commands} prefs={this.prefs} />
      </ErrorBoundary>
    );
  }

  private onChanged(): void {
    const { comparison, runIds, tracks } = this.compare;
    const { trans } = tracks;
    const names = comparison?.runs.map(run => run.run_name) ?? [];
    this.title.label =
      names.length === 2
        ? trans.__('%1 and %2', names[0], names[1])
        : trans._n('%1 run compared', '%1 runs compared', runIds.length);
    this.title.caption = names.join('\n');
  }
}

/** The document of a comparison, as it is added to the shell. */
export function createCompareDocument(
  compare: CompareModel,
  commands: CommandRegistry,
  prefs: ChartPrefs
): MainAreaWidget<CompareContent> {
  const content = new CompareContent(compare, commands, prefs);
  const widget = new MainAreaWidget({ content });
  widget.id = `trackside-compare-${compare.key}`;
  widget.toolbar.hide();
  return widget;
}
