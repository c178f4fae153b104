import { downloadIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { CopyButton } from '../components/CopyButton';
import { IconButton } from '../components/IconButton';
import type { ICurve, XAxis } from '../shared/chart/curve';
import { readPalette } from '../shared/chart/theme';
import { fileName, saveFile } from '../shared/download';
import type { ITrans } from '../shared/trans';
import { useTrans } from '../shared/trans-context';
import { chartCsv, chartSnippet } from './export';
import { pictureIcon, tallIcon } from './icons';
import { chartPicture } from './picture';

/** What can be done with one chart: seen larger, saved as a picture or as data. */
export function ChartActions(props: {
  canvas: () => HTMLCanvasElement | null;
  metric: string;
  title: string;
  curves: readonly ICurve[];
  axis: XAxis;
  zoom: readonly [number, number] | null;
  isTall?: boolean;
  onTall?: (metric: string) => void;
}): JSX.Element {
  const { canvas, metric, title, curves, axis, zoom, isTall, onTall } = props;
  const trans = useTrans();
  const savePicture = async (): Promise<void> => {
    const drawn = canvas();
    if (!drawn) {
      return;
    }
    const palette = readPalette(drawn);
    const blob = await chartPicture(drawn, title, axisTitle(axis, trans), curves, palette);
    if (blob) {
      saveFile(blob, fileName(metric, 'png'));
    }
  };
  const saveData = (): void => {
    const csv = chartCsv(metric, curves, axis, zoom);
    saveFile(new Blob([csv], { type: 'text/csv' }), fileName(metric, 'csv'));
  };
  return (
    <span className="jp-TracksideChart-actions">
      {onTall && (
        <IconButton
          icon={tallIcon}
          label={isTall ? trans.__('Smaller') : trans.__('Larger')}
          pressed={isTall}
          onClick={() => onTall(metric)}
        />
      )}
      <IconButton
        icon={pictureIcon}
        label={trans.__('Save as PNG')}
        onClick={() => void savePicture()}
      />
      <IconButton
        icon={downloadIcon}
        label={trans.__('Save what is shown as CSV')}
        onClick={saveData}
      />
      <CopyButton
        text={chartSnippet(
          metric,
          curves.map(curve => curve.id)
        )}
        label={trans.__('Copy the code that fetches all points')}
        trans={trans}
      />
    </span>
  );
}

function axisTitle(axis: XAxis, trans: ITrans): string {
  switch (axis) {
    case 'step':
      return trans.__('Step');
    case 'time':
      return trans.__('Clock time');
    case 'relative':
      return trans.__('Time since start');
  }
}
