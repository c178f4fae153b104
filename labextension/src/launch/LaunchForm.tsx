import * as React from 'react';

import { useSignal } from '../components/hooks';
import { stemOf } from '../paths';
import { bind, mistakeOf } from './bind';
import { Field } from './Field';
import { type FormField, isOnCluster } from './form';
import type { LaunchModel } from './model';
import { Params } from './Params';
import { Plan } from './Plan';
import { Travels } from './Travels';
import { WhenFields } from './WhenFields';
import { Where } from './Where';

/** The fields that are folded away. */
const MORE: readonly FormField[] = ['timeLimit', 'retries', 'env', 'files'];

/** The form of one screen. */
export function LaunchForm(props: {
  launch: LaunchModel;
  /** Paths to choose from, when there is a choice. */
  paths: readonly string[] | null;
}): React.ReactElement {
  const { launch, paths } = props;
  useSignal(launch.changed);
  const { form, target } = launch;
  const { trans } = launch.model;
  const listId = React.useId();
  const { replaces } = launch.when ?? {};
  // Of another file nothing is known yet.
  const problem = form.path.trim() === replaces?.job?.path ? replaces.problem : '';
  const isMoreWrong = MORE.some(field => mistakeOf(launch, field) !== undefined);
  const [isMore, setMore] = React.useState(
    Boolean(form.timeLimit || form.retries || form.env || form.files)
  );

  return (
    <div className="jp-TracksideLaunch">
      {problem && <p className="jp-TracksideNotice jp-mod-alert">{problem}</p>}
      {paths && (
        <>
          <Field placeholder={trans.__('train.py')} list={listId} {...bind(launch, 'path')} />
          <datalist id={listId}>
            {paths.map(path => (
              <option key={path} value={path} />
            ))}
          </datalist>
        </>
      )}
      <Params
        rows={form.params}
        target={target}
        mistake={mistakeOf(launch, 'params')}
        onChange={params => launch.setForm({ params })}
        trans={trans}
      />
      <Where launch={launch} />
      <div className="jp-TracksideLaunch-row">
        <Field placeholder={stemOf(form.path)} {...bind(launch, 'experiment')} />
        <Field
          placeholder={launch.when?.recurrence ? stemOf(form.path) : trans.__('numbered by itself')}
          {...bind(launch, 'name')}
        />
      </div>
      <details open={isMore || isMoreWrong} onToggle={event => setMore(event.currentTarget.open)}>
        <summary>{trans.__('More: time limit, retries, environment, files')}</summary>
        <div className="jp-TracksideLaunch-row">
          <Field placeholder={trans.__('none, or 2h')} {...bind(launch, 'timeLimit')} />
          <Field placeholder="0" {...bind(launch, 'retries')} />
        </div>
        <Field
          rows={2}
          placeholder={trans.__('NAME=value')}
          hint={
            launch.when?.recurrence
              ? trans.__('They are kept with it, so secret ones are refused.')
              : trans.__('They are not remembered.')
          }
          {...bind(launch, 'env')}
        />
        <Field
          rows={2}
          placeholder={trans.__('data.csv')}
          hint={trans.__('One path a line, relative to the notebook or script.')}
          {...bind(launch, 'files')}
        />
      </details>
      {launch.when && (
        <WhenFields
          when={launch.when}
          catchUpLabel={trans.__(
            'Start all that was due while the server was away, not only the last'
          )}
          note={whenNote(launch)}
          trans={trans}
        />
      )}
      {/* What recurs takes along what is there then. */}
      {!launch.when?.recurrence && (
        <Travels
          preview={launch.preview}
          error={launch.previewError}
          target={target}
          trans={trans}
        />
      )}
      {isOnCluster(form) && <Plan plan={launch.plan} trans={trans} />}
      <div role="alert">
        {launch.error && <p className="jp-TracksideNotice jp-mod-alert">{launch.error}</p>}
      </div>
    </div>
  );
}

/** What is run, by whom, and what there is where that is not enough. */
function whenNote({ form, model, when }: LaunchModel): string {
  const { trans } = model;
  if (when?.replaces?.cronjob) {
    return trans.__('The cluster starts the runs, with the file as it is when this is saved.');
  }
  return isOnCluster(form)
    ? trans.__(
        'Each run takes the file as it is then, and starts while this Jupyter server runs. Where that is often off, choose “Keep on the Cluster” in the menu of what recurs.'
      )
    : trans.__(
        'Each run takes the file as it is then, and starts while this Jupyter server runs. Where that is often off, run it on a cluster, which can start it too.'
      );
}
