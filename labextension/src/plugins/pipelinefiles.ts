import type { IFileBrowserFactory } from '@jupyterlab/filebrowser';

import { isPipelineFile } from '../paths';

/** Compiled pipelines among the files: those that are selected, and one that is asked for. */
export class PipelineFiles {
  constructor(private readonly browsers: IFileBrowserFactory | null) {}

  /** The paths of those that are selected in the file browser. */
  get selected(): string[] {
    return [...(this.browsers?.tracker.currentWidget?.selectedItems() ?? [])]
      .map(({ path }) => path)
      .filter(isPipelineFile);
  }

  /** Ask for a file. */
  async ask(title: string): Promise<string | undefined> {
    const manager = this.browsers?.tracker.currentWidget?.model.manager;
    if (!manager) {
      return undefined;
    }
    const { FileDialog } = await import('@jupyterlab/filebrowser');
    const { value } = await FileDialog.getOpenFiles({
      manager,
      title,
      filter: ({ type, path }) => (type === 'directory' || isPipelineFile(path) ? {} : null)
    });
    return value?.map(({ path }) => path).find(isPipelineFile);
  }
}
