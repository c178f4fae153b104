import * as React from 'react';

import type { IRanked } from '../../api/compare';
import { Section } from '../run/Facts';
import type { ICompareContext } from './context';
import { kindWord, rankedSentence, strengthWord, togetherSentence } from './words';

/** How many are listed. */
const SHOWN = 6;

/** What changed with the better result, the clearest first. */
export function Ranking(props: ICompareContext): JSX.Element | null {
  const { compare, comparison } = props;
  const { trans } = compare.tracks;
  const { ranking, objective } = comparison;
  if (ranking.length === 0 || !objective) {
    return null;
  }
  return (
    <Section title={trans.__('What changed with the better %1', objective.metric)}>
      <ol className="jp-TracksideCompare-ranking">
        {ranking.slice(0, SHOWN).map(one => (
          <li key={`${one.kind} ${one.key}`}>
            <Strength ranked={one} trans={trans} />
            <span>
              <span className="jp-TracksideCompare-badge">{kindWord(one.kind, trans)}</span>{' '}
              {rankedSentence(one, objective.metric, trans)}{' '}
              <span className="jp-TracksideCompare-dim">{togetherSentence(one, trans)}</span>
            </span>
          </li>
        ))}
      </ol>
      <p className="jp-TracksideDoc-note">
        {ranking[0].measure === 'pair'
          ? trans.__('Two runs tell what differs, not which of it matters.')
          : trans.__(
              'What goes together need not be the cause. Chance is what random orders of the results would show.'
            )}
      </p>
    </Section>
  );
}

/** How strong it is, as a bar and in words. */
function Strength(props: {
  ranked: IRanked;
  trans: ICompareContext['compare']['tracks']['trans'];
}): JSX.Element {
  const { ranked, trans } = props;
  const { score, chance, strength } = ranked;
  const word = strengthWord(strength, trans);
  const title =
    score === null || chance === null
      ? word
      : ranked.measure === 'rank'
        ? trans.__('Rank correlation %1, by chance in %2 of 100', score.toFixed(2), percent(chance))
        : trans.__('Groups explain %1, by chance in %2 of 100', score.toFixed(2), percent(chance));
  return (
    <span className={`jp-TracksideCompare-strength jp-mod-${strength}`} title={title}>
      <i aria-hidden style={{ width: `${(score ?? 0) * 100}%` }} />
      <span>{word}</span>
    </span>
  );
}

function percent(chance: number): string {
  return chance < 0.01 ? '<1' : String(Math.round(chance * 100));
}
