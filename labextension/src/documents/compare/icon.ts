import { LabIcon } from '@jupyterlab/ui-components';

/** Two columns, one of them higher: a comparison. */
export const compareIcon = new LabIcon({
  name: 'trackside:compare',
  svgstr: `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 16 16">
  <path class="jp-icon3" fill="#616161" d="M2 13h12v1.500H2zM3 7h3.500v5H3zM9.500 2H13v10H9.500z"/>
</svg>`
});

/** A star: the best value. */
export const bestIcon = new LabIcon({
  name: 'trackside:best',
  svgstr: `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 16 16">
  <path class="jp-icon3" fill="#616161" d="m8 1.800 1.900 4 4.400.6-3.200 3.100.8 4.400L8 11.800l-3.900 2.100.8-4.400L1.700 6.400l4.400-.6z"/>
</svg>`
});
