import { caretDownIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { CommandIDs } from '../../commands';
import { PopoverButton, PopoverItem } from '../../components/Popover';
import type { ITableContext } from './context';

/** How many experiments are listed before one has to search. */
const LISTED = 100;

/** The title: the experiments that are shown, and the way to others. */
export function Chooser(props: ITableContext): JSX.Element {
  const { table } = props;
  const { trans } = table.tracks;
  return (
    <h1>
      <PopoverButton
        label={trans.__('Experiments: %1', table.title)}
        title={trans.__('Choose experiments')}
        className="jp-TracksideTable-title"
        face={
          <>
            <span>{table.title}</span>
            <caretDownIcon.react tag={null} width="16px" height="16px" aria-hidden />
          </>
        }
      >
        {close => <Choice {...props} onClose={close} />}
      </PopoverButton>
    </h1>
  );
}

function Choice(props: ITableContext & { onClose: () => void }): JSX.Element {
  const { table, commands, onClose } = props;
  const { trans } = table.tracks;
  const [search, setSearch] = React.useState('');
  const [chosen, setChosen] = React.useState<readonly string[]>(table.experimentIds);
  const words = search.trim().toLowerCase();
  const found = table.experiments.filter(({ name }) => name.toLowerCase().includes(words));
  const listed = words ? found : [...found].sort((a, b) => Number(isShown(b)) - Number(isShown(a)));
  function isShown({ experiment_id }: { experiment_id: string }): boolean {
    return table.experimentIds.includes(experiment_id);
  }
  const isOther = [...chosen].sort().join() !== [...table.experimentIds].sort().join();
  const open = (ids: readonly string[]): void => {
    onClose();
    props.onChoose(ids);
  };
  const only = table.experimentIds.length === 1 ? table.experimentIds[0] : null;
  const execute = (command: string): void => {
    onClose();
    void commands.execute(command, { experiment_id: only });
  };
  return (
    <div className="jp-TracksideTableMenu">
      <input
        type="search"
        data-first
        className="jp-TracksideInput"
        placeholder={trans.__('Find an experiment…')}
        aria-label={trans.__('Find an experiment')}
        value={search}
        onChange={event => setSearch(event.target.value)}
        onKeyDown={event => {
          if (event.key === 'Enter' && found.length) {
            open([found[0].experiment_id]);
          }
        }}
      />
      <div className="jp-TracksideTableMenu-list" role="group" aria-label={trans.__('Experiments')}>
        {listed.slice(0, LISTED).map(({ experiment_id: id, name }) => (
          <div key={id} className="jp-TracksideTableMenu-line">
            <input
              type="checkbox"
              aria-label={trans.__('Show %1 too', name)}
              checked={chosen.includes(id)}
              onChange={() =>
                setChosen(
                  chosen.includes(id) ? chosen.filter(other => other !== id) : [...chosen, id]
                )
              }
            />
            <button
              type="button"
              className="jp-TracksidePopover-item"
              title={name}
              onClick={() => open([id])}
            >
              <span>{name}</span>
            </button>
          </div>
        ))}
        {!found.length && <p>{trans.__('No experiment is called so.')}</p>}
        {listed.length > LISTED && (
          <p>{trans._n('and %1 more', 'and %1 more', listed.length - LISTED)}</p>
        )}
      </div>
      {isOther && chosen.length > 0 && (
        <button
          type="button"
          className="jp-TracksideAction jp-mod-strong"
          onClick={() => open(chosen)}
        >
          {trans._n('Open %1 experiment', 'Open %1 experiments', chosen.length)}
        </button>
      )}
      <hr />
      <PopoverItem
        label={trans.__('New experiment…')}
        onClick={() => execute(CommandIDs.createExperiment)}
      />
      {only && (
        <>
          <PopoverItem
            label={trans.__('Rename %1…', table.title)}
            onClick={() => execute(CommandIDs.renameExperiment)}
          />
          <PopoverItem
            label={trans.__('Delete %1', table.title)}
            onClick={() => execute(CommandIDs.deleteExperiment)}
          />
        </>
      )}
    </div>
  );
}
