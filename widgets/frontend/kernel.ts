import * as React from 'react';
import { createRoot } from 'react-dom/client';

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

/** Questions to the kernel, which answers when it is not busy. */
export class Questions {
  constructor(private readonly model: Pick<IModel<object>, 'on' | 'off' | 'send'>) {
    model.on('msg:custom', this.onMessage);
  }

  /** Ask; resolves with the answer. */
  ask<A>(name: string, question: object = {}): Promise<A> {
    this.last += 1;
    const id = this.last;
    return new Promise(resolve => {
      this.open.set(id, resolve as (answer: object) => void);
      this.model.send({ ask: name, id, ...question });
    });
  }

  dispose(): void {
    this.model.off('msg:custom', this.onMessage);
    this.open.clear();
  }

  private readonly onMessage = (content: { id?: number }): void => {
    const resolve = content.id === undefined ? undefined : this.open.get(content.id);
    if (resolve && content.id !== undefined) {
      this.open.delete(content.id);
      resolve(content);
    }
  };

  private last = 0;
  private readonly open = new Map<number, (answer: object) => void>();
}

/** The questions of a view, as long as it is drawn. */
export function useQuestions<T extends object>(model: IModel<T>): Questions {
  const [questions] = React.useState(() => new Questions(model));
  React.useEffect(() => () => questions.dispose(), [questions]);
  return questions;
}

/** What anywidget calls to draw a view: React into its element, until it is taken away. */
export function drawing<T extends object>(
  View: React.FunctionComponent<{ model: IModel<T> }>
): { render: (context: { model: IModel<T>; el: HTMLElement }) => () => void } {
  return {
    render: ({ model, el }) => {
      const root = createRoot(el);
      root.render(React.createElement(View, { model }));
      return () => root.unmount();
    }
  };
}
