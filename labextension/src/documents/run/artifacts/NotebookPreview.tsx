import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { PartialJSONValue } from '@lumino/coreutils';
import * as React from 'react';

import { tailLines } from '../../../shared/log/lines';
import { LogText } from '../../../shared/log/LogText';
import type { ITracksideModel } from '../../../tokens';
import { Code, Rendered } from './Rendered';

/** Most cells and outputs that are drawn. */
const MAX_CELLS = 200;
const MAX_OUTPUTS = 20;

interface ICell {
  cell_type?: string;
  source?: string | string[];
  outputs?: IOutput[];
  execution_count?: number | null;
}

interface IOutput {
  output_type?: string;
  text?: string | string[];
  data?: Record<string, PartialJSONValue>;
  traceback?: string[];
}

function joined(value: string | string[] | undefined): string {
  return Array.isArray(value) ? value.join('') : String(value ?? '');
}

/** An executed notebook, to be read. */
export function NotebookPreview(props: {
  rendermime: IRenderMimeRegistry;
  text: string;
  trans: ITracksideModel['trans'];
}): JSX.Element {
  const { rendermime, text, trans } = props;
  const cells = React.useMemo(() => readCells(text), [text]);
  if (!cells) {
    return <p className="jp-TracksideDoc-note">{trans.__('This is not a notebook.')}</p>;
  }
  return (
    <div className="jp-TracksideNotebook">
      {cells.slice(0, MAX_CELLS).map((cell, at) =>
        cell.cell_type === 'markdown' ? (
          <Rendered
            key={at}
            rendermime={rendermime}
            data={{ 'text/markdown': joined(cell.source) }}
          />
        ) : (
          <div key={at}>
            <Code
              rendermime={rendermime}
              text={joined(cell.source)}
              language={cell.cell_type === 'code' ? 'python' : ''}
              label={trans.__('Cell %1', at + 1)}
            />
            {(cell.outputs ?? []).slice(0, MAX_OUTPUTS).map((output, index) => (
              <Output key={index} rendermime={rendermime} output={output} />
            ))}
          </div>
        )
      )}
    </div>
  );
}

function Output(props: { rendermime: IRenderMimeRegistry; output: IOutput }): JSX.Element | null {
  const { rendermime, output } = props;
  if (output.data && typeof output.data === 'object') {
    const data = Object.fromEntries(
      Object.entries(output.data).map(([type, value]) => [
        type,
        Array.isArray(value) ? value.join('') : value
      ])
    );
    return <Rendered rendermime={rendermime} data={data} />;
  }
  const text = output.traceback ? joined(output.traceback.join('\n')) : joined(output.text);
  return text ? (
    <pre className="jp-TracksideLog-text">
      {tailLines(text, 500).map((line, at) => (
        <div key={at}>
          <LogText line={line} />
        </div>
      ))}
    </pre>
  ) : null;
}

function readCells(text: string): ICell[] | null {
  try {
    const { cells } = JSON.parse(text) as { cells?: unknown };
    return Array.isArray(cells) ? (cells as ICell[]) : null;
  } catch {
    return null;
  }
}
