import type { MainAreaWidget } from '@jupyterlab/apputils';
import * as React from 'react';

import { DocumentContent, type IDocumentTitle, inMainArea } from '../../components/DocumentContent';
import type { IModelContext } from './context';
import { modelIcon } from './icon';
import { ModelView } from './ModelView';

/** What stands in the main area. */
export class ModelContent extends DocumentContent<IModelContext['document']> {
  constructor(private readonly context: IModelContext) {
    super(context.document, { icon: modelIcon, className: 'jp-TracksideModel' });
  }

  protected titles({ name, tracks }: IModelContext['document']): IDocumentTitle {
    return { label: name, caption: tracks.trans.__('Model %1', name) };
  }

  protected view(): JSX.Element {
    return <ModelView {...this.context} />;
  }
}

/** The document of a model, as it is added to the shell. */
export function createModelDocument(context: IModelContext): MainAreaWidget<ModelContent> {
  return inMainArea(new ModelContent(context));
}
