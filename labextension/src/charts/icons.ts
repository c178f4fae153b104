import { LabIcon } from '@jupyterlab/ui-components';

/** A picture in its frame. */
export const pictureIcon = new LabIcon({
  name: 'trackside:picture',
  svgstr: `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 16 16">
  <path class="jp-icon3" fill="#616161" fill-rule="evenodd" d="M1.500 2.500h13v11h-13zM3 4v6.200l3-3 2.700 2.700 2-2L13 10.200V4zm7.200 3.200a1.200 1.200 0 1 1 0-2.400 1.200 1.200 0 0 1 0 2.400z"/>
</svg>`
});

/** Arrows that point apart. */
export const tallIcon = new LabIcon({
  name: 'trackside:tall',
  svgstr: `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 16 16">
  <path class="jp-icon3" fill="#616161" d="M9 2h5v5h-1.500V4.600L9.600 7.500 8.500 6.400l2.900-2.900H9zM2 9h1.500v2.400l2.900-2.900 1.100 1.100-2.900 2.900H7V14H2z"/>
</svg>`
});
