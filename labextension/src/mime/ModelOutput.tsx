import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { CommandRegistry } from '@lumino/commands';
import * as React from 'react';

import { useSignal } from '../components/hooks';
import { ModelDocument, ModelView } from '../documents/model';
import type { ITracksideModel } from '../tokens';
import { Fallback } from './Fallback';

/** A registered model: its board and newest versions, or what the notebook kept when it is gone. */
export default function ModelOutput(props: {
  model: ITracksideModel;
  name: string;
  commands: CommandRegistry;
  rendermime: IRenderMimeRegistry;
  fallback: string;
}): JSX.Element {
  const { model, name, fallback } = props;
  const [document, setDocument] = React.useState<ModelDocument | null>(null);
  React.useEffect(() => {
    const made = new ModelDocument(model, { name });
    setDocument(made);
    return () => made.dispose();
  }, [model, name]);
  return document ? (
    <Shown {...props} document={document} />
  ) : (
    <Fallback html={fallback} sentence="" />
  );
}

function Shown(props: {
  document: ModelDocument;
  commands: CommandRegistry;
  rendermime: IRenderMimeRegistry;
  fallback: string;
}): JSX.Element {
  const { document, commands, rendermime, fallback } = props;
  useSignal(document.changed);
  return document.model ? (
    <div className="jp-TracksideModel jp-mod-compact">
      <ModelView document={document} commands={commands} rendermime={rendermime} compact />
    </div>
  ) : (
    <Fallback html={fallback} sentence={document.problem} />
  );
}
