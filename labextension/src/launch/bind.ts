import type { FormField } from './form';
import { labelOf, type TextField } from './labels';
import type { LaunchModel } from './model';
import { mistakeText } from './words';

/** What a text field of the form needs. */
export interface IBound {
  label: string;
  value: string;
  onChange: (value: string) => void;
  mistake?: string;
}

/** What is wrong with a field, in words. */
export function mistakeOf(launch: LaunchModel, field: FormField): string | undefined {
  const mistake = launch.mistakes.get(field);
  return mistake
    ? mistakeText(mistake, launch.runner, launch.model.trans)
    : launch.refusals.get(field);
}

/** Connect a text field with the form. */
export function bind(launch: LaunchModel, field: TextField): IBound {
  return {
    label: labelOf(field, launch.form, launch.model.trans),
    value: launch.form[field],
    onChange: value => launch.setForm({ [field]: value }),
    mistake: mistakeOf(launch, field)
  };
}
