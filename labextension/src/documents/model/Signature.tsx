import * as React from 'react';

import { explain } from '../../api/request';
import { CodeBlock } from '../../components/CodeBlock';
import { Skeleton } from '../../components/Skeleton';
import type { ITracksideModel } from '../../tokens';
import type { IField } from './mlmodel';
import type { IFound } from './useModelFile';

/** How many columns are listed at first. */
const FEW = 12;

/** What a version takes and gives, and an example of what it takes. */
export function Signature(props: {
  found: IFound;
  trans: ITracksideModel['trans'];
}): JSX.Element | null {
  const { found, trans } = props;
  const { file, example, elsewhere, isLoading, error } = found;
  if (error !== null) {
    return <p className="jp-TracksideDoc-note">{explain(error, trans)}</p>;
  }
  if (isLoading && !file) {
    return <Skeleton rows={2} />;
  }
  if (elsewhere) {
    return (
      <p className="jp-TracksideDoc-note">
        {trans.__('Its files are at %1, where this server does not look.', elsewhere)}
      </p>
    );
  }
  const isEmpty = !file || (file.inputs.length === 0 && file.outputs.length === 0);
  return (
    <>
      {isEmpty ? (
        <p className="jp-TracksideDoc-note">
          {file
            ? trans.__('No signature: log the model with input_example=… to have one.')
            : trans.__(
                'There is no file MLmodel at its source, so nothing is known of what it takes.'
              )}
        </p>
      ) : (
        <div className="jp-TracksideSignature">
          <Fields title={trans.__('Takes')} fields={file.inputs} trans={trans} />
          <Fields title={trans.__('Gives')} fields={file.outputs} trans={trans} />
          <Fields title={trans.__('Params')} fields={file.params} trans={trans} />
        </div>
      )}
      {example && (
        <div className="jp-TracksideExample">
          <h3>
            {example.isWhole
              ? trans.__('Input example')
              : trans.__('Input example, the beginning of it')}
          </h3>
          <CodeBlock
            text={pretty(example.text)}
            copyLabel={trans.__('Copy the input example')}
            trans={trans}
          />
        </div>
      )}
    </>
  );
}

function Fields(props: {
  title: string;
  fields: readonly IField[];
  trans: ITracksideModel['trans'];
}): JSX.Element | null {
  const { title, fields, trans } = props;
  const [showsAll, setShowsAll] = React.useState(false);
  if (fields.length === 0) {
    return null;
  }
  const shown = showsAll ? fields : fields.slice(0, FEW);
  return (
    <div>
      <h3>{title}</h3>
      <dl>
        {shown.map(({ name, type, isRequired }, at) => (
          <div key={at}>
            <dt title={name}>{name}</dt>
            <dd>{isRequired ? type : trans.__('%1, optional', type)}</dd>
          </div>
        ))}
      </dl>
      {fields.length > shown.length && (
        <button type="button" className="jp-TracksideLink" onClick={() => setShowsAll(true)}>
          {trans.__('Show %1 more', fields.length - shown.length)}
        </button>
      )}
    </div>
  );
}

function pretty(text: string): string {
  try {
    const value: unknown = JSON.parse(text);
    const wide = JSON.stringify(value, null, 1);
    return wide.length < 1500 ? wide : JSON.stringify(value);
  } catch {
    return text;
  }
}
