import { LabIcon } from '@jupyterlab/ui-components';

/** Boxes that lead to one another: a pipeline. */
export const pipelineIcon = new LabIcon({
  name: 'trackside:pipeline',
  svgstr: `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 16 16">
  <path class="jp-icon3" fill="#616161" fill-rule="evenodd" d="M5.500 1.500h5v4H8.700V7H13v3.500h1.500v4h-5v-4h2.100V8.400H4.400v2.100h2.100v4h-5v-4H3V7h4.300V5.500H5.500zM6.900 2.900v1.200h2.200V2.900zM2.900 11.900v1.200h2.200v-1.200zm8 0v1.200h2.200v-1.200z"/>
</svg>`
});
