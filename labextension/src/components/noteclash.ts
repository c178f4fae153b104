/** What saving a note comes to. */
export type Saving = 'write' | 'nothing' | 'ask';

/**
 * What is to be done with a note that was edited, by what editing began from, what is written now,
 * and what the server has meanwhile: somebody else's words are never written over unasked.
 */
export function saving(began: string, mine: string, theirs: string): Saving {
  if (mine === theirs || mine === began) {
    return 'nothing';
  }
  return theirs === began ? 'write' : 'ask';
}
