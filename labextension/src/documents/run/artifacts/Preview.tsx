import * as React from 'react';

import { explain } from '../../../api/request';
import type { IArtifact } from '../../../api/types';
import { useAfter } from '../../../components/hooks';
import { size } from '../../../shared/format';
import type { IRunContext } from '../context';
import { useFetched } from '../hooks';
import { Content } from './Content';
import { kindOf, LIMITS, type PreviewKind } from './kinds';
import { Note } from './Note';
import { ParquetPreview } from './ParquetPreview';
import { readBeginning } from './read';

/** Kinds of which a part is of no use. */
const WHOLE_ONLY: readonly PreviewKind[] = ['image', 'audio', 'html', 'notebook', 'json'];

/** What an artifact looks like. Nothing in it is ever run. */
export function Preview(props: IRunContext & { file: IArtifact }): JSX.Element {
  return kindOf(props.file.path) === 'parquet' ? (
    <ParquetPreview run={props.run} file={props.file} />
  ) : (
    <FetchedPreview {...props} />
  );
}

function FetchedPreview(props: IRunContext & { file: IArtifact }): JSX.Element {
  const { run: document, file } = props;
  const { trans, trackingApi } = document.tracks;
  const kind = kindOf(file.path);
  const limit = LIMITS[kind];
  const isTooLarge = WHOLE_ONLY.includes(kind) && (file.file_size ?? 0) > limit;
  const isSkipped = kind === 'none' || isTooLarge;
  const { value, error, isLoading } = useFetched(
    async signal =>
      isSkipped
        ? null
        : readBeginning(await trackingApi.artifact(document.run!.info, file.path, signal), limit),
    [document.runId, file.path, isSkipped, document.run?.info.artifact_uri]
  );
  const isLate = useAfter(isLoading);
  if (error) {
    return <Note text={explain(error, trans)} />;
  }
  if (isSkipped) {
    return (
      <Note
        text={
          isTooLarge
            ? trans.__(
                '%1 is too much to show here. Download it to look at it.',
                size(file.file_size ?? 0)
              )
            : trans.__('There is no preview for this kind of file.')
        }
      />
    );
  }
  if (isLoading || !value) {
    return isLate ? <Note text={trans.__('Loading')} /> : <></>;
  }
  const { bytes, isWhole } = value;
  return (
    <>
      <Content
        rendermime={props.rendermime}
        trans={trans}
        path={file.path}
        kind={kind}
        bytes={bytes}
        isWhole={isWhole}
      />
      {!isWhole && kind !== 'table' && (
        <Note
          text={trans.__(
            'The first %1 of %2.',
            size(bytes.length),
            size(file.file_size ?? bytes.length)
          )}
        />
      )}
    </>
  );
}
