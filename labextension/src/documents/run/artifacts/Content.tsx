import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { MAX_COLUMNS, MAX_ROWS, readCsv } from './csv';
import { languageOf, mediaType, shownName, type PreviewKind } from './kinds';
import { NotebookPreview } from './NotebookPreview';
import { Note } from './Note';
import { toText } from './read';
import { Code, Rendered } from './Rendered';
import { Sheet } from './Sheet';

/** The bytes of a file, drawn. Nothing in them is ever run. */
export function Content(props: {
  rendermime: IRenderMimeRegistry;
  trans: TranslationBundle;
  path: string;
  kind: PreviewKind;
  bytes: Uint8Array<ArrayBuffer>;
  isWhole: boolean;
}): JSX.Element {
  const { rendermime, trans, path, kind, bytes, isWhole } = props;
  const name = shownName(path.split('/').pop() ?? '');
  const isMedia = kind === 'image' || kind === 'audio';
  const text = React.useMemo(() => (isMedia ? '' : toText(bytes)), [isMedia, bytes]);
  if (isMedia) {
    return <Media bytes={bytes} type={mediaType(path)} name={name} />;
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
          language={kind === 'json' ? 'json' : languageOf(path)}
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

function Table(props: {
  trans: TranslationBundle;
  text: string;
  separator: string;
  isWhole: boolean;
  path: string;
}): JSX.Element {
  const { trans, text, separator, isWhole, path } = props;
  const table = React.useMemo(() => readCsv(text, separator, isWhole), [text, separator, isWhole]);
  return (
    <>
      <Sheet table={table} label={shownName(path)} />
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
