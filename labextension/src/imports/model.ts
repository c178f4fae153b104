import type { TranslationBundle } from '@jupyterlab/translation';
import { type ISignal, Signal } from '@lumino/signaling';

import { ApiError, explain } from '../api/request';
import {
  type ArtifactsChoice,
  type IImport,
  type IImportRequest,
  type ImportsApi,
  isUnderWay
} from '../api/transfers';
import type { ISubmitted } from '../components/submitdialog';

const WAIT = 10;
const RETRY = 2000;

/** What the user has typed. */
export interface IImportForm {
  source: string;
  artifacts: ArtifactsChoice;
  artifactRoot: string;
  prefix: string;
  dryRun: boolean;
  token: string;
  username: string;
  password: string;
}

const EMPTY: IImportForm = {
  source: '',
  artifacts: 'copy',
  artifactRoot: '',
  prefix: '',
  dryRun: false,
  token: '',
  username: '',
  password: ''
};

/** Who one is, as the source asks for it. */
export type Door = 'none' | 'password' | 'account';

/** What the source of a form asks for. */
export function doorOf(source: string): Door {
  const text = source.trim().toLowerCase();
  if (text.startsWith('http://') || text.startsWith('https://')) {
    return 'account';
  }
  return /^postgres(ql)?(\+\w+)?:\/\//.test(text) ? 'password' : 'none';
}

/** What to send for a form. Secrets are sent only to what asks for them. */
export function toRequest(form: IImportForm): IImportRequest {
  const door = doorOf(form.source);
  const text = (value: string): string | undefined => value.trim() || undefined;
  return {
    source: form.source.trim(),
    artifacts: form.artifacts,
    artifact_root: text(form.artifactRoot),
    prefix: text(form.prefix),
    dry_run: form.dryRun,
    token: door === 'account' ? text(form.token) : undefined,
    username: door === 'account' ? text(form.username) : undefined,
    password: door === 'none' ? undefined : form.password || undefined
  };
}

/** An import as its dialog sees it. It goes on in the server when the dialog is closed. */
export class ImportModel implements ISubmitted<IImport> {
  constructor(
    private readonly api: ImportsApi,
    readonly trans: TranslationBundle,
    private readonly onEnd: () => void
  ) {}

  /** What the user has typed. */
  form: IImportForm = EMPTY;
  /** The import that is under way, or the last one of this dialog. */
  found: IImport | null = null;
  /** Why nothing could be begun. */
  error = '';
  /** Why what is under way could not be stopped. */
  stopError = '';

  readonly changed: ISignal<this, void> = new Signal<this, void>(this);

  /** Whether an import is under way. */
  get isBusy(): boolean {
    return this.isBeginning || (this.found !== null && isUnderWay(this.found));
  }

  /** Change what was typed. */
  setForm(change: Partial<IImportForm>): void {
    this.form = { ...this.form, ...change };
    this.error = '';
    this.emit();
  }

  /** Show what is under way already. */
  async join(): Promise<void> {
    try {
      const [newest] = await this.api.newest(this.stop.signal);
      if (newest && isUnderWay(newest) && !this.isBusy) {
        await this.follow(newest);
      }
    } catch {
      // What cannot be looked up is not shown; beginning an import says why.
    }
  }

  /**
   * Begin what the form says, and follow it to its end; the form stays open to show what comes. Gives what goes on
   * where the form was closed before that.
   */
  async submit(): Promise<IImport | null> {
    if (this.isBusy) {
      return null;
    }
    if (!this.form.source.trim()) {
      this.error = this.trans.__('Name a folder, a database or a server.');
      this.emit();
      return null;
    }
    this.isBeginning = true;
    this.error = '';
    this.emit();
    try {
      const begun = await this.api.begin(toRequest(this.form));
      this.isBeginning = false;
      await this.follow(begun);
      return this.isBusy ? begun : null;
    } catch (error) {
      this.error = explain(error, this.trans);
    } finally {
      this.isBeginning = false;
      this.emit();
    }
    return null;
  }

  /** Stop what is under way. */
  async cancel(): Promise<void> {
    if (this.found) {
      this.stopError = '';
      try {
        await this.api.cancel(this.found.id);
      } catch (error) {
        this.stopError = explain(error, this.trans);
        this.emit();
      }
    }
  }

  get isDisposed(): boolean {
    return this.stop.signal.aborted;
  }

  dispose(): void {
    this.stop.abort();
    Signal.clearData(this);
  }

  private async follow(begun: IImport): Promise<void> {
    this.found = begun;
    this.emit();
    while (this.found && !this.isDisposed) {
      try {
        this.found = await this.api.get(
          begun.id,
          isUnderWay(this.found) ? WAIT : 0,
          this.stop.signal
        );
        if (isUnderWay(this.found)) {
          this.emit();
          continue;
        }
        this.stopError = '';
        this.emit();
        this.onEnd();
        return;
      } catch (error) {
        if (this.isDisposed) {
          return;
        }
        if (!(error instanceof ApiError && error.isTemporary)) {
          throw error;
        }
        await new Promise(resolve => setTimeout(resolve, RETRY));
      }
    }
  }

  private emit(): void {
    if (!this.isDisposed) {
      (this.changed as Signal<this, void>).emit();
    }
  }

  private isBeginning = false;
  private readonly stop = new AbortController();
}
