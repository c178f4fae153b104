import {
  ILabShell,
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import {
  Clipboard,
  Dialog,
  InputDialog,
  type MainAreaWidget,
  showDialog
} from '@jupyterlab/apputils';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { copyIcon, editIcon } from '@jupyterlab/ui-components';

import { CommandIDs, DATA_MODEL, type IOpenModelArgs } from '../commands';
import type { ModelContent } from '../documents/model/widget';
import { act, attempt, tellLate } from '../components/notices';
import { newestVersion } from '../shared/board';
import { loadSnippet, modelUri } from '../shared/modelsnippet';
import { ITracksideModel } from '../tokens';
import { OpenDocuments } from './opened';
import { RUN_ARGS, Target } from './target';

/** The schema of the arguments of a command about a registered model. */
const MODEL_ARGS = {
  type: 'object',
  properties: {
    name: {
      type: 'string',
      description: 'The name of the model; the one under the menu if absent.'
    }
  }
} as const;

/** Opens registered models, registers them, and what else can be done with one. */
export const modelsPlugin: JupyterFrontEndPlugin<void> = {
  id: 'trackside:models',
  description: 'Opens registered models as documents, and registers the models of runs.',
  autoStart: true,
  requires: [IRenderMimeRegistry, ITracksideModel],
  optional: [ILabShell, ILayoutRestorer],
  activate: (
    app: JupyterFrontEnd,
    rendermime: IRenderMimeRegistry,
    tracks: ITracksideModel,
    labShell: ILabShell | null,
    restorer: ILayoutRestorer | null
  ): void => {
    const { commands } = app;
    const { trans, registryApi } = tracks;
    const target = new Target(app, tracks);
    const documents = new OpenDocuments<ModelContent>(app, labShell, restorer, {
      namespace: 'trackside-model',
      command: CommandIDs.openModel,
      trans,
      keyOf: ({ document }) => document.name,
      argsOf: ({ document }) => document.openArgs
    });
    const nameOf = (args: Record<string, unknown>): string | undefined =>
      target.named(args.name, DATA_MODEL);
    const isEnabled = (args: Record<string, unknown>): boolean => nameOf(args) !== undefined;

    const create = async (args: IOpenModelArgs): Promise<MainAreaWidget<ModelContent>> => {
      const { createModelDocument, ModelDocument } = await import('../documents/model');
      const document = new ModelDocument(tracks, args);
      const widget = createModelDocument({ document, commands, rendermime });
      document.changed.connect(() => documents.save(widget));
      return widget;
    };
    commands.addCommand(CommandIDs.openModel, {
      label: trans.__('Open Model'),
      caption: trans.__('Open the registered model in the main area'),
      describedBy: {
        args: {
          ...MODEL_ARGS,
          properties: {
            ...MODEL_ARGS.properties,
            version: { type: 'string', description: 'The version to show.' }
          }
        }
      },
      isEnabled,
      execute: async args => {
        const name = nameOf(args);
        if (name === undefined) {
          return undefined;
        }
        const version = args.version === undefined ? undefined : String(args.version);
        return documents.open(
          name,
          () => create({ name, version }),
          ({ document }) => version !== undefined && document.choose(version)
        );
      }
    });

    commands.addCommand(CommandIDs.registerModel, {
      label: trans.__('Register Model…'),
      caption: trans.__('Register a model that the run logged'),
      describedBy: { args: RUN_ARGS },
      isEnabled: args => target.runId(args) !== undefined,
      execute: async args => {
        const run = target.runId(args);
        if (run === undefined) {
          return undefined;
        }
        const { openRegisterDialog } = await import('../documents/model/register/dialog');
        const answer = await attempt(trans, () => openRegisterDialog(tracks, run));
        await tracks.refresh();
        if (!answer) {
          return undefined;
        }
        const { name, version } = answer.outcome;
        const show = () => commands.execute(CommandIDs.openModel, { name, version });
        if (!answer.isLate) {
          return show();
        }
        tellLate(
          trans,
          trans.__(
            '%1 was registered as version %2: that was on its way when the form was closed.',
            name,
            version
          ),
          show
        );
        return undefined;
      }
    });

    commands.addCommand(CommandIDs.copyModelSnippet, {
      label: trans.__('Copy Code that Loads It'),
      caption: trans.__('Copy the Python that loads the model'),
      icon: copyIcon,
      describedBy: { args: MODEL_ARGS },
      isEnabled,
      execute: args =>
        act(tracks, async () => {
          const { name, aliases, latest_versions } = await registryApi.model(nameOf(args)!);
          const names = aliases.map(({ alias }) => alias);
          Clipboard.copyToSystem(
            loadSnippet(modelUri(name, newestVersion(latest_versions), names))
          );
        })
    });

    commands.addCommand(CommandIDs.renameModel, {
      label: trans.__('Rename Model…'),
      caption: trans.__('Give the registered model another name'),
      icon: editIcon,
      describedBy: { args: MODEL_ARGS },
      isEnabled,
      execute: async args => {
        const name = nameOf(args)!;
        const { value } = await InputDialog.getText({
          title: trans.__('Rename model'),
          text: name,
          okLabel: trans.__('Rename')
        });
        const wanted = value?.trim();
        if (wanted && wanted !== name) {
          await act(tracks, async () => {
            const shown = documents.find(name);
            await (shown
              ? shown.content.document.rename(wanted)
              : registryApi.rename(name, wanted));
          });
        }
      }
    });

    commands.addCommand(CommandIDs.deleteModel, {
      label: trans.__('Delete Model…'),
      caption: trans.__('Delete the registered model with its versions; the runs stay'),
      describedBy: { args: MODEL_ARGS },
      isEnabled,
      execute: async args => {
        const name = nameOf(args)!;
        const { button } = await showDialog({
          title: trans.__('Delete model %1?', name),
          body: trans.__(
            'All its versions and aliases are deleted, and who loads it gets nothing. There is no way back. The runs and their files stay, and so does the history.'
          ),
          buttons: [
            Dialog.cancelButton({ label: trans.__('Cancel') }),
            Dialog.warnButton({ label: trans.__('Delete for Ever') })
          ]
        });
        if (button.accept) {
          await act(tracks, async () => {
            await registryApi.remove(name);
            documents.find(name)?.dispose();
          });
        }
      }
    });
  }
};
