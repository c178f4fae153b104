import type { CommandRegistry } from '@lumino/commands';
import * as React from 'react';

import type { IRegisteredModel } from '../../api/registrytypes';
import { CommandIDs, DATA_MODEL } from '../../commands';
import { EmptyState } from '../../components/EmptyState';
import { useRefresh, useSignal, useSteady } from '../../components/hooks';
import { Skeleton } from '../../components/Skeleton';
import { VirtualList } from '../../components/VirtualList';
import { outsideOf } from '../../models/outside';
import type { RegistryModel } from '../../models/registry';
import { Away } from '../Away';
import { FilterBox } from '../FilterBox';
import { describeModel, ModelRow } from './ModelRow';

const ERROR_ID = 'jp-trackside-models-error';

const EXAMPLE = `mlflow.sklearn.log_model(
    model, name="model",
    registered_model_name="digits")`;

/** From how many models on there is something to look for. */
const MANY = 6;

/** How often an outside server, which tells of nothing, is asked while its models are in view. */
const EVERY = 15_000;

/** The registered models, one line each. */
export function ModelsView(props: {
  registry: RegistryModel;
  commands: CommandRegistry;
}): React.ReactElement {
  const { registry, commands } = props;
  const { model, models, error, filter } = registry;
  const { trans } = model;
  useSignal(registry.changed);
  useSignal(model.connectionChanged);
  useSignal(model.infoChanged);
  const [held, setHeld] = React.useState(false);
  const items = useSteady(models, keyOf, held && !registry.isLoading);
  const outside = outsideOf(model.info);
  const frame = useRefresh<HTMLDivElement>(outside ? EVERY : null, () => registry.refresh());
  const { state } = model.connection;
  const isAway = outside?.state === 'unreachable' || outside?.state === 'refused';
  const isOk = state === 'ok' && !isAway;

  if (!isOk && state !== 'connecting' && models.length === 0) {
    return <Away trans={trans} />;
  }
  return (
    <div ref={frame} className="jp-TracksideModels">
      {(models.length > MANY || filter) && (
        <div className="jp-TracksideRuns-bar">
          <FilterBox
            value={filter}
            onChange={text => {
              registry.filter = text;
            }}
            errorId={error && isOk ? ERROR_ID : undefined}
            label={trans.__('Filter models')}
            hint={trans.__(
              'A part of the name, or MLflow’s grammar: name ILIKE "%digits%" and tags.team = "vision"'
            )}
            trans={trans}
          />
        </div>
      )}
      {error && isOk && (
        <p id={ERROR_ID} className="jp-TracksideNotice jp-mod-alert" role="alert">
          {error}
        </p>
      )}
      {items.length > 0 ? (
        <VirtualList
          label={trans.__('Models')}
          items={items}
          keyOf={keyOf}
          describe={item => describeModel(item, trans)}
          renderRow={item => <ModelRow model={item} commands={commands} trans={trans} />}
          attributes={({ name }) => ({ [DATA_MODEL]: name })}
          onOpen={({ name }) => void commands.execute(CommandIDs.openModel, { name })}
          onEnd={() => void registry.loadMore()}
          onHeld={setHeld}
        />
      ) : registry.isLoading ? (
        <Skeleton rows={3} />
      ) : error ? null : filter ? (
        <EmptyState trans={trans} sentence={trans.__('No model matches the filter.')}>
          <button
            className="jp-TracksideLink"
            onClick={() => {
              registry.filter = '';
            }}
          >
            {trans.__('Clear the filter')}
          </button>
        </EmptyState>
      ) : (
        <EmptyState
          trans={trans}
          sentence={trans.__(
            'No models yet. Register one from the menu of a run, or as it is logged:'
          )}
          code={EXAMPLE}
        />
      )}
    </div>
  );
}

function keyOf({ name }: IRegisteredModel): string {
  return name;
}
