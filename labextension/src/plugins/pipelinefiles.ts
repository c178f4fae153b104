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

  /** The file that the arguments of a command mean: one that is asked for, where they name none. */
  async meant(args: Record<string, unknown>, title: string): Promise<string | undefined> {
    if (typeof args.path === 'string' && args.path) {
      return args.path;
    }
    return args.isMenu === true ? this.selected[0] : this.ask(title);
  }

  private async ask(title: string): Promise<string | undefined> {
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
