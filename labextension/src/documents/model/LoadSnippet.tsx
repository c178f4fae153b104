import * as React from 'react';

import type { IModelVersion } from '../../api/registrytypes';
import { CodeBlock } from '../../components/CodeBlock';
import { loadableFlavors, loadSnippet, modelUri } from '../../shared/modelsnippet';
import type { ModelDocument } from './model';

/** The code that loads a version, by the name that moves or by its number. */
export function LoadSnippet(props: {
  document: ModelDocument;
  version: IModelVersion;
  flavors: readonly string[];
}): JSX.Element {
  const { document, version, flavors } = props;
  const { trans } = document.tracks;
  const [flavor, setFlavor] = React.useState('pyfunc');
  const [by, setBy] = React.useState('');
  const aliases = document.aliasesOf(version.version);
  const names = [
    ...aliases.map(alias => modelUri(document.name, null, [alias])),
    modelUri(document.name, version.version, [])
  ];
  const uri = names.includes(by) ? by : modelUri(document.name, version.version, aliases);
  const ways = ['pyfunc', ...loadableFlavors(flavors)];
  return (
    <div className="jp-TracksideLoad">
      <div className="jp-TracksideLoad-bar">
        <span>{trans.__('Load it')}</span>
        {names.length > 1 && (
          <select
            className="jp-TracksideSelect"
            aria-label={trans.__('By which name')}
            value={uri}
            onChange={event => setBy(event.target.value)}
          >
            {names.map(name => (
              <option key={name}>{name}</option>
            ))}
          </select>
        )}
        {ways.length > 1 && (
          <select
            className="jp-TracksideSelect"
            aria-label={trans.__('As what')}
            value={ways.includes(flavor) ? flavor : 'pyfunc'}
            onChange={event => setFlavor(event.target.value)}
          >
            {ways.map(way => (
              <option key={way}>{way}</option>
            ))}
          </select>
        )}
      </div>
      <CodeBlock
        text={loadSnippet(uri, ways.includes(flavor) ? flavor : 'pyfunc')}
        copyLabel={trans.__('Copy the code that loads %1', document.name)}
        trans={trans}
      />
    </div>
  );
}
