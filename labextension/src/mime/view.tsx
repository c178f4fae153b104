import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import { ReactWidget } from '@jupyterlab/ui-components';
import * as React from 'react';

import { CommandIDs } from '../commands';
import { ErrorBoundary } from '../components/ErrorBoundary';
import { quiet } from '../components/quiet';
import { Action } from '../shared/Action';
import { TransContext } from '../shared/trans-context';
import { DocumentOutput } from './DocumentOutput';
import { CompareView, ExperimentView, ModelOutput, PipelineOutput } from './documents';
import { Fallback } from './Fallback';
import { JobList } from './JobList';
import { JobOutput } from './JobOutput';
import { LiveJob } from './live';
import { MIME_TYPE } from './mimetype';
import { identityOf, readOutput, type Output } from './output';
import type { IOutputOptions } from './renderer';
import { RunList } from './runlist';
import { RunOutput } from './RunOutput';
import { RunsOutput } from './RunsOutput';

/** Draws an output from the server; the notebook holds only ids and a fallback. */
export class OutputView extends ReactWidget {
  constructor(private readonly options: IOutputOptions) {
    super();
  }

  /**
   * Draw what a model holds. A kernel renews the fallback while the ids stay the same: then the view
   * stays as it is, with what was unfolded in it.
   */
  async showModel(model: IRenderMime.IMimeModel): Promise<void> {
    this.fallback = this.fallbackOf(model);
    const output = readOutput(model.data[MIME_TYPE] as Parameters<typeof readOutput>[0]);
    const isSame = this.output !== null && identityOf(output) === identityOf(this.output);
    this.output = output;
    if (!isSame) {
      this.follow(output);
    }
    this.update();
    await this.renderPromise;
  }

  override dispose(): void {
    if (!this.isDisposed) {
      this.jobs.forEach(job => job.dispose());
      this.list?.dispose();
      super.dispose();
    }
  }

  protected render(): JSX.Element {
    const { model } = this.options;
    return (
      <TransContext.Provider value={model.trans}>
        <ErrorBoundary trans={model.trans}>{this.output && this.view(this.output)}</ErrorBoundary>
      </TransContext.Provider>
    );
  }

  private view(output: Output): JSX.Element {
    const { model, commands } = this.options;
    const { fallback } = this;
    const key = identityOf(output);
    switch (output.kind) {
      case 'job':
        return <JobOutput key={key} live={this.jobs[0]} commands={commands} fallback={fallback} />;
      case 'jobs':
        return <JobList key={key} jobs={this.jobs} commands={commands} fallback={fallback} />;
      case 'run':
        return <RunOutput key={key} list={this.list!} commands={commands} fallback={fallback} />;
      case 'runs':
        return <RunsOutput key={key} list={this.list!} commands={commands} fallback={fallback} />;
      case 'experiment':
      case 'compare':
      case 'model':
      case 'pipeline_run':
        return (
          <DocumentOutput key={key} fallback={fallback} renderView={() => this.document(output)} />
        );
      case 'banner':
        return (
          <div key={key} className="jp-TracksideBanner">
            <span>{output.text}</span>
            {commands.hasCommand(CommandIDs.showPanel) && (
              <Action
                label={model.trans.__('Open panel')}
                onClick={() => commands.execute(CommandIDs.showPanel)}
              />
            )}
          </div>
        );
      case 'unknown':
        return <Fallback key={key} html={fallback} sentence="" />;
    }
  }

  private document(
    output: Extract<Output, { kind: 'experiment' | 'compare' | 'model' | 'pipeline_run' }>
  ): JSX.Element {
    const { model, commands, rendermime } = this.options;
    switch (output.kind) {
      case 'experiment':
        return (
          <ExperimentView
            model={model}
            commands={commands}
            experimentIds={[output.experimentId]}
            filter={output.filter}
            rendermime={rendermime}
            compact
          />
        );
      case 'compare':
        return (
          <CompareView
            model={model}
            commands={commands}
            runIds={output.runIds}
            fallback={<Fallback html={this.fallback} sentence="" />}
          />
        );
      case 'pipeline_run':
        return (
          <PipelineOutput
            model={model}
            runId={output.runId}
            name={output.name}
            commands={commands}
            rendermime={rendermime}
            fallback={this.fallback}
          />
        );
      case 'model':
        return (
          <ModelOutput
            model={model}
            name={output.name}
            commands={commands}
            rendermime={rendermime}
            fallback={this.fallback}
          />
        );
    }
  }

  private follow(output: Output): void {
    this.jobs.forEach(job => job.dispose());
    const ids =
      output.kind === 'job' ? [output.jobId] : output.kind === 'jobs' ? output.jobIds : [];
    this.jobs = ids.map(id => new LiveJob(this.options.model, id));
    this.list?.dispose();
    const runIds =
      output.kind === 'run' ? [output.runId] : output.kind === 'runs' ? output.runIds : null;
    this.list = runIds === null ? null : new RunList(this.options.model, runIds);
  }

  private fallbackOf(model: IRenderMime.IMimeModel): string {
    const { sanitizer } = this.options;
    const html = model.data['text/html'];
    if (html !== undefined) {
      return quiet(sanitizer.sanitize(joined(html)));
    }
    const plain = document.createElement('pre');
    plain.textContent = joined(model.data['text/plain'] ?? '');
    return plain.outerHTML;
  }

  private output: Output | null = null;
  private fallback = '';
  private jobs: LiveJob[] = [];
  private list: RunList | null = null;
}

/** A notebook keeps text in lines. */
function joined(value: unknown): string {
  return Array.isArray(value) ? value.join('') : String(value);
}
