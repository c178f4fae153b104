import type { RankState } from '../api/clustertypes';
import type { JobState } from '../api/types';
import { english, type ITrans } from './trans';

/** What a state is drawn like. A dialog with anything in it that is `jp-mod-error` cannot be accepted, so that none is. */
export type Tone = 'neutral' | 'brand' | 'success' | 'danger';

/** One of the seven shapes that say a state without colour. */
export type Shape = 'waiting' | 'starting' | 'running' | 'done' | 'failed' | 'stopped' | 'passed';

export interface IStateLook {
  shape: Shape;
  tone: Tone;
  label: string;
  /** Whether anything can still happen. */
  live: boolean;
}

const SHAPES: Record<string, [Shape, Tone, boolean]> = {
  QUEUED: ['waiting', 'neutral', true],
  PENDING: ['waiting', 'neutral', true],
  SCHEDULED: ['waiting', 'neutral', true],
  STARTING: ['starting', 'brand', true],
  RUNNING: ['running', 'brand', true],
  SUCCEEDED: ['done', 'success', false],
  FINISHED: ['done', 'success', false],
  FAILED: ['failed', 'danger', false],
  CANCELED: ['stopped', 'neutral', false],
  KILLED: ['stopped', 'neutral', false],
  CANCELING: ['stopped', 'brand', true],
  PAUSED: ['waiting', 'neutral', true],
  CACHED: ['passed', 'success', false],
  SKIPPED: ['passed', 'neutral', false]
};

function label(state: string, trans: ITrans): string {
  switch (state) {
    case 'QUEUED':
    case 'SCHEDULED':
      return trans.__('Queued');
    case 'PENDING':
      return trans.__('Pending');
    case 'STARTING':
      return trans.__('Starting');
    case 'RUNNING':
      return trans.__('Running');
    case 'SUCCEEDED':
      return trans.__('Succeeded');
    case 'FINISHED':
      return trans.__('Finished');
    case 'FAILED':
      return trans.__('Failed');
    case 'CANCELED':
      return trans.__('Canceled');
    case 'KILLED':
      return trans.__('Killed');
    case 'CANCELING':
      return trans.__('Stopping');
    case 'PAUSED':
      return trans.__('Paused');
    case 'CACHED':
      return trans.__('From the cache');
    case 'SKIPPED':
      return trans.__('Skipped');
    default:
      return state;
  }
}

/** How a job's or a run's state looks and reads everywhere. */
export function stateLook(state: string, trans: ITrans = english): IStateLook {
  const [shape, tone, live] = SHAPES[state] ?? ['waiting', 'neutral', false];
  return { shape, tone, live, label: label(state, trans) };
}

/** The state of a job that looks like the state of one of its pods. */
const RANK_LOOKS: Record<RankState, JobState> = {
  waiting: 'QUEUED',
  starting: 'STARTING',
  running: 'RUNNING',
  stopping: 'STARTING',
  succeeded: 'SUCCEEDED',
  failed: 'FAILED',
  lost: 'FAILED'
};

/** How the state of one of the pods of a job looks and reads. */
export function rankLook(
  state: RankState,
  trans: ITrans = english
): { icon: JobState; label: string } {
  const icon = RANK_LOOKS[state];
  switch (state) {
    case 'waiting':
      return { icon, label: trans.__('Waiting') };
    case 'stopping':
      return { icon, label: trans.__('Stopping') };
    case 'lost':
      return { icon, label: trans.__('Lost') };
    default:
      return { icon, label: label(icon, trans) };
  }
}

export function isLive(state: string): boolean {
  return SHAPES[state]?.[2] ?? false;
}

/**
 * The inner SVG of each shape on a 16 × 16 canvas, as path data: `line` is
 * stroked, `fill` is filled.
 */
export const SHAPE_PATHS: Record<Shape, { line?: string; fill?: string; dashed?: boolean }> = {
  waiting: { line: 'M8 2a6 6 0 1 1 0 12A6 6 0 1 1 8 2', dashed: true },
  starting: {
    line: 'M8 2a6 6 0 1 1 0 12A6 6 0 1 1 8 2',
    fill: 'M8 4.2V8h3.8A3.8 3.8 0 0 0 8 4.2Z'
  },
  running: {
    line: 'M8 2a6 6 0 1 1 0 12A6 6 0 1 1 8 2',
    fill: 'M8 4.2a3.8 3.8 0 0 1 0 7.6Z'
  },
  done: { line: 'M3 8.5 6.5 12 13 4.5' },
  failed: { line: 'M4 4l8 8M12 4l-8 8' },
  stopped: { line: 'M8 2a6 6 0 1 1 0 12A6 6 0 1 1 8 2M3.9 12.1l8.2-8.2' },
  passed: { line: 'M2.500 11.500C3.500 5.500 9 4 12.500 8M12.800 4.200V8.300H8.700' }
};
