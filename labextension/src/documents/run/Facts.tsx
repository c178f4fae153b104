import * as React from 'react';

import { CopyButton } from '../../components/CopyButton';
import type { ITracksideModel } from '../../tokens';

/** A section of the document, with a heading. */
export function Section(props: {
  title: string;
  aside?: React.ReactNode;
  children: React.ReactNode;
  frame?: React.Ref<HTMLElement>;
}): JSX.Element {
  const id = React.useId();
  return (
    <section ref={props.frame} className="jp-TracksideSection" aria-labelledby={id}>
      <header>
        <h2 id={id}>{props.title}</h2>
        {props.aside}
      </header>
      {props.children}
    </section>
  );
}

/** One fact: a name and what it is. */
export interface IFact {
  name: string;
  value: React.ReactNode;
  /** What is copied, when it is worth copying. */
  copy?: string;
}

/** What is left out. */
type Absent = null | undefined | false | '' | 0;

/** Names and values, aligned. */
export function Facts(props: {
  facts: readonly (IFact | Absent)[];
  trans: ITracksideModel['trans'];
}): JSX.Element {
  const { facts, trans } = props;
  return (
    <dl className="jp-TracksideFacts">
      {facts.filter(isFact).map(({ name, value, copy }) => (
        <div key={name}>
          <dt title={name}>{name}</dt>
          <dd>
            {value}
            {copy && <CopyButton text={copy} label={trans.__('Copy %1', name)} trans={trans} />}
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** Whether it is there: React would draw a 0, and a list of names and values holds no text. */
function isFact(fact: IFact | Absent): fact is IFact {
  return Boolean(fact);
}
