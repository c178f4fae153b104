import { version } from '../../package.json';

/** The version of the front end. */
export const VERSION = version;
