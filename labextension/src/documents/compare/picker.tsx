import { Dialog, ReactWidget } from '@jupyterlab/apputils';
import * as React from 'react';

import { FEWEST, MOST } from '../../api/compare';
import { explain } from '../../api/request';
import type { IRun } from '../../api/types';
import { ErrorBoundary } from '../../components/ErrorBoundary';
import { Skeleton } from '../../components/Skeleton';
import { ago, moment } from '../../shared/format';
import { StateIcon } from '../../shared/StateIcon';
import type { ITracksideModel } from '../../tokens';

/** How many runs are offered; others are found by their name. */
const OFFERED = 50;
const PAUSE = 250;

/** Ask which runs are compared; `null` when it was thought better of. */
export async function pickRuns(
  model: ITracksideModel,
  known: readonly string[]
): Promise<string[] | null> {
  const { trans } = model;
  const body = new PickerBody(model, known);
  // Disposed of at the end.
  const dialog = new Dialog<string[]>({
    title: trans.__('Compare runs'),
    body,
    buttons: [Dialog.cancelButton(), Dialog.okButton({ label: trans.__('Compare') })],
    focusNodeSelector: 'input'
  });
  dialog.addClass('jp-TracksidePickerDialog');
  const settle = (): void => {
    const button = dialog.node.querySelector<HTMLButtonElement>('.jp-mod-accept');
    if (button) {
      button.disabled = body.chosen.length < FEWEST;
    }
  };
  body.onChosen = settle;
  // Whatever is filled in, the dialog lets it be accepted.
  dialog.node.addEventListener('input', settle);
  try {
    const answer = dialog.launch();
    settle();
    const { button, value } = await answer;
    return button.accept && value && value.length >= FEWEST ? value : null;
  } finally {
    dialog.dispose();
  }
}

class PickerBody extends ReactWidget implements Dialog.IBodyWidget<string[]> {
  constructor(
    private readonly model: ITracksideModel,
    known: readonly string[]
  ) {
    super();
    this.chosen = [...known];
    this.addClass('jp-TracksidePicker');
  }

  chosen: string[];
  onChosen = (): void => undefined;

  getValue(): string[] {
    return this.chosen;
  }

  protected render(): JSX.Element {
    return (
      <ErrorBoundary trans={this.model.trans}>
        <Picker
          model={this.model}
          known={this.chosen}
          onChange={ids => {
            this.chosen = ids;
            this.onChosen();
          }}
        />
      </ErrorBoundary>
    );
  }
}

function Picker(props: {
  model: ITracksideModel;
  known: readonly string[];
  onChange: (ids: string[]) => void;
}): JSX.Element {
  const { model, onChange } = props;
  const { trans } = model;
  const [chosen, setChosen] = React.useState<readonly string[]>(props.known);
  const [query, setQuery] = React.useState('');
  const { runs, names, problem } = useRuns(model, query, props.known);
  const toggle = (id: string): void => {
    const next = chosen.includes(id) ? chosen.filter(one => one !== id) : [...chosen, id];
    setChosen(next);
    onChange([...next]);
  };
  const isFull = chosen.length >= MOST;
  const now = Date.now();
  return (
    <>
      <input
        type="search"
        className="jp-TracksideInput"
        placeholder={trans.__('Search by name')}
        aria-label={trans.__('Search runs by name')}
        value={query}
        onChange={event => setQuery(event.target.value)}
      />
      {problem && <p role="alert">{problem}</p>}
      {runs === null && !problem && <Skeleton rows={6} />}
      {runs?.length === 0 && <p>{trans.__('No run has such a name.')}</p>}
      <div className="jp-TracksidePicker-list" role="group" aria-label={trans.__('Runs')}>
        {runs?.map(({ info }) => {
          const isChosen = chosen.includes(info.run_id);
          return (
            <label key={info.run_id}>
              <input
                type="checkbox"
                checked={isChosen}
                disabled={isFull && !isChosen}
                onChange={() => toggle(info.run_id)}
              />
              <StateIcon state={info.status} labelled trans={trans} />
              <bdi title={info.run_name}>{info.run_name}</bdi>
              <span className="jp-TracksideCompare-dim">{names.get(info.experiment_id)}</span>
              <time className="jp-TracksideCompare-dim" title={moment(info.start_time)}>
                {ago(info.start_time, Math.max(now, info.start_time), trans)}
              </time>
            </label>
          );
        })}
      </div>
      <p className="jp-TracksideCompare-dim" role="status">
        {isFull
          ? trans.__('%1 runs are chosen: no more fit beside each other.', chosen.length)
          : chosen.length < FEWEST
            ? trans.__('Choose two runs or more.')
            : trans._n('%1 run is chosen.', '%1 runs are chosen.', chosen.length)}
      </p>
    </>
  );
}

/**
 * The newest runs with such a name: first those that are chosen already, then those of their
 * experiments, then all others.
 */
function useRuns(
  model: ITracksideModel,
  query: string,
  known: readonly string[]
): { runs: IRun[] | null; names: ReadonlyMap<string, string>; problem: string } {
  const [runs, setRuns] = React.useState<IRun[] | null>(null);
  const [names, setNames] = React.useState<ReadonlyMap<string, string>>(new Map());
  const [problem, setProblem] = React.useState('');
  React.useEffect(() => {
    const abort = new AbortController();
    const look = async (): Promise<void> => {
      const api = model.trackingApi;
      const [experiments, kept] = await Promise.all([
        api.experiments(abort.signal),
        Promise.all(known.map(id => api.run(id, abort.signal).catch(() => null)))
      ]);
      const chosen = kept.flatMap(run => run ?? []);
      const near = new Set(chosen.map(run => run.info.experiment_id));
      const ids = experiments.map(one => one.experiment_id);
      const pages = await Promise.all(
        [ids.filter(id => near.has(id)), ids.filter(id => !near.has(id))].map(experimentIds =>
          experimentIds.length === 0
            ? []
            : api
                .searchRuns(
                  {
                    experimentIds,
                    filter: filterOf(query),
                    orderBy: ['attributes.start_time DESC'],
                    maxResults: OFFERED
                  },
                  abort.signal
                )
                .then(page => page.runs)
        )
      );
      const found = [...(query ? [] : chosen), ...pages.flat()];
      setNames(new Map(experiments.map(one => [one.experiment_id, one.name])));
      setRuns([...new Map(found.map(run => [run.info.run_id, run])).values()].slice(0, OFFERED));
      setProblem('');
    };
    const timer = setTimeout(
      () =>
        void look().catch((error: unknown) => {
          if (!abort.signal.aborted) {
            setProblem(explain(error, model.trans));
          }
        }),
      query ? PAUSE : 0
    );
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [model, query]);
  return { runs, names, problem };
}

/** The filter that finds runs by a part of their name; quotes cannot stand in it. */
function filterOf(query: string): string | undefined {
  const text = query.trim().replace(/['"\\%]/g, '');
  return text ? `attributes.run_name ILIKE '%${text}%'` : undefined;
}
