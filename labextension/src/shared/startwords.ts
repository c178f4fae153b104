import { ago, clock, duration, moment } from './format';
import type { ITrans } from './trans';

/** What is said of when a run started, and how long it has taken. */
export interface IStartWords {
  /** Whether it waits: what stands for its start is when it was made, or first begun. */
  isQueued: boolean;
  /** In the fewest words; nothing where the start is not known. */
  text: string;
  full: string;
  /** As a part of a sentence that tells its state, too. */
  phrase: string;
  /** How long it has taken; nothing while it waits. */
  took: string;
}

/** What to say of the start of a run, at whatever place that is. */
export function startWords(
  status: string,
  start: number,
  end: number | null,
  now: number,
  trans: ITrans
): IStartWords {
  if (status === 'SCHEDULED') {
    return {
      isQueued: true,
      text: trans.__('Queued'),
      // A job that is tried again waits once more, and keeps when it was begun first.
      full: start
        ? trans.__('Queued; made, or begun first, at %1', moment(start))
        : trans.__('Queued'),
      phrase: '',
      took: ''
    };
  }
  if (!start) {
    return { isQueued: false, text: '', full: '', phrase: '', took: '' };
  }
  const text = ago(start, Math.max(now, start), trans);
  return {
    isQueued: false,
    text,
    full: moment(start),
    phrase: trans.__('started %1', text),
    took: end === null ? clock(now - start) : duration(end - start, trans)
  };
}
