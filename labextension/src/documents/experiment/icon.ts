import { LabIcon } from '@jupyterlab/ui-components';

/** Rows of runs, each with its mark: an experiment. */
export const experimentIcon = new LabIcon({
  name: 'trackside:experiment',
  svgstr: `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 16 16">
  <path class="jp-icon3" fill="#616161" d="M6 3h8v1.5H6zm0 4.25h8v1.5H6zm0 4.25h8V13H6z"/>
  <circle class="jp-icon3" fill="#616161" cx="3.25" cy="3.75" r="1.25"/>
  <circle class="jp-icon3" fill="#616161" cx="3.25" cy="8" r="1.25"/>
  <circle class="jp-icon3" fill="#616161" cx="3.25" cy="12.25" r="1.25"/>
</svg>`
});
