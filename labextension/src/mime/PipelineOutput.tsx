import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { CommandRegistry } from '@lumino/commands';
import * as React from 'react';

import { useRefresh, useSignal } from '../components/hooks';
import { GraphPane } from '../documents/pipeline/GraphPane';
import { Head } from '../documents/pipeline/Head';
import { PipelineRunModel } from '../documents/pipeline/model';
import { WHILE_LIVE } from '../models/kfp';
import type { ITracksideModel } from '../tokens';
import { Fallback } from './Fallback';

/** The graph of a pipeline run, or what the notebook kept when the run is gone. */
export default function PipelineOutput(props: {
  model: ITracksideModel;
  runId: string;
  name: string;
  commands: CommandRegistry;
  rendermime: IRenderMimeRegistry;
  fallback: string;
}): JSX.Element {
  const { model, runId, name, fallback } = props;
  const [document, setDocument] = React.useState<PipelineRunModel | null>(null);
  React.useEffect(() => {
    const made = new PipelineRunModel(model, { run_id: runId, name });
    setDocument(made);
    return () => made.dispose();
  }, [model, runId, name]);
  return document ? (
    <Shown {...props} document={document} />
  ) : (
    <Fallback html={fallback} sentence="" />
  );
}

function Shown(props: {
  document: PipelineRunModel;
  commands: CommandRegistry;
  rendermime: IRenderMimeRegistry;
  fallback: string;
}): JSX.Element {
  const { document, commands, rendermime, fallback } = props;
  useSignal(document.changed);
  useSignal(document.tracks.kfp.changed);
  const frame = useRefresh<HTMLDivElement>(document.isWatched ? WHILE_LIVE : null, () =>
    document.refresh()
  );
  return (
    <div ref={frame}>
      {document.run ? (
        <div className="jp-TracksidePipeline jp-mod-compact">
          <Head document={document} commands={commands} rendermime={rendermime} compact />
          <GraphPane document={document} commands={commands} rendermime={rendermime} compact />
        </div>
      ) : (
        <Fallback html={fallback} sentence={document.problem} />
      )}
    </div>
  );
}
