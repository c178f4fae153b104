import type { FormField, ILaunchForm } from './form';
import type { LaunchModel } from './model';
import { mistakeText } from './words';

/** The fields that hold a text. */
export type TextField = Exclude<keyof ILaunchForm, 'params' | 'install'>;

/** What a text field of the form needs. */
export interface IBound {
  value: string;
  onChange: (value: string) => void;
  mistake?: string;
}

/** What is wrong with a field, in words. */
export function mistakeOf(launch: LaunchModel, field: FormField): string | undefined {
  const mistake = launch.mistakes.get(field);
  return mistake && mistakeText(mistake, launch.runner, launch.model.trans);
}

/** Connect a text field with the form. */
export function bind(launch: LaunchModel, field: TextField): IBound {
  return {
    value: launch.form[field],
    onChange: value => launch.setForm({ [field]: value }),
    mistake: mistakeOf(launch, field)
  };
}
