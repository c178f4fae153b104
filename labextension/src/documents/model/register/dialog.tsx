import * as React from 'react';

import type { IModelVersion } from '../../../api/registrytypes';
import { tellFailure } from '../../../components/notices';
import { askForm, type IAnswer } from '../../../components/submitdialog';
import type { ITracksideModel } from '../../../tokens';
import { RegisterModel } from './model';
import { RegisterForm } from './RegisterForm';

/** Ask what of a run is registered; gives the version, or nothing when that was called off. */
export async function openRegisterDialog(
  tracks: ITracksideModel,
  runId: string
): Promise<IAnswer<IModelVersion> | null> {
  const { trans } = tracks;
  const register = new RegisterModel(tracks, runId);
  const asked = askForm({
    trans,
    title: trans.__('Register a model'),
    form: register,
    content: <RegisterForm register={register} />,
    accept: () => ({ label: trans.__('Register'), isDisabled: !register.isReady }),
    focus: 'input'
  });
  try {
    const answer = await asked;
    const { registered } = register;
    // It is there, also where what was to follow failed and the form was closed.
    return answer ?? (registered && { outcome: registered, isLate: false });
  } catch (error) {
    const { registered, progress } = register;
    if (!registered) {
      throw error;
    }
    tellFailure(new Error(`${progress} ${register.error}`), trans);
    return { outcome: registered, isLate: true };
  }
}
