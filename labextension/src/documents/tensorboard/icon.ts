import { LabIcon } from '@jupyterlab/ui-components';

/** Bars on a board: TensorBoard. */
export const boardIcon = new LabIcon({
  name: 'trackside:tensorboard',
  svgstr: `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 16 16">
  <path class="jp-icon3" fill="#616161" d="M1.500 2h13v9.500h-13zm1.400 1.400v6.700h10.200V3.400z"/>
  <path class="jp-icon3" fill="#616161" d="M4.300 6.800h1.600v2.100H4.300zm2.900-1.400h1.600v3.500H7.200zm2.900-.900h1.600v4.400h-1.600zM5 12.600h6V14H5z"/>
</svg>`
});
