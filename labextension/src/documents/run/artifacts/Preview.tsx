import * as React from 'react';

import { explain } from '../../../api/request';
import type { IArtifact } from '../../../api/types';
import { useAfter } from '../../../components/hooks';
import { size } from '../../../shared/format';
import type { IRunContext } from '../context';
import { useFetched } from '../hooks';
import { MAX_COLUMNS, MAX_ROWS, readCsv } from './csv';
import { kindOf, languageOf, LIMITS, mediaType, shownName, type PreviewKind } from './kinds';
import { NotebookPreview } from './NotebookPreview';
import { Note } from './Note';
import { ParquetPreview } from './ParquetPreview';
import { readBeginning, toText } from './read';
import { Code, Rendered } from './Rendered';
import { Sheet } from './Sheet';

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
      <Content {...props} kind={kind} bytes={bytes} isWhole={isWhole} />
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

function Content(
  props: IRunContext & {
    file: IArtifact;
    kind: PreviewKind;
    bytes: Uint8Array<ArrayBuffer>;
    isWhole: boolean;
  }
): JSX.Element {
  const { run: document, rendermime, file, kind, bytes, isWhole } = props;
  const { trans } = document.tracks;
  const name = shownName(file.path.split('/').pop() ?? '');
  const isMedia = kind === 'image' || kind === 'audio';
  const text = React.useMemo(() => (isMedia ? '' : toText(bytes)), [isMedia, bytes]);
  if (isMedia) {
    return <Media bytes={bytes} type={mediaType(file.path)} name={name} />;
  }
  if (text === null) {
    return <Note text={trans.__('There is no preview for this kind of file.')} />;
  }
  switch (kind) {
    case 'table':
      return <Table {...props} text={text} separator={/\.tsv$/i.test(name) ? '\t' : ','} />;
    case 'markdown':
      return <Rendered rendermime={rendermime} data={{ 'text/markdown': text }} />;
    case 'html':
      return <Page html={text} name={name} />;
    case 'notebook':
      return <NotebookPreview rendermime={rendermime} text={text} trans={trans} />;
    default:
      return (
        <Code
          rendermime={rendermime}
          text={kind === 'json' && isWhole ? indented(text) : text}
          language={kind === 'json' ? 'json' : languageOf(file.path)}
          label={name}
        />
      );
  }
}

/** As an image an SVG runs no script and loads nothing. */
function Media(props: { bytes: Uint8Array<ArrayBuffer>; type: string; name: string }): JSX.Element {
  const { bytes, type, name } = props;
  const [url, setUrl] = React.useState('');
  React.useEffect(() => {
    const created = URL.createObjectURL(new Blob([bytes], { type }));
    setUrl(created);
    return () => URL.revokeObjectURL(created);
  }, [bytes, type]);
  if (!url) {
    return <></>;
  }
  return type.startsWith('audio/') ? (
    <audio className="jp-TracksideSound" src={url} controls aria-label={name} />
  ) : (
    <img className="jp-TracksidePicture" src={url} alt={name} />
  );
}

/** What a page may do: look, with what it brings along. */
const POLICY =
  "default-src 'none'; img-src data: blob:; media-src data:; font-src data:; style-src 'unsafe-inline'";

/** A page in a frame without scripts, without the origin of this page and without the network. */
function Page(props: { html: string; name: string }): JSX.Element {
  const head = `<meta http-equiv="Content-Security-Policy" content="${POLICY}">`;
  return (
    <iframe
      className="jp-TracksideFrame"
      sandbox=""
      referrerPolicy="no-referrer"
      title={props.name}
      srcDoc={`<!doctype html>${head}${props.html}`}
    />
  );
}

function Table(
  props: IRunContext & { text: string; separator: string; isWhole: boolean; file: IArtifact }
): JSX.Element {
  const { text, separator, isWhole, file } = props;
  const { trans } = props.run.tracks;
  const table = React.useMemo(() => readCsv(text, separator, isWhole), [text, separator, isWhole]);
  return (
    <>
      <Sheet table={table} label={shownName(file.path)} />
      {table.isCut && (
        <Note text={trans.__('At most %1 rows and %2 columns are shown.', MAX_ROWS, MAX_COLUMNS)} />
      )}
    </>
  );
}

function indented(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
