import { LabIcon } from '@jupyterlab/ui-components';

/** A curve in its axes: a run. */
export const runIcon = new LabIcon({
  name: 'trackside:run',
  svgstr: `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 16 16">
  <path class="jp-icon3" fill="#616161" d="M2 2h1.5v10.5H14V14H2z"/>
  <path class="jp-icon3" fill="#616161" d="M5.2 3.4c1.3 4.2 3.2 6 8.6 6.4v1.5C7.600 11 5 8.700 3.800 3.800z"/>
</svg>`
});
