import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

interface IProps {
  trans: TranslationBundle;
  children?: React.ReactNode;
}

interface IState {
  error: Error | null;
}

/** Keeps one broken view from blanking what is around it. */
export class ErrorBoundary extends React.Component<IProps, IState> {
  override state: IState = { error: null };

  static getDerivedStateFromError(error: Error): IState {
    return { error };
  }

  override render(): React.ReactNode {
    const { trans, children } = this.props;
    const { error } = this.state;
    if (!error) {
      return children;
    }
    return (
      <div className="jp-TracksideNotice jp-mod-alert" role="alert">
        <p>{trans.__('This view broke: %1', error.message)}</p>
        <button className="jp-TracksideLink" onClick={() => this.setState({ error: null })}>
          {trans.__('Show it again')}
        </button>
      </div>
    );
  }
}
