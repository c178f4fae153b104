import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { PartialJSONValue } from '@lumino/coreutils';
import { Widget } from '@lumino/widgets';
import * as React from 'react';

import { quietly } from '../../../components/quiet';

/** Something that JupyterLab draws, never trusted: what could run is taken out. */
export function Rendered(props: {
  rendermime: IRenderMimeRegistry;
  data: Record<string, PartialJSONValue>;
}): JSX.Element | null {
  const { data } = props;
  const rendermime = quietly(props.rendermime);
  const host = React.useRef<HTMLDivElement>(null);
  const mimeType = rendermime.preferredMimeType(data, 'ensure');
  const key = JSON.stringify(data);
  // A layout effect is undone while the node is still in the page: later it cannot be detached.
  React.useLayoutEffect(() => {
    if (!mimeType || !host.current) {
      return;
    }
    const renderer = rendermime.createRenderer(mimeType);
    Widget.attach(renderer, host.current);
    void renderer.renderModel(rendermime.createModel({ data, trusted: false }));
    return () => {
      if (renderer.node.isConnected) {
        renderer.dispose();
      }
    };
  }, [rendermime, mimeType, key]);
  return mimeType ? <div ref={host} className="jp-TracksideRendered" /> : null;
}

/** The longest code that is coloured; what is longer is shown plainly. */
const MAX_COLOURED = 60_000;

/** Code in colours. */
export function Code(props: {
  rendermime: IRenderMimeRegistry;
  text: string;
  language: string;
  label: string;
}): JSX.Element {
  const { rendermime, language, label } = props;
  const text = props.text.trimEnd();
  if (!language || text.length > MAX_COLOURED) {
    return (
      <pre className="jp-TracksideCode" tabIndex={0} aria-label={label}>
        {text}
      </pre>
    );
  }
  // A fence that is longer than any in the text, so that the text cannot close it.
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(match => match[0].length));
  const fence = '`'.repeat(longest + 1);
  return (
    <div className="jp-TracksideCode jp-mod-coloured" role="group" tabIndex={0} aria-label={label}>
      <Rendered
        rendermime={rendermime}
        data={{ 'text/markdown': `${fence}${language}\n${text}\n${fence}` }}
      />
    </div>
  );
}
