import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { IFinding } from '../api/clustertypes';
import { CodeBlock } from '../components/CodeBlock';
import type { PlanModel } from './planner';

/** What the server finds about the job before it is started, and what it would make of it. */
export function Plan(props: { plan: PlanModel; trans: TranslationBundle }): React.ReactElement {
  const { plan: model, trans } = props;
  const { plan, problem } = model;
  return (
    <>
      <div role="status" className="jp-TracksideFindings">
        {problem && <p className="jp-TracksideNotice jp-mod-warn">{problem}</p>}
        {plan?.findings.map(finding => (
          <Finding key={`${finding.level} ${finding.message}`} finding={finding} trans={trans} />
        ))}
      </div>
      {plan?.yaml && (
        <details className="jp-TracksideManifest">
          <summary>{trans.__('Show manifest')}</summary>
          <CodeBlock text={plan.yaml} copyLabel={trans.__('Copy the manifest')} trans={trans} />
        </details>
      )}
    </>
  );
}

const TONES = { error: 'jp-mod-alert', warning: 'jp-mod-warn', note: '' } as const;

function Finding(props: { finding: IFinding; trans: TranslationBundle }): React.ReactElement {
  const { finding, trans } = props;
  const { level, message, hint } = finding;
  return (
    <p className={`jp-TracksideNotice ${TONES[level]}`}>
      <span className="jp-TracksideHidden">{levelText(level, trans)} </span>
      {[message, hint].filter(Boolean).join(' ')}
    </p>
  );
}

function levelText(level: IFinding['level'], trans: TranslationBundle): string {
  switch (level) {
    case 'error':
      return trans.__('Error:');
    case 'warning':
      return trans.__('Warning:');
    case 'note':
      return trans.__('Note:');
  }
}
