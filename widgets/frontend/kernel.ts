import * as React from 'react';
import { createRoot } from 'react-dom/client';

import { english } from '../../labextension/src/shared/trans';
import { TransContext, useTrans } from '../../labextension/src/shared/trans-context';
import { translator } from './translation';

/** The part of anywidget's model that is used here. */
export interface IModel<T extends object> {
  get<K extends keyof T>(name: K): T[K];
  set<K extends keyof T>(name: K, value: T[K]): void;
  save_changes(): void;
  on(event: string, callback: (...args: never[]) => void): void;
  off(event: string, callback: (...args: never[]) => void): void;
  send(content: object): void;
}

/** The traits as they are now; a new object whenever one changed. */
export function useTraits<T extends object>(model: IModel<T>, names: readonly (keyof T)[]): T {
  const read = (): T => Object.fromEntries(names.map(name => [name, model.get(name)])) as T;
  const [traits, setTraits] = React.useState(read);
  React.useEffect(() => {
    const update = (): void => setTraits(read());
    model.on('change', update);
    update();
    return () => model.off('change', update);
  }, [model]);
  return traits;
}

/** Tell the kernel that somebody chose something. */
export function choose<T extends object>(model: IModel<T>, choice: Partial<T>): void {
  for (const name of Object.keys(choice) as (keyof T)[]) {
    model.set(name, choice[name] as T[keyof T]);
  }
  model.save_changes();
}

/** How long an answer is waited for before that is said. */
const PATIENCE = 10_000;

/** Questions to the kernel, which answers when it is not busy. */
export class Questions {
  constructor(private readonly model: Pick<IModel<object>, 'on' | 'off' | 'send'>) {
    model.on('msg:custom', this.onMessage);
  }

  /** Called when the kernel falls silent, and when it answers again. */
  onSilence: (isSilent: boolean) => void = () => undefined;

  /** Ask; resolves with the answer, however late it comes. */
  ask<A>(name: string, question: object = {}): Promise<A> {
    this.last += 1;
    const id = `${this.view}-${this.last}`;
    return new Promise(resolve => {
      this.open.set(id, resolve as (answer: object) => void);
      this.timer ??= setTimeout(() => this.onSilence(true), PATIENCE);
      this.model.send({ ask: name, id, ...question });
    });
  }

  dispose(): void {
    this.model.off('msg:custom', this.onMessage);
    this.open.clear();
    clearTimeout(this.timer);
  }

  private readonly onMessage = (content: { id?: string }): void => {
    const resolve = content.id === undefined ? undefined : this.open.get(content.id);
    if (resolve && content.id !== undefined) {
      this.open.delete(content.id);
      clearTimeout(this.timer);
      this.timer = this.open.size ? setTimeout(() => this.onSilence(true), PATIENCE) : undefined;
      this.onSilence(false);
      resolve(content);
    }
  };

  // What the kernel answers goes to all views of a widget: each knows its own questions.
  private readonly view = Math.random().toString(36).slice(2);
  private last = 0;
  private readonly open = new Map<string, (answer: object) => void>();
  private timer: ReturnType<typeof setTimeout> | undefined;
}

/** The questions of a view, as long as it is drawn. */
export function useQuestions<T extends object>(model: IModel<T>): Questions {
  const [questions] = React.useState(() => new Questions(model));
  React.useEffect(() => () => questions.dispose(), [questions]);
  return questions;
}

/** What there is to say about a kernel that does not answer; nothing as long as it does. */
export function useSilence(questions: Questions): string {
  const trans = useTrans();
  const [isSilent, setSilent] = React.useState(false);
  React.useEffect(() => {
    questions.onSilence = setSilent;
    return () => {
      questions.onSilence = () => undefined;
    };
  }, [questions]);
  return isSilent
    ? trans.__(
        'The kernel does not answer. When it is busy, the answer comes later; when it was restarted, run the cell again.'
      )
    : '';
}

/** A view in the language of the page, and in English until that is there. */
function Translated(props: { children: React.ReactNode }): JSX.Element {
  const [trans, setTrans] = React.useState(english);
  // Before anything is painted, so that English is not seen once the language is known.
  React.useLayoutEffect(() => void translator().then(setTrans), []);
  return React.createElement(TransContext.Provider, { value: trans }, props.children);
}

/** What anywidget calls to draw a view: React into its element, until it is taken away. */
export function drawing<T extends object>(
  View: React.FunctionComponent<{ model: IModel<T> }>
): { render: (context: { model: IModel<T>; el: HTMLElement }) => () => void } {
  return {
    render: ({ model, el }) => {
      const root = createRoot(el);
      root.render(React.createElement(Translated, null, React.createElement(View, { model })));
      return () => root.unmount();
    }
  };
}
