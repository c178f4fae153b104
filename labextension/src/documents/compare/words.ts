import type { TranslationBundle } from '@jupyterlab/translation';

import type { FileState, IComparedFile, IComparison, IRanked } from '../../api/compare';

/** Names and values are cut to what fits into a sentence. */
const SHORT = 40;

/** All of a comparison in a sentence. */
export function sentenceOf(comparison: IComparison, trans: TranslationBundle): string {
  return trans.__('%1; %2', differingSentence(comparison, trans), leadSentence(comparison, trans));
}

function differingSentence(comparison: IComparison, trans: TranslationBundle): string {
  const { settings, differing, others } = comparison.counts;
  const code = others.includes('code');
  const packages = others.includes('packages');
  const begin =
    settings === 0
      ? trans.__('No settings were logged')
      : differing === 0
        ? trans.__('No setting of %1 differs', settings)
        : trans._n('%1 of %2 settings differs', '%1 of %2 settings differ', differing, settings);
  if (differing === 0) {
    return onlyOthers(begin, code, packages, trans);
  }
  if (code && packages) {
    return trans.__('%1, and so do the code and the packages', begin);
  }
  if (code) {
    return trans.__('%1, and so does the code', begin);
  }
  return packages ? trans.__('%1, and so do the packages', begin) : begin;
}

/** The beginning where no setting differs, but something else may. */
function onlyOthers(
  begin: string,
  code: boolean,
  packages: boolean,
  trans: TranslationBundle
): string {
  if (code && packages) {
    return trans.__('%1; the code and the packages differ', begin);
  }
  if (code) {
    return trans.__('%1; the code differs', begin);
  }
  return packages ? trans.__('%1; the packages differ', begin) : begin;
}

function leadSentence(comparison: IComparison, trans: TranslationBundle): string {
  const { objective, ranking, metrics } = comparison;
  if (!objective) {
    return trans.__('there is no metric to tell better from worse.');
  }
  const metric = short(objective.metric);
  const row = metrics.find(({ key }) => key === objective.metric);
  const results = row?.values.filter(value => typeof value === 'number').length ?? 0;
  if (results < 2) {
    return trans.__('too few runs have a %1 to tell better from worse.', metric);
  }
  const first = ranking.at(0);
  if (!first) {
    return trans.__('nothing that differs can be told to go with the better %1.', metric);
  }
  if (first.strength === 'none') {
    return trans.__(
      'nothing goes with the better %1 more than by chance in %2 runs.',
      metric,
      first.runs
    );
  }
  const rest = ranking.filter(({ strength }) => strength === 'pair').length - 1;
  if (rest > 0) {
    return trans._n(
      '%2 and %1 other difference go with the better %3.',
      '%2 and %1 other differences go with the better %3.',
      rest,
      rankedName(first, trans),
      metric
    );
  }
  return rankedSentence(first, metric, trans);
}

/** What one difference has to do with the result. */
export function rankedSentence(ranked: IRanked, metric: string, trans: TranslationBundle): string {
  const name = rankedName(ranked, trans);
  const better = short(metric);
  const found = foundWords(ranked, trans);
  switch (ranked.strength) {
    case 'pair':
      return trans.__('%1 goes with the better %2.', name, better);
    case 'clear':
      return trans.__('%1 goes with the better %2 (%3).', name, better, found);
    case 'hint':
      return trans.__('%1 goes with the better %2 (%3), which may be chance.', name, better, found);
    case 'none':
      return trans.__('%1: %2, as chance would show.', name, found);
  }
}

function foundWords(ranked: IRanked, trans: TranslationBundle): string {
  const score = (ranked.score ?? 0).toFixed(2);
  return ranked.measure === 'rank'
    ? trans.__('rank correlation %1 in %2 runs', score, ranked.runs)
    : trans.__('separation %1 in %2 runs', score, ranked.runs);
}

/** That other differences divide the runs in the same way. */
export function togetherSentence(ranked: IRanked, trans: TranslationBundle): string {
  const { together } = ranked;
  if (together.length === 0) {
    return '';
  }
  return together.length === 1
    ? trans.__('It cannot be told from %1, which changes with it.', short(together[0]))
    : trans._n(
        'It cannot be told from %2 and %1 more, which change with it.',
        'It cannot be told from %2 and %1 more, which change with it.',
        together.length - 1,
        short(together[0])
      );
}

function rankedName(ranked: IRanked, trans: TranslationBundle): string {
  if (ranked.measure === 'rank') {
    return ranked.better === 'higher'
      ? trans.__('higher %1', short(ranked.key))
      : trans.__('lower %1', short(ranked.key));
  }
  if (ranked.better === null && ranked.worse === null) {
    return plainName(ranked, trans);
  }
  const absent = trans.__('absent');
  return trans.__(
    '%1 %2 → %3',
    short(ranked.key),
    short(ranked.worse ?? absent),
    short(ranked.better ?? absent)
  );
}

function plainName(ranked: IRanked, trans: TranslationBundle): string {
  switch (ranked.kind) {
    case 'code':
      return trans.__('the code of %1', short(ranked.key));
    case 'package':
      return trans.__('the version of %1', short(ranked.key));
    case 'dataset':
      return trans.__('the data %1', short(ranked.key));
    default:
      return short(ranked.key);
  }
}

/** What kind of difference it is. */
export function kindWord(kind: IRanked['kind'], trans: TranslationBundle): string {
  switch (kind) {
    case 'param':
      return trans.__('param');
    case 'dataset':
      return trans.__('data');
    case 'code':
      return trans.__('code');
    case 'package':
      return trans.__('package');
    case 'environment':
      return trans.__('environment');
  }
}

/** How sure it is. */
export function strengthWord(strength: IRanked['strength'], trans: TranslationBundle): string {
  switch (strength) {
    case 'pair':
      return trans.__('differs');
    case 'clear':
      return trans.__('clear');
    case 'hint':
      return trans.__('may be chance');
    case 'none':
      return trans.__('like chance');
  }
}

/** What a file is called. */
export function fileName(file: IComparedFile, trans: TranslationBundle): string {
  switch (file.kind) {
    case 'cell':
      return trans.__('Code as executed');
    case 'helpers':
      return trans.__('Helpers taken along');
    case 'changes':
      return trans.__('Uncommitted changes');
    case 'file':
      return file.path;
  }
}

/** How a file is against that of the base run. */
export function stateWord(state: FileState, trans: TranslationBundle): string {
  switch (state) {
    case 'base':
      return trans.__('base');
    case 'same':
      return trans.__('the same');
    case 'changed':
      return trans.__('changed');
    case 'added':
      return trans.__('only here');
    case 'removed':
      return trans.__('not here');
    case 'absent':
      return trans.__('neither has it');
    case 'unread':
      return trans.__('different; no text, or too long to compare');
    case 'unknown':
      return trans.__('nothing was kept');
  }
}

/** A name or value, cut. */
export function short(text: string): string {
  const line = text.split(/\s+/).join(' ').trim();
  return line.length <= SHORT ? line : `${line.slice(0, SHORT - 1)}…`;
}
