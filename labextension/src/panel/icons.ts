import { LabIcon } from '@jupyterlab/ui-components';

/** A track seen from above, and the curve of a loss beside it. */
export const tracksideIcon = new LabIcon({
  name: 'trackside:logo',
  svgstr: `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24">
  <g class="jp-icon3" fill="#616161">
    <path fill-rule="evenodd" d="M8 4h8a8 8 0 0 1 0 16H8A8 8 0 0 1 8 4Zm0 2a6 6 0 0 0 0 12h8a6 6 0 0 0 0-12H8Z"/>
    <path d="M6.2 8.2l1.7-.8c1.2 2.6 2.2 4.3 3.6 5.4 1.4 1.1 3.3 1.6 6.5 1.7v1.9c-3.5-.1-5.9-.7-7.7-2.1-1.7-1.3-2.9-3.3-4.1-6.1Z"/>
  </g>
</svg>`
});

/** Lines of text. */
export const logIcon = new LabIcon({
  name: 'trackside:log',
  svgstr: `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 16 16">
  <path class="jp-icon3" fill="#616161" d="M2 3h12v1.5H2zm0 4h9v1.5H2zm0 4h11v1.5H2z"/>
</svg>`
});

/** Something is wrong. */
export const alertIcon = new LabIcon({
  name: 'trackside:alert',
  svgstr: `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 16 16">
  <path class="jp-icon-alert" fill-rule="evenodd" d="M8 1.5 15 14H1zM7.25 6v4h1.5V6zm0 5v1.5h1.5V11z"/>
</svg>`
});

/** Columns of a table. */
export const columnsIcon = new LabIcon({
  name: 'trackside:columns',
  svgstr: `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 16 16">
  <path class="jp-icon3" fill="#616161" fill-rule="evenodd" d="M2 2.5h12v11H2zM3.5 4v8h2V4zm3.5 0v8h2V4zm3.5 0v8h2V4z"/>
</svg>`
});
