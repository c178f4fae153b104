import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { IMissing } from '../../api/clustertypes';
import { CopyButton } from '../../components/CopyButton';
import { Part } from './Part';
import { rolesYaml, roleYaml } from './role';

/** The rights that Trackside lacks, and the roles to ask for. */
export function Missing(props: {
  intro: string;
  missing: readonly IMissing[];
  namespace: string | null;
  trans: TranslationBundle;
}): React.ReactElement | null {
  const { intro, missing, namespace, trans } = props;
  if (missing.length === 0) {
    return null;
  }
  return (
    <Part
      title={trans.__('What is missing')}
      aside={
        missing.length > 1 && (
          <CopyButton
            text={rolesYaml(missing, namespace)}
            label={trans.__('Copy all roles')}
            trans={trans}
          />
        )
      }
    >
      <p className="jp-TracksideCluster-note">{intro}</p>
      <ul>
        {missing.map(item => (
          <li key={item.what}>
            <details>
              <summary>{item.what}</summary>
              <Yaml text={roleYaml(item, namespace)} trans={trans} />
            </details>
          </li>
        ))}
      </ul>
    </Part>
  );
}

function Yaml(props: { text: string; trans: TranslationBundle }): React.ReactElement {
  const { text, trans } = props;
  return (
    <div className="jp-TracksideEmpty-code">
      <pre tabIndex={0}>
        <code>{text}</code>
      </pre>
      <CopyButton text={text} label={trans.__('Copy the role')} trans={trans} />
    </div>
  );
}
