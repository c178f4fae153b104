import { LabIcon } from '@jupyterlab/ui-components';

/** A box that holds something: a model. */
export const modelIcon = new LabIcon({
  name: 'trackside:model',
  svgstr: `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 16 16">
  <path class="jp-icon3" fill="#616161" fill-rule="evenodd" d="M8 1.2 14 4.500v7L8 14.800 2 11.500v-7zM8 2.900 4.600 4.800 8 6.700l3.400-1.900zM3.500 6v4.600l3.700 2.100V8zm9 0L8.800 8v4.700l3.700-2.100z"/>
</svg>`
});
