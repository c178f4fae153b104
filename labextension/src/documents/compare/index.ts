/** The comparison of runs; loaded when the first one is opened. */
export { ChartPrefs } from '../../charts/prefs';
export { CompareModel } from './model';
export { createCompareDocument } from './widget';
