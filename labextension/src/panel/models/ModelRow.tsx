import { copyIcon, launchIcon } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import * as React from 'react';

import type { IRegisteredModel } from '../../api/registrytypes';
import { CommandIDs } from '../../commands';
import { IconButton } from '../../components/IconButton';
import { newestVersion, standings } from '../../shared/board';
import { ago, moment } from '../../shared/format';

/** One line about a model: its name, where its versions stand, and the newest one. */
export function ModelRow(props: {
  model: IRegisteredModel;
  commands: CommandRegistry;
  trans: TranslationBundle;
}): React.ReactElement {
  const { model, commands, trans } = props;
  const { name } = model;
  const newest = newestVersion(model.latest_versions);
  const places = standings(model);
  // Said once: the newest one often stands somewhere.
  const isNamed = places.some(({ version }) => version === newest);
  const title = places.map(({ version, word }) => `v${version} ${word}`).join(', ');
  return (
    <>
      <span role="gridcell" className="jp-TracksideRow-name" title={name}>
        {name}
      </span>
      <span role="gridcell" className="jp-TracksideModels-places" title={title}>
        {places.map(({ version, word, isStage }) => (
          <span key={word} className={isStage ? 'jp-mod-stage' : undefined}>
            <span className="jp-TracksideModels-version">{`v${version}`}</span> {word}
          </span>
        ))}
      </span>
      <span
        role="gridcell"
        className="jp-TracksideModels-newest"
        title={trans.__(
          'Newest version; changed %1, %2',
          ago(model.last_updated_timestamp, Date.now(), trans),
          moment(model.last_updated_timestamp)
        )}
      >
        {newest ? !isNamed && `v${newest}` : '–'}
      </span>
      <span role="gridcell" className="jp-TracksideRow-actions">
        <IconButton
          icon={copyIcon}
          inRow
          label={trans.__('Copy the code that loads %1', name)}
          onClick={() => void commands.execute(CommandIDs.copyModelSnippet, { name })}
        />
        <IconButton
          icon={launchIcon}
          inRow
          label={trans.__('Open %1', name)}
          onClick={() => void commands.execute(CommandIDs.openModel, { name })}
        />
      </span>
    </>
  );
}

/** What a screen reader says about a model. */
export function describeModel(model: IRegisteredModel, trans: TranslationBundle): string {
  const newest = newestVersion(model.latest_versions);
  const parts = standings(model).map(({ version, word }) =>
    trans.__('version %1 %2', version, word)
  );
  return [
    model.name,
    newest ? trans.__('newest version %1', newest) : trans.__('no version'),
    ...parts
  ].join(', ');
}
