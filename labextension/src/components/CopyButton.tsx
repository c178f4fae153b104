import { Clipboard } from '@jupyterlab/apputils';
import { checkIcon, copyIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { ITrans } from '../shared/trans';

/** How long the button says that it has copied. */
const SAID = 1500;

/** Copies a text and says so. */
export function CopyButton(props: {
  text: string;
  label?: string;
  trans: ITrans;
}): React.ReactElement {
  const { text, trans } = props;
  const [copied, setCopied] = React.useState(false);
  React.useEffect(() => {
    if (!copied) {
      return undefined;
    }
    const timer = setTimeout(() => setCopied(false), SAID);
    return () => clearTimeout(timer);
  }, [copied]);
  const Icon = copied ? checkIcon : copyIcon;
  const label = copied ? trans.__('Copied') : (props.label ?? trans.__('Copy'));
  return (
    <button
      type="button"
      className="jp-TracksideIconButton"
      title={label}
      aria-label={label}
      onClick={() => {
        Clipboard.copyToSystem(text);
        setCopied(true);
      }}
    >
      <Icon.react tag={null} width="14px" height="14px" />
    </button>
  );
}
