import * as React from 'react';

import type { IModelVersion } from '../../api/registrytypes';
import { Action } from '../../shared/Action';
import { Facts } from '../run/Facts';
import type { IModelContext } from './context';
import { Description } from './Description';
import { LoadSnippet } from './LoadSnippet';
import { Signature } from './Signature';
import { useModelFile } from './useModelFile';
import { Problem, useAct } from './useAct';

/** The version that is chosen: how it is loaded, what it takes and gives, where it came from. */
export function VersionDetails(props: IModelContext & { version: IModelVersion }): JSX.Element {
  const { document, rendermime, version } = props;
  const { trans } = document.tracks;
  const [act, problem] = useAct(trans);
  const found = useModelFile(document, version.version);
  const tags = version.tags.filter(({ key }) => !key.startsWith('mlflow.'));
  return (
    <section
      className="jp-TracksideVersion"
      aria-label={trans.__('Version %1', version.version)}
      data-trackside-details={version.version}
    >
      <header>
        <h2>{trans.__('Version %1', version.version)}</h2>
        <Action
          label={trans.__('Delete version…')}
          confirm={trans.__('Delete v%1 for ever', version.version)}
          title={trans.__('Its number is never used again. The run and its files stay.')}
          onClick={() => act(() => document.removeVersion(version.version))}
        />
      </header>
      <Problem text={problem} />
      <LoadSnippet document={document} version={version} flavors={found.file?.flavors ?? []} />
      <Signature found={found} trans={trans} />
      <Description
        key={version.version}
        title={trans.__('About this version')}
        text={version.description}
        document={document}
        version={version.version}
        rendermime={rendermime}
      />
      <Facts
        facts={[
          { name: trans.__('Source'), value: <code>{version.source}</code>, copy: version.source },
          version.model_id && {
            name: trans.__('Logged model'),
            value: <code>{version.model_id}</code>,
            copy: version.model_id
          },
          found.file?.mlflow && { name: 'MLflow', value: found.file.mlflow },
          ...tags.map(({ key, value }) => ({ name: key, value }))
        ]}
        trans={trans}
      />
    </section>
  );
}
