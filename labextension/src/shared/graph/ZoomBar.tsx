import * as React from 'react';

import { useTrans } from '../trans-context';
import type { IViewport } from './useViewport';

/** Buttons that zoom. */
export function ZoomBar(props: {
  viewport: Pick<IViewport, 'zoomIn' | 'zoomOut' | 'fit'>;
}): JSX.Element {
  const { viewport } = props;
  const trans = useTrans();
  const buttons: [string, string, () => void][] = [
    [trans.__('Zoom in (+)'), 'M8 3v10M3 8h10', viewport.zoomIn],
    [trans.__('Zoom out (−)'), 'M3 8h10', viewport.zoomOut],
    [
      trans.__('Show all (0)'),
      'M3 6V3h3M10 3h3v3M13 10v3h-3M6 13H3v-3M6.500 6.500h3v3h-3z',
      viewport.fit
    ]
  ];
  return (
    <div className="jp-TracksideGraph-zoom" role="group" aria-label={trans.__('Zoom')}>
      {buttons.map(([label, path, act]) => (
        <button key={path} type="button" title={label} aria-label={label} onClick={act}>
          <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden>
            <path d={path} />
          </svg>
        </button>
      ))}
    </div>
  );
}
