import { readBeginning, toText } from '../run/artifacts/read';
import { useFetched } from '../run/hooks';
import { isGone } from '../../mime/live';
import { type IModelFile, MAX_MLMODEL, readModelFile } from './mlmodel';
import type { ModelDocument } from './model';

/** The longest input example that is shown; what is longer is cut. */
const MAX_EXAMPLE = 16 * 1024;

/** What the files of a version say. */
export interface IFound {
  file: IModelFile | null;
  example: { text: string; isWhole: boolean } | null;
  /** Where the files are, when this server does not lead there. */
  elsewhere: string;
  isLoading: boolean;
  error: unknown;
}

/** Read what the files of a version say about it. */
export function useModelFile(document: ModelDocument, version: string): IFound {
  const { registryApi, trackingApi } = document.tracks;
  const { name } = document;
  const { value, isLoading, error } = useFetched<Omit<IFound, 'isLoading' | 'error'>>(
    async signal => {
      const uri = await resolve(
        await registryApi.filesOf(name, version, signal),
        async run => (await trackingApi.run(run, signal)).info.artifact_uri
      );
      const read = async (path: string, limit: number) => {
        const response = await registryApi.file(uri, path, signal);
        if (!response) {
          return null;
        }
        const { bytes, isWhole } = await readBeginning(response, limit);
        const text = toText(bytes);
        return text === null ? null : { text, isWhole };
      };
      const found = await read('MLmodel', MAX_MLMODEL).catch(reason => {
        if (isGone(reason)) {
          return undefined;
        }
        throw reason;
      });
      if (!found) {
        return { file: null, example: null, elsewhere: found === null ? uri : '' };
      }
      const file = readModelFile(found.text);
      const path = file?.servingExample ?? file?.example;
      const example = path ? await read(path, MAX_EXAMPLE).catch(() => null) : null;
      return { file, example, elsewhere: '' };
    },
    [name, version]
  );
  return {
    file: value?.file ?? null,
    example: value?.example ?? null,
    elsewhere: value?.elsewhere ?? '',
    isLoading,
    error
  };
}

/** Lead an address that names a run to where the files of that run are. */
async function resolve(uri: string, rootOf: (run: string) => Promise<string>): Promise<string> {
  const found = /^runs:\/*([0-9a-f]+)\/?(.*)$/s.exec(uri);
  return found ? `${await rootOf(found[1])}/${found[2]}` : uri;
}
