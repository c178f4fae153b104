import * as React from 'react';

import { CopyButton } from '../../components/CopyButton';
import type { ISpecTask } from '../../pipelines/ir';
import { plain } from '../../pipelines/naming';
import { childPath, drawnAs, scopeOf } from '../../pipelines/paths';
import type { ITask } from '../../pipelines/tasks';
import { useTrans } from '../../shared/trans-context';
import { shownName } from '../run/artifacts/kinds';
import { Section } from '../run/Facts';
import type { IPipelineContext } from './context';
import { OpenInKfp } from './OpenInKfp';
import { titleOf } from './titles';

/** Values that are longer are cut until somebody wants all of them. */
const LONG = 160;

/** One line: a name, a value, and the task that it came from. */
interface ILine {
  name: string;
  value: string;
  producer: string;
}

/** The tasks that values come from. */
interface IProducers {
  titleOf(producer: string): string;
  open(producer: string): void;
}

/** The parameters of a task, or where they are going to come from. */
export function Values(
  props: IPipelineContext & { task: ITask | undefined; compiled: ISpecTask | null }
): JSX.Element {
  const { document, task, compiled } = props;
  const trans = useTrans();
  const lines = (part: ITask['inputs']): ILine[] =>
    part.parameters.map(one => ({
      name: plain(one.key),
      value: asText(one.value),
      producer: one.producer
    }));
  const inputs: ILine[] = task?.inputs.parameters.length
    ? lines(task.inputs)
    : task
      ? []
      : (compiled?.links ?? []).map(link => ({
          name: plain(link.input),
          value: '',
          producer: link.from
        }));
  const hasImage =
    !compiled?.isPython || document.place === 'kfp' || document.run?.on === 'cluster';
  const outputs = task ? lines(task.outputs) : [];
  // A repetition takes from beside its loop.
  const pathOf = (producer: string): string =>
    childPath(scopeOf(drawnAs(document.subject)), producer);
  const from: IProducers = {
    titleOf: producer => titleOf(document, pathOf(producer)),
    open: producer => document.reveal(pathOf(producer))
  };
  if (task && document.isSilent) {
    return <Silence {...props} task={task} from={from} />;
  }
  return (
    <>
      <Section title={document.subject ? trans.__('Inputs') : trans.__('Arguments')}>
        <Lines lines={inputs} none={trans.__('No parameters.')} from={from} />
      </Section>
      <Section title={trans.__('Outputs')}>
        <Lines lines={outputs} none={trans.__('No values.')} from={from} />
      </Section>
      {compiled?.image && (
        <Section title={hasImage ? trans.__('Image') : trans.__('Image, on a cluster')}>
          <code className="jp-TracksideSide-image">{compiled.image}</code>
        </Section>
      )}
    </>
  );
}

/** What stands there where the server tells of no values: what is known without it. */
function Silence(props: IPipelineContext & { task: ITask; from: IProducers }): JSX.Element {
  const { document, task, from } = props;
  const trans = useTrans();
  const given = document.subject ? [] : Object.entries(document.run?.arguments ?? {});
  return (
    <>
      {given.length > 0 && (
        <Section title={trans.__('Arguments')}>
          <Lines
            lines={given.map(([name, value]) => ({ name, value: asText(value), producer: '' }))}
            none=""
            from={from}
          />
        </Section>
      )}
      <p className="jp-TracksideDoc-note">
        {trans.__('KFP does not tell values of this run.')}{' '}
        <OpenInKfp url={task.url || document.run?.kfp_url || ''} />
      </p>
    </>
  );
}

function Lines(props: { lines: readonly ILine[]; none: string; from: IProducers }): JSX.Element {
  const { lines, none, from } = props;
  const trans = useTrans();
  return lines.length ? (
    <dl className="jp-TracksideValues">
      {lines.map(({ name, value, producer }) => (
        <div key={name}>
          <dt title={name}>{shownName(name)}</dt>
          <dd>
            {value && <LongValue text={value} />}
            {producer && (
              <button
                type="button"
                className="jp-TracksideLink"
                onClick={() => from.open(producer)}
                title={trans.__('Show the task that it comes from')}
              >
                {trans.__('from %1', from.titleOf(producer))}
              </button>
            )}
          </dd>
        </div>
      ))}
    </dl>
  ) : (
    <p className="jp-TracksideDoc-note">{none}</p>
  );
}

function LongValue(props: { text: string }): JSX.Element {
  const { text } = props;
  const trans = useTrans();
  const [isWhole, setWhole] = React.useState(false);
  return (
    <>
      <code>{isWhole || text.length <= LONG ? text : `${text.slice(0, LONG)}…`}</code>
      {text.length > LONG && !isWhole && (
        <button type="button" className="jp-TracksideLink" onClick={() => setWhole(true)}>
          {trans.__('Show all')}
        </button>
      )}
      <CopyButton text={text} label={trans.__('Copy the value')} trans={trans} />
    </>
  );
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value);
}
