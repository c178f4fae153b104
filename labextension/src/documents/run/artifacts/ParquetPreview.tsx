import * as React from 'react';

import { ApiError, explain } from '../../../api/request';
import type { IArtifact } from '../../../api/types';
import { useAfter } from '../../../components/hooks';
import { count } from '../../../shared/format';
import { useFetched } from '../hooks';
import type { RunModel } from '../model';
import { shownName } from './kinds';
import { Note } from './Note';
import { PartsRefused, readParquet, remoteFile } from './parquet';
import { Sheet } from './Sheet';

/** The first rows of a Parquet file. */
export function ParquetPreview(props: { run: RunModel; file: IArtifact }): JSX.Element {
  const { run: document, file } = props;
  const { trans, trackingApi } = document.tracks;
  const { info } = document.run!;
  const { value, error, isLoading } = useFetched(
    signal =>
      readParquet(
        remoteFile(file.file_size ?? 0, (from, to) =>
          trackingApi.artifactPart(info, file.path, from, to, signal)
        )
      ),
    [document.runId, file.path, file.file_size, info.artifact_uri]
  );
  const isLate = useAfter(isLoading);
  if (error instanceof PartsRefused) {
    return (
      <Note text={trans.__('The server gives this file only whole. Download it to look at it.')} />
    );
  }
  if (error) {
    const isOfServer = error instanceof ApiError;
    return (
      <Note
        text={
          isOfServer
            ? explain(error, trans)
            : trans.__(
                'This file cannot be read here (%1). Download it to look at it.',
                String(error)
              )
        }
      />
    );
  }
  if (isLoading || !value) {
    return isLate ? <Note text={trans.__('Loading')} /> : <></>;
  }
  return (
    <>
      <Sheet table={value} label={shownName(file.path)} />
      <Note
        text={
          value.isCut
            ? trans.__(
                'The first %1 of %2 rows, %3 columns.',
                count(value.rows.length),
                count(value.total),
                value.header.length
              )
            : trans.__('%1 rows, %2 columns.', count(value.total), value.header.length)
        }
      />
    </>
  );
}
