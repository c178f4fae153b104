import * as React from 'react';

import { explain } from '../api/request';
import { Action } from '../shared/Action';
import type { ITracksideModel } from '../tokens';
import { saving } from './noteclash';

/** What edits a note in Markdown; what was changed elsewhere meanwhile is shown before it is lost. */
export function NoteEditor(props: {
  /** What it is, for screen readers. */
  label: string;
  /** What editing begins from. */
  text: string;
  /** Draws the preview; without it there is none. */
  draw?: (text: string) => React.ReactNode;
  /** Asks the server for the note as it is now. */
  read: () => Promise<string>;
  /** Saves the note, and shows it. */
  write: (text: string) => Promise<void>;
  /** Shows the note as the server has it. */
  refresh: () => Promise<void>;
  /** Called at the end, with what was written over if something was. */
  onClose: (before?: string) => void;
  trans: ITracksideModel['trans'];
}): JSX.Element {
  const { label, draw, read, write, refresh, onClose, trans } = props;
  const [began] = React.useState(props.text);
  const [mine, setMine] = React.useState(props.text);
  const [theirs, setTheirs] = React.useState<string | null>(null);
  const [isPreview, setPreview] = React.useState(false);
  const [problem, setProblem] = React.useState('');
  const isBusy = React.useRef(false);
  const area = React.useRef<HTMLTextAreaElement>(null);
  const isAsking = theirs !== null;
  React.useEffect(() => {
    if (!isAsking) {
      area.current?.focus();
    }
  }, [isPreview, isAsking]);

  const act = async (task: () => Promise<void>): Promise<void> => {
    if (isBusy.current) {
      return;
    }
    isBusy.current = true;
    try {
      await task();
    } catch (reason) {
      setProblem(explain(reason, trans));
    } finally {
      isBusy.current = false;
    }
  };
  const save = (known: string): Promise<void> =>
    act(async () => {
      setProblem('');
      const now = await read();
      const todo = saving(known, mine, now);
      if (todo === 'ask') {
        setTheirs(now);
      } else if (todo === 'write') {
        await write(mine);
        onClose(now);
      } else {
        await refresh();
        onClose();
      }
    });
  const take = (): Promise<void> =>
    act(async () => {
      await refresh();
      onClose();
    });
  const onKeyDown = (event: React.KeyboardEvent): void => {
    if (event.key === 'Escape') {
      event.stopPropagation();
      if (isAsking) {
        setTheirs(null);
      } else {
        onClose();
      }
    } else if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      event.stopPropagation();
      void save(began);
    }
  };
  return (
    <div className="jp-TracksideNoteEditor" onKeyDown={onKeyDown}>
      {isPreview && draw ? (
        draw(mine)
      ) : (
        <textarea
          ref={area}
          className="jp-TracksideInput"
          rows={Math.min(16, Math.max(6, mine.split('\n').length + 1))}
          value={mine}
          aria-label={label}
          placeholder={trans.__('Markdown')}
          onChange={event => setMine(event.target.value)}
        />
      )}
      {theirs !== null ? (
        <Clash theirs={theirs} onKeep={() => save(theirs)} onTake={take} trans={trans} />
      ) : (
        <div>
          <Action
            label={trans.__('Save')}
            title={trans.__('Ctrl+Enter')}
            strong
            onClick={() => save(began)}
          />
          {draw && (
            <Action
              label={trans.__('Preview')}
              pressed={isPreview}
              onClick={() => setPreview(!isPreview)}
            />
          )}
          <Action label={trans.__('Cancel')} onClick={() => onClose()} />
        </div>
      )}
      {problem && (
        <p className="jp-TracksideNotice jp-mod-alert" role="alert">
          {problem}
        </p>
      )}
    </div>
  );
}

/** The question whose words are kept, with theirs to read and to copy from. */
function Clash(props: {
  theirs: string;
  onKeep: () => Promise<void>;
  onTake: () => Promise<void>;
  trans: ITracksideModel['trans'];
}): JSX.Element {
  const { theirs, onKeep, onTake, trans } = props;
  const id = React.useId();
  const frame = React.useRef<HTMLDivElement>(null);
  // The button that was pressed is gone, and with it the focus.
  React.useEffect(() => frame.current?.focus(), []);
  return (
    <div ref={frame} role="group" tabIndex={-1} aria-labelledby={id}>
      <p id={id} className="jp-TracksideNotice jp-mod-alert" role="alert">
        {trans.__('This note was changed meanwhile, in another tab or by somebody else.')}
      </p>
      <Action
        label={trans.__('Keep mine')}
        title={trans.__('Save what you wrote in the place of theirs')}
        strong
        onClick={onKeep}
      />
      <Action
        label={trans.__('Take theirs')}
        title={trans.__('Leave the note as it is on the server')}
        onClick={onTake}
      />
      {theirs ? (
        <pre className="jp-TracksideCode" tabIndex={0} aria-label={trans.__('Their note')}>
          {theirs}
        </pre>
      ) : (
        <p className="jp-TracksideDoc-note">{trans.__('They emptied it.')}</p>
      )}
    </div>
  );
}
