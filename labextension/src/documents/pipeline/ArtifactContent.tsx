import * as React from 'react';

import type { ITaskArtifact } from '../../api/pipelinetypes';
import { explain } from '../../api/request';
import { useAfter } from '../../components/hooks';
import { size } from '../../shared/format';
import { Content } from '../run/artifacts/Content';
import { Note } from '../run/artifacts/Note';
import { readBeginning } from '../run/artifacts/read';
import { useFetched } from '../run/hooks';
import { guessKind, MOST_READ } from './guess';
import type { IPipelineContext } from './context';

/** What an artifact holds, looked at in place. */
export function ArtifactContent(
  props: IPipelineContext & { artifact: ITaskArtifact; type: string }
): JSX.Element {
  const { document, rendermime, artifact, type } = props;
  const { trans, pipelineRunsApi } = document.tracks;
  const { value, error, isLoading } = useFetched(
    async signal =>
      readBeginning(await pipelineRunsApi.artifact(artifact.artifact_id!, signal), MOST_READ),
    [artifact.artifact_id]
  );
  const isLate = useAfter(isLoading);
  const guess = React.useMemo(
    () => value && guessKind(type, artifact.uri ?? '', value.bytes, value.isWhole),
    [value, type, artifact.uri]
  );
  if (error) {
    return <Note text={explain(error, trans)} />;
  }
  if (!value || !guess) {
    return isLate ? <Note text={trans.__('Loading')} /> : <></>;
  }
  return (
    <div className="jp-TracksideArtifact-content">
      <Content
        rendermime={rendermime}
        trans={trans}
        path={guess.path}
        kind={guess.kind}
        bytes={value.bytes}
        isWhole={value.isWhole}
      />
      {!value.isWhole && guess.kind !== 'table' && (
        <Note text={trans.__('The first %1 are shown.', size(value.bytes.length))} />
      )}
    </div>
  );
}
