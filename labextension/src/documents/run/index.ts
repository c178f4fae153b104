/** The document of a run; loaded when the first one is opened. */
export { RunModel } from './model';
export { ChartPrefs } from './prefs';
export { createRunDocument } from './widget';
