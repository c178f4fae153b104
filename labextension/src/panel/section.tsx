import { PanelWithToolbar, ReactWidget } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { ErrorBoundary } from '../components/ErrorBoundary';

/** What a section of the panel is made of. */
export interface ISectionOptions {
  /** The name by which its fold state is remembered. */
  id: string;
  label: string;
  /** What stands at the right of the title. */
  summary?: React.ReactElement;
  content: React.ReactElement;
  trans: TranslationBundle;
}

/** A section of the panel: a title, something small beside it, and React below. */
export function createSection(options: ISectionOptions): PanelWithToolbar {
  const { id, label, summary, content, trans } = options;
  const section = new PanelWithToolbar();
  section.id = `trackside-section-${id}`;
  section.addClass('jp-TracksideSide-section');
  section.title.label = label;
  if (summary) {
    const widget = ReactWidget.create(<ErrorBoundary trans={trans}>{summary}</ErrorBoundary>);
    widget.addClass('jp-TracksideSide-summary');
    section.toolbar.addItem('summary', widget);
  }
  const body = ReactWidget.create(<ErrorBoundary trans={trans}>{content}</ErrorBoundary>);
  body.addClass('jp-TracksideSide-body');
  section.addWidget(body);
  return section;
}
