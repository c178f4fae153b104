/** The MIME type of Trackside's outputs; they hold ids, and the server the rest. */
export const MIME_TYPE = 'application/vnd.trackside.v1+json';
