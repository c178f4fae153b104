import * as React from 'react';
import type { TranslationBundle } from '@jupyterlab/translation';

import { Field } from '../../launch/Field';
import { type ArgumentMistake, type IArgument, showArgument } from '../arguments';
import type { RunFormModel } from './model';

/** One argument: a choice, a switch or a text, with what is wrong with it below. */
export function ArgumentField(props: {
  model: RunFormModel;
  argument: IArgument;
}): React.ReactElement {
  const { model, argument } = props;
  const { name, kind, description, choices, optional, initial } = argument;
  const { trans } = model;
  const value = model.typed.get(name) ?? '';
  const found = model.mistakeOf(argument);
  const mistake = found && mistakeText(found.mistake, found.detail, trans);
  const label = trans.__('%1 (%2)', name, kindText(kind, trans));
  const isNone = model.isNone(name);
  const set = (typed: string): void => model.type(name, typed);
  const listed =
    choices.length > 0
      ? choices.map(choice => showArgument(argument, choice))
      : kind === 'bool'
        ? ['true', 'false']
        : null;
  if (listed) {
    const mayBeOut = optional && initial === undefined;
    return (
      <label className="jp-TracksideField">
        <span>{label}</span>
        <select
          className="jp-TracksideSelect"
          value={value}
          aria-invalid={mistake ? true : undefined}
          onChange={event => set(event.target.value)}
        >
          {(mayBeOut || !listed.includes(value)) && (
            <option value="">
              {isNone ? trans.__('None') : mayBeOut ? trans.__('left out') : trans.__('choose one')}
            </option>
          )}
          {listed.map(choice => (
            <option key={choice} value={choice}>
              {choice}
            </option>
          ))}
        </select>
        {(mistake || description) && (
          <small className={mistake ? 'jp-mod-mistake' : undefined}>{mistake || description}</small>
        )}
      </label>
    );
  }
  return (
    <Field
      label={label}
      value={value}
      onChange={set}
      rows={kind === 'list' || kind === 'struct' ? 3 : undefined}
      placeholder={
        isNone
          ? trans.__('None')
          : optional
            ? initial === undefined
              ? trans.__('left out')
              : showArgument(argument, initial)
            : undefined
      }
      hint={description || undefined}
      mistake={mistake}
    />
  );
}

function kindText(kind: IArgument['kind'], trans: TranslationBundle): string {
  switch (kind) {
    case 'int':
      return trans.__('whole number');
    case 'float':
      return trans.__('number');
    case 'bool':
      return trans.__('true or false');
    case 'string':
      return trans.__('text');
    case 'list':
      return trans.__('list, as JSON');
    case 'struct':
      return trans.__('object, as JSON');
  }
}

function mistakeText(
  mistake: ArgumentMistake,
  detail: string | undefined,
  trans: TranslationBundle
): string {
  switch (mistake) {
    case 'missing':
      return trans.__('The pipeline needs a value here.');
    case 'no-int':
      return trans.__('Write a whole number, such as 10.');
    case 'no-number':
      return trans.__('Write a number, such as 0.01.');
    case 'no-list':
      return trans.__('Write a list, such as [1, 2].');
    case 'no-struct':
      return trans.__('Write an object, such as {"lr": 0.01}.');
    case 'bad-json':
      return trans.__('This is no JSON: %1', detail ?? '');
  }
}
