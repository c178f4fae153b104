import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { IMissing } from '../../api/clustertypes';
import { CodeBlock } from '../../components/CodeBlock';
import { CopyButton } from '../../components/CopyButton';
import { Part } from './Part';
import { rolesYaml, roleYaml } from './role';

/** What cannot be shown or done, and the roles to ask for. */
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
  const rights = missing.filter(({ rules }) => rules !== '');
  const failures = missing.filter(({ rules }) => rules === '');
  return (
    <Part
      title={trans.__('What is missing')}
      aside={
        rights.length > 1 && (
          <CopyButton
            text={rolesYaml(rights, namespace)}
            label={trans.__('Copy all roles')}
            trans={trans}
          />
        )
      }
    >
      {failures.length > 0 && (
        <ul>
          {failures.map(({ what }) => (
            <li key={what}>{what}</li>
          ))}
        </ul>
      )}
      {rights.length > 0 && (
        <>
          <p className="jp-TracksideCluster-note">{intro}</p>
          <ul>
            {rights.map(item => (
              <li key={item.what}>
                <details>
                  <summary>{item.what}</summary>
                  <CodeBlock
                    text={roleYaml(item, namespace)}
                    copyLabel={trans.__('Copy the role')}
                    trans={trans}
                  />
                </details>
              </li>
            ))}
          </ul>
        </>
      )}
    </Part>
  );
}
