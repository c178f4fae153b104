import type { TranslationBundle } from '@jupyterlab/translation';
import { launchIcon, runIcon } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import * as React from 'react';

import type { IPipeline } from '../../api/pipelinerecords';
import { CommandIDs } from '../../commands';
import { IconButton } from '../../components/IconButton';
import { ago, moment } from '../../shared/format';

/** One line about a pipeline that was uploaded. */
export function PipelineLine(props: {
  pipeline: IPipeline;
  now: number;
  commands: CommandRegistry;
  trans: TranslationBundle;
}): React.ReactElement {
  const { pipeline, now, commands, trans } = props;
  const { pipeline_id: id, name, description, created_at: created } = pipeline;
  return (
    <>
      <span role="gridcell" className="jp-TracksideRow-name" title={name}>
        {name}
      </span>
      <span role="gridcell" className="jp-TracksidePipelines-detail" title={description}>
        {description}
      </span>
      <span role="gridcell" className="jp-TracksideRow-when">
        <time title={moment(created)}>{ago(created, Math.max(now, created), trans)}</time>
      </span>
      <span role="gridcell" className="jp-TracksideRow-actions">
        <IconButton
          icon={runIcon}
          inRow
          label={trans.__('Run %1…', name)}
          onClick={() => void commands.execute(CommandIDs.runPipeline, { pipeline: id })}
        />
        <IconButton
          icon={launchIcon}
          inRow
          label={trans.__('Open %1', name)}
          onClick={() => void commands.execute(CommandIDs.openPipeline, { pipeline: id, name })}
        />
      </span>
    </>
  );
}

/** What a screen reader says about a pipeline. */
export function describePipeline({ name, description }: IPipeline): string {
  return [name, description].filter(Boolean).join(', ');
}
