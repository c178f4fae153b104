/** The table of experiments; loaded when the first one is opened. */
export { ExperimentView } from './ExperimentView';
export { createExperimentDocument } from './widget';
