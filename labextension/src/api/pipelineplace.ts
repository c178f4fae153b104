/**
 * Where pipelines are: on this Jupyter server, or on a server of Kubeflow Pipelines behind it. What is there has an
 * id that says so, so whatever holds an id (a command, a menu, a restored document) knows whom to ask.
 */

import type { RunSource } from './pipelinerecords';

/** Where pipelines and their runs are. */
export type PipelinePlace = 'here' | 'kfp';

/** What the ids of the KFP server begin with; no server gives out one that does. */
const MARK = 'kfp:';

/** Where it is that this id names. */
export function placeOf(id: string): PipelinePlace {
  return id.startsWith(MARK) ? 'kfp' : 'here';
}

/** An id as a server gave it, for use among those of all places. */
export function idIn(place: PipelinePlace, id: string): string {
  return id && place === 'kfp' ? MARK + id : id;
}

/** An id as its server gave it. */
export function plainId(id: string): string {
  return placeOf(id) === 'kfp' ? id.slice(MARK.length) : id;
}

/** Where something is made of this. */
export function placeOfSource(source: RunSource): PipelinePlace {
  return 'spec' in source ? source.place : placeOf(source.pipeline_id);
}

/** Where the routes of KFP's protocol begin. */
export function routesOf(place: PipelinePlace): string {
  return place === 'kfp' ? 'kfp/apis/v2beta1' : 'apis/v2beta1';
}

/** The route of something that an id names. */
export function routeTo(kind: string, id: string): string {
  return `${routesOf(placeOf(id))}/${kind}/${encodeURIComponent(plainId(id))}`;
}
