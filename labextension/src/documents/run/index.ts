/** The document of a run; loaded when the first one is opened. */
export { ChartPrefs } from '../../charts/prefs';
export { RunModel } from './model';
export { createRunDocument } from './widget';
